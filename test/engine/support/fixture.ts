/**
 * Root hooks of the engine tests: one private control plane for all files of a run, on free ports and in a
 * temporary folder, which is removed completely however the run ends.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

import { type ControlPlane, startControlPlane, stopControlPlane } from "../../../local/control-plane";
import { hasNode, stopNode } from "../../../local/node/node";
import { ensureToolchain, type Toolchain } from "../../../local/tools/toolchain";
import { endAll, killProviders } from "./children";

export { mochaHooks } from "./judged";

export interface Fixture {
  /** The run's folder, which is removed at its end. */
  readonly dir: string;
  readonly toolchain: Toolchain;
  readonly plane: ControlPlane;
}

const NAME = "engine-tests";
let current: Fixture | undefined;
let dir: string | undefined;

/** The control plane of this run and the tools to use it. */
export function fixture(): Fixture {
  if (current === undefined) throw new Error("no control plane: mocha --config test/engine/.mocharc.json");
  return current;
}

export async function mochaGlobalSetup(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void tearDown().finally(() => process.exit(128 + constants.signals[signal])));
  }
  const toolchain = await ensureToolchain();
  dir = mkdtempSync(join(tmpdir(), "ralph-engine-"));
  const plane = await startControlPlane({ dir: join(dir, "plane"), name: NAME, toolchain });
  current = { dir, toolchain, plane };
}

export const mochaGlobalTeardown = (): Promise<void> => tearDown();

async function tearDown(): Promise<void> {
  await endAll();
  const folder = dir;
  if (folder === undefined) return;
  dir = undefined; // a Ctrl-C can coincide with the end of the run
  for (const name of readdirSync(folder)) {
    killProviders(join(folder, name, "pulumi-home"));
    // A test may have a control plane of its own, and a real node.
    if (hasNode(join(folder, name))) await stopNode(join(folder, name));
    await stopControlPlane({ dir: join(folder, name), name: NAME });
  }
  rmSync(folder, { recursive: true, force: true });
}
