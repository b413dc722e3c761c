import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { BUILD_FLAGS, buildKey, cacheFolder, GO_MODULES, type GoTarget } from "./cache";
import { ToolError } from "../../lib/errors";
import { withLock } from "../../lib/lock";
import { BUILDS, type BuildName, type BuildStep } from "./pins";
import { elapsed, type Progress } from "../../lib/progress";
import { run } from "../../lib/process";

export interface Go extends GoTarget {
  readonly path: string;
}

/** Asks a Go what it is. */
export async function inspectGo(path: string): Promise<Go> {
  const { stdout } = await run(path, ["env", "GOVERSION", "GOOS", "GOARCH"]);
  const [version = "", os = "", arch = ""] = stdout.split("\n");
  return { path, version, os, arch };
}

/** The folder that a build fills. */
export const buildFolder = (name: BuildName, target: GoTarget): string =>
  join(cacheFolder(), `${name}-${buildKey(BUILDS[name], target)}`);

/** Steps that are still to do; links are the last act of a build, so a folder with all of them is whole. */
export function missingSteps(name: BuildName, target: GoTarget): readonly BuildStep[] {
  const folder = buildFolder(name, target);
  const { steps, links = {} } = BUILDS[name];
  return steps.filter(({ output }) =>
    [output, ...(links[output] ?? [])].some((file) => !existsSync(join(folder, file))),
  );
}

/** Minutes that the steps take with an empty Go cache, from the times measured on 2 cores. */
export function estimateMinutes(steps: readonly BuildStep[]): number {
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
  return Math.max(1, Math.round((seconds * 2) / Math.max(2, availableParallelism()) / 60));
}

/**
 * Builds what is missing of one folder. Safe to repeat and to race: a lock keeps a second run waiting, a
 * binary appears under its name only when it is whole, and Go's own cache remembers what was compiled.
 */
export async function build(name: BuildName, go: Go, progress: Progress): Promise<void> {
  const folder = buildFolder(name, go);
  for (const step of missingSteps(name, go)) {
    await progress.step(`${step.output} ${step.version}`, () =>
      withLock(
        `${folder}.lock`,
        ({ pid }) => progress.say(`\n${step.output} is being built by process ${pid}; waiting for it`),
        async () => {
          if (missingSteps(name, go).includes(step))
            await buildStep(step, folder, go, BUILDS[name].links?.[step.output]);
        },
      ),
    );
  }
}

async function buildStep(
  step: BuildStep,
  folder: string,
  go: Go,
  links: readonly string[] = [],
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const began = Date.now();
  const partial = join(folder, `.${step.output}.partial`);
  const variables = Object.entries(step.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  try {
    const { code, stderr } = await run(
      go.path,
      [
        "build",
        ...BUILD_FLAGS,
        ...(step.tags === undefined ? [] : [`-tags=${step.tags.join(",")}`]),
        `-ldflags=${["-s", "-w", ...variables].join(" ")}`,
        `-o=${partial}`,
        step.package,
      ],
      {
        cwd: join(GO_MODULES, step.module),
        env: {
          ...process.env,
          CGO_ENABLED: "0",
          GOFLAGS: "", // the user's own flags are not part of the key
          GOWORK: "off",
          GOGC: "400", // a fifth faster, for memory that a compiler may have
        },
      },
    );
    if (code !== 0) {
      throw new ToolError(
        `building ${step.output} ${step.version} failed after ${elapsed(began)}; what was compiled is kept, so a new run continues there.\n` +
          indent(stderr.trim().split("\n").slice(-20).join("\n")) +
          `\nRepeat it by hand: cd ${join(GO_MODULES, step.module)} && go build -o /dev/null ${step.package}`,
      );
    }
    renameSync(partial, join(folder, step.output));
    for (const link of links) {
      rmSync(join(folder, link), { force: true });
      symlinkSync(step.output, join(folder, link));
    }
  } finally {
    rmSync(partial, { force: true });
  }
}

const indent = (text: string): string => text.replace(/^/gm, "  ");
