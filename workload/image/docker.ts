import { spawnSync } from "node:child_process";
import type { Problem } from "../../config/problems";

/** In milliseconds; the engine may run on another machine. */
const ANSWER_WITHIN = 15_000;

/** The alternative if no image can be built here. */
const INSTEAD =
  "pulumi config set --path ralph:image.build false, and set image.repository and image.digest of an existing image";

/** What must work for an image to be built, each requiring the one before it. */
const CALLS = [
  {
    args: ["--version"],
    missing: "is true, but no docker is on PATH",
    fix: `https://docs.docker.com/engine/install/; or ${INSTEAD}`,
  },
  {
    args: ["buildx", "version"],
    missing: "is true, but docker has no buildx",
    fix: `https://docs.docker.com/build/install-buildx/; or ${INSTEAD}`,
  },
  {
    args: ["version", "--format", "{{.Server.Version}}"],
    missing: "is true, but no Docker engine answers",
    fix: `start it, or point DOCKER_HOST or docker context at one; or ${INSTEAD}`,
  },
] as const;

/** Why this machine cannot build an image, as far as Docker reports it without building one. */
export function dockerProblems(): Problem[] {
  const missing = CALLS.find(
    ({ args }) => spawnSync("docker", args, { stdio: "ignore", timeout: ANSWER_WITHIN }).status !== 0,
  );
  return missing === undefined ? [] : [{ key: "ralph:image.build", rule: missing.missing, fix: missing.fix }];
}
