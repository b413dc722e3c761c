/** Stand-in for `docker`, for checks of whether an image could be built: buildx is installed and an engine responds. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SCRIPT = `#!/bin/sh
# Stand-in for docker: see stub-clouds/README.md.
case "$*" in
  --version) echo "Docker version 0.0.0-stub" ;;
  "buildx version") echo "github.com/docker/buildx v0.0.0-stub" ;;
  "version --format {{.Server.Version}}") echo 0.0.0-stub ;;
  *) echo "docker: the stand-in builds nothing: $*" >&2; exit 1 ;;
esac
`;

/** Writes it into a folder for PATH. */
export function installDocker(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "docker");
  writeFileSync(file, SCRIPT);
  chmodSync(file, 0o755);
}
