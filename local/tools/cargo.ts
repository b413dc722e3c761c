import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder } from "./cache";
import { ToolError } from "../../lib/errors";
import { withLock } from "../../lib/lock";
import type { Usable } from "./pins";
import { elapsed, Progress } from "../../lib/progress";
import { run } from "../../lib/process";
import { findUsable } from "./versions";

/** A program that is published as a Rust crate: taken from PATH where its version fits, else built by cargo. */
export interface CratePin {
  readonly crate: string;
  readonly program: string;
  readonly version: string;
  readonly usable: Usable;
  /** Seconds to build it with an empty cargo cache on 2 cores. */
  readonly seconds: number;
  /** Where a person gets it. */
  readonly install: string;
}

/** Ralph Orchestrator itself. Nothing but the runner's image and its tests needs it on this machine. */
export const RALPH: CratePin = {
  crate: "ralph-cli",
  program: "ralph",
  version: "2.10.1",
  // The runner reads this version's output and files (runner/src/ralph.ts); later 2.x may change either.
  usable: { range: { from: [2, 10, 1], below: [2, 11, 0] }, versionArgs: ["--version"] },
  seconds: 660,
  install: "cargo install ralph-cli --version 2.10.1 --locked",
};

/** Edition 2024 with let-chains, which the crate uses. */
const CARGO: Usable = { range: { from: [1, 88, 0] }, versionArgs: ["--version"] };
const CARGO_INSTALL = "https://rustup.rs (Rust 1.88 or newer)";

/** The crate's own lock file decides on every dependency. */
const installArguments = ({ crate, version }: CratePin): string[] => [
  "install",
  crate,
  `--version=${version}`,
  "--locked",
  "--no-track",
];

/** The folder that a build fills; any change of what goes into it gives another one. */
function cargoFolder(pin: CratePin): string {
  const key = [installArguments(pin), process.platform, process.arch];
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16);
  return join(cacheFolder(), `${pin.program}-${hash}`);
}

/** The program, where it is installed or was built before. */
export async function findCrate(pin: CratePin): Promise<string | undefined> {
  const installed = await findUsable(pin.program, pin.usable);
  const built = join(cargoFolder(pin), "bin", pin.program);
  return installed ?? (existsSync(built) ? built : undefined);
}

/**
 * The program, built once into the user's cache folder if need be. Safe to repeat, to race and to interrupt:
 * a lock keeps a second run waiting, the folder appears when it is whole, and what cargo has compiled stays
 * beside it until then.
 *
 * @throws ToolError when there is neither the program nor a cargo to build it
 */
export async function ensureCrate(pin: CratePin, progress = new Progress(1)): Promise<string> {
  const found = await findCrate(pin);
  if (found !== undefined) return found;
  const cargo = await findUsable("cargo", CARGO);
  if (cargo === undefined) {
    throw new ToolError(
      `${pin.program} ${pin.version} is not installed, and there is no cargo to build it; nothing was changed.\n` +
        `  ${pin.program}  ${pin.install}\n  cargo  ${CARGO_INSTALL}`,
    );
  }
  const folder = cargoFolder(pin);
  await progress.step(
    `${pin.program} ${pin.version} by cargo, about ${Math.ceil(pin.seconds / 60)} min, once; Ctrl-C is safe`,
    () =>
      withLock(
        `${folder}.lock`,
        ({ pid }) => progress.say(`\n${pin.program} is being built by process ${pid}; waiting for it`),
        async () => {
          if (!existsSync(folder)) await install(pin, cargo, folder);
        },
      ),
  );
  return join(folder, "bin", pin.program);
}

async function install(pin: CratePin, cargo: string, folder: string): Promise<void> {
  const partial = `${folder}.partial`;
  const target = `${folder}.target`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const began = Date.now();
  const { code, stderr } = await run(cargo, [...installArguments(pin), `--root=${partial}`], {
    env: { ...process.env, CARGO_TARGET_DIR: target, RUSTFLAGS: "" }, // the user's flags are not part of the key
  });
  if (code !== 0) {
    throw new ToolError(
      `building ${pin.program} ${pin.version} failed after ${elapsed(began)}; what was compiled is kept, so a new run continues there.\n` +
        stderr.trim().split("\n").slice(-20).join("\n").replace(/^/gm, "  ") +
        `\nRepeat it by hand: ${pin.install}`,
    );
  }
  renameSync(partial, folder);
  rmSync(target, { recursive: true, force: true });
}
