import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { withLock } from "../../../lib/lock";
import { run } from "../../../lib/process";
import { REPOSITORY } from "../../../lib/repository";
import { cacheFolder } from "../../../local/tools/cache";

const PACKAGE = join(REPOSITORY, "runner", "agents");
const LOCK = "package-lock.json";

/**
 * The folder of the real agents' programs, of the versions that the image has: installed once by npm from its lock file.
 * If that is not possible, reports the reason and skips the test.
 */
export async function agentsOrSkip(test: Mocha.Context): Promise<string> {
  test.timeout(10 * 60_000);
  const hash = createHash("sha256")
    .update(readFileSync(join(PACKAGE, LOCK)))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cacheFolder(), `agents-${hash}`);
  try {
    await withLock(
      `${folder}.lock`,
      () => undefined,
      async () => {
        if (!existsSync(folder)) await install(folder);
      },
    );
    return join(folder, "node_modules", ".bin");
  } catch (error) {
    console.log(`      skipped: ${(error as Error).message}`);
    return test.skip();
  }
}

/** As the image's Dockerfile does. */
async function install(folder: string): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  for (const file of ["package.json", LOCK]) cpSync(join(PACKAGE, file), join(partial, file));
  for (const command of [
    ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    [process.execPath, "node_modules/@anthropic-ai/claude-code/install.cjs"],
  ]) {
    const [program = "", ...args] = command;
    const { code, stderr } = await run(program, args, { cwd: partial });
    if (code !== 0) throw new Error(`${command.join(" ")} failed: ${stderr.trim().slice(-500)}`);
  }
  renameSync(partial, folder);
}
