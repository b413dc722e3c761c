import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { pause } from "./process";
import { processStart } from "./processes";

export interface LockOwner {
  readonly pid: number;
  /** Start time of that process: distinguishes it from a later one with the same pid. */
  readonly started: string;
}

/** What a lock depends on; tests pass their own. */
export interface LockWorld {
  readonly pid: number;
  readonly startOf: (pid: number) => string | undefined;
  readonly pause: (milliseconds: number) => Promise<void>;
}

const WORLD: LockWorld = { pid: process.pid, startOf: processStart, pause };

/** Runs `work` while holding the lock file at `path`. `onWait` is called once, with the owner waited for. */
export async function withLock<T>(
  path: string,
  onWait: (owner: LockOwner) => void,
  work: () => Promise<T>,
  world: LockWorld = WORLD,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let announced = false;
  for (let owner = take(path, world); owner !== undefined; owner = take(path, world)) {
    if (!announced) onWait(owner);
    announced = true;
    await world.pause(500);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Takes the lock and returns undefined, or returns the living owner. */
function take(path: string, world: LockWorld): LockOwner | undefined {
  const mine = `${path}.${world.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: world.pid, started: world.startOf(world.pid) ?? "" }));
  try {
    // A link appears atomically, so no one reads a half-written owner.
    linkSync(mine, path);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  const owner = read(path);
  if (owner !== undefined && alive(owner, world)) return owner;
  removeStale(path, world);
  return take(path, world);
}

/** Removes a dead owner's lock, unless another run has taken it over in between. */
function removeStale(path: string, world: LockWorld): void {
  const aside = `${path}.stale-${world.pid}`;
  try {
    renameSync(path, aside);
    const owner = read(aside);
    if (owner !== undefined && alive(owner, world)) linkSync(aside, path);
  } catch (error) {
    // Another process was faster: the next attempt sees the outcome.
    if (!["ENOENT", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

const alive = (owner: LockOwner, world: LockWorld): boolean => world.startOf(owner.pid) === owner.started;

function read(path: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as LockOwner;
  } catch {
    return undefined;
  }
}
