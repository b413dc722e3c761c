import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { run } from "../../lib/process";
import { inspectGo } from "../../local/tools/build";
import { BUILD_FLAGS, buildKey, cacheFolder } from "../../local/tools/cache";
import { GO } from "../../local/tools/pins";
import { findUsable } from "../../local/tools/versions";

/** Some minutes on two idle cores; the machine may be busy. */
const BUILD_TIMEOUT = 90 * 60_000;

export interface Programs {
  /** With the programs, by the last parts of their packages' paths. */
  readonly folder: string;
  /** Where one of the module's dependencies is, with its files. */
  readonly dependency: (module: string) => Promise<string>;
}

/**
 * The real programs of a project, built by Go as the other tools are: once, into the same cache folder.
 *
 * @param module the folder here whose go.mod pins them
 * @param version for people
 * @returns the reason if they are not available
 */
export async function findPrograms(
  module: string,
  version: string,
  packages: readonly string[],
): Promise<Programs | string> {
  const go = await findUsable("go", GO);
  if (go === undefined) return `there is no Go to build ${module}`;
  const step = { module, package: packages.join(" "), output: module, version, seconds: 0 };
  const folder = join(
    cacheFolder(),
    `${module}-${buildKey({ steps: [step] }, await inspectGo(go), __dirname)}`,
  );
  const options = {
    cwd: join(__dirname, module),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOGC: "400" },
    timeout: BUILD_TIMEOUT,
  };
  const programs = {
    folder,
    dependency: async (name: string): Promise<string> => {
      const { code, stdout, stderr } = await run(go, ["list", "-m", "-f", "{{.Dir}}", name], options);
      if (code !== 0) throw new Error(`${name} cannot be found: ${stderr}`);
      return stdout.trim();
    },
  };
  if (existsSync(folder)) return programs;

  console.log(`      building ${module} ${version}, once: some minutes`);
  const partial = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const args = ["build", ...BUILD_FLAGS, "-ldflags=-s -w", `-o=${partial}/`, ...packages];
    const { code, stderr } = await run(go, args, options);
    if (code !== 0) return `${module} cannot be built: ${stderr.trim().split("\n").slice(-20).join("\n")}`;
    renameSync(partial, folder);
    return programs;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** The same, or skips the test with the reason. */
export async function programsOrSkip(
  test: Mocha.Context,
  ...wanted: Parameters<typeof findPrograms>
): Promise<Programs> {
  test.timeout(BUILD_TIMEOUT + 60_000);
  const found = await findPrograms(...wanted);
  if (typeof found !== "string") return found;
  console.log(`      skipped: ${found}`);
  return test.skip();
}

/** The folder of a published module, `<path>@<version>`, or why there is none. */
export async function goModule(module: string): Promise<string | Error> {
  const go = await findUsable("go", GO);
  if (go === undefined) return new Error(`there is no Go to download ${module}`);
  const { code, stdout, stderr } = await run(go, ["mod", "download", "-json", module], { cwd: tmpdir() });
  if (code !== 0) return new Error(`${module} cannot be downloaded: ${stderr.trim()}`);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
