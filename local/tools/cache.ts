import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import type { Build, BuildName } from "./pins";

export const GO_MODULES = join(__dirname, "go");

/** Flags of every `go build` here: equal for all modules, so that they share Go's own build cache. */
export const BUILD_FLAGS = ["-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false"] as const;

/** What Go builds with and for. */
export interface GoTarget {
  readonly version: string;
  readonly os: string;
  readonly arch: string;
}

/** Built tools live outside the checkout: a second clone, or a clean one, finds them. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.RALPH_TOOLS_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ralph-kubernetes");
}

/** Whether a program is the outcome of that build, perhaps by way of a link (engine.ts makes such). */
export const isBuiltBy = (name: BuildName, program: string): boolean =>
  existsSync(cacheFolder()) &&
  existsSync(program) &&
  realpathSync(program).startsWith(join(realpathSync(cacheFolder()), `${name}-`));

/** Names one outcome of a build: any change of what goes into it gives another key. */
export function buildKey(build: Build, target: GoTarget, modules = GO_MODULES): string {
  const steps = build.steps.map((step) => ({ ...step, seconds: undefined })); // a measurement, not a pin
  const pins = { ...build, steps, flags: BUILD_FLAGS, target };
  const hash = createHash("sha256").update(JSON.stringify(pins));
  for (const { module } of steps) {
    const folder = join(modules, module);
    for (const file of readdirSync(folder).sort()) {
      hash.update(`\0${module}/${file}\0`).update(readFileSync(join(folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
