import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 2_000;
/** Rounds of SIGKILL, for processes that are started while others are being ended. */
const ROUNDS = 20;

/** The image's first process. Where it is pid 1, no process is there but the runner's and those of its runs. */
const INIT = "/usr/bin/tini";

const read = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it has just exited, or belongs to another user
  }
};

/** All that live, with what the kernel says of each: a zombie has ended. */
const living = (): (readonly [pid: number, status: string])[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), read(Number(name), "status")] as const)
    .filter(([, status]) => /^State:\s+[^Z\s]/m.test(status));

/** Processes that were started with this `NAME=value` in their environment, even if their parent has exited. */
export const processesWith = (variable: string): number[] =>
  living()
    .map(([pid]) => pid)
    .filter((pid) => read(pid, "environ").split("\0").includes(variable));

/** Whether all processes here are those of one runner. */
const alone = (): boolean => process.ppid === 1 && read(1, "cmdline").split("\0")[0] === INIT;

/** All processes of the container but its first, the runner, and what the runner has started itself. */
function strangers(): number[] {
  const parents = new Map(
    living().map(([pid, status]) => [pid, Number(/^PPid:\s+(\d+)/m.exec(status)?.[1])]),
  );
  const ours = (pid: number): boolean => {
    const parent = parents.get(pid);
    return pid === process.pid || (parent !== undefined && parent > 1 && ours(parent));
  };
  return [...parents.keys()].filter((pid) => pid !== 1 && !ours(pid));
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has just exited
  }
}

async function end(find: () => number[]): Promise<void> {
  for (const pid of find()) signal(pid, "SIGTERM");
  for (const late = Date.now() + GRACE; find().length > 0; await delay(50)) {
    if (Date.now() <= late) continue;
    for (let round = 0; round < ROUNDS && find().length > 0; round++)
      for (const pid of find()) signal(pid, "SIGKILL");
    return;
  }
}

/** Ends the processes with this variable. */
export const endMarked = (variable: string): Promise<void> => end(() => processesWith(variable));

/**
 * Ends what a run of Ralph left behind: stopped in mid-iteration, Ralph leaves its agent running, and an agent can start
 * processes without any mark. So in a container everything ends that is not the runner's.
 *
 * @param mark the variable of the run's processes, by which they are found where other processes live as well
 */
export const endRun = (mark: string): Promise<void> => end(alone() ? strangers : () => processesWith(mark));
