import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";

import { withLock } from "../../../lib/lock";
import { run } from "../../../lib/process";
import { REPOSITORY } from "../../../lib/repository";
import { cacheFolder } from "../../../local/tools/cache";
import type { PackagedAgent } from "../../../runner/src/contract";

const LOCK = "package-lock.json";

/**
 * The folders of the real programs of these agents, for PATH, of the versions that the image has: each installed once by
 * npm from its lock file. If that is not possible, reports the reason and skips the test.
 */
export async function agentsOrSkip(
  test: Mocha.Context,
  ...names: readonly [PackagedAgent, ...PackagedAgent[]]
): Promise<string> {
  test.timeout(10 * 60_000);
  try {
    const folders = await Promise.all(names.map(programsOf));
    return folders.join(delimiter);
  } catch (error) {
    console.log(`      skipped: ${(error as Error).message}`);
    return test.skip();
  }
}

async function programsOf(name: PackagedAgent): Promise<string> {
  const source = join(REPOSITORY, "runner", "agents", name);
  const hash = createHash("sha256")
    .update(readFileSync(join(source, LOCK)))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cacheFolder(), `agent-${name}-${hash}`);
  await withLock(
    `${folder}.lock`,
    () => undefined,
    async () => {
      if (!existsSync(folder)) await install(source, folder);
    },
  );
  return join(folder, "node_modules", ".bin");
}

/** As the image's Dockerfile does. */
async function install(source: string, folder: string): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  for (const file of ["package.json", LOCK]) cpSync(join(source, file), join(partial, file));
  for (const args of [
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    ["run", "--if-present", "place"],
  ]) {
    const { code, stderr } = await run("npm", args, { cwd: partial });
    if (code !== 0) throw new Error(`npm ${args.join(" ")} failed: ${stderr.trim().slice(-500)}`);
  }
  renameSync(partial, folder);
}
