import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 2_000;

/** Processes that were started with this `NAME=value` in their environment, even if their parent has exited. */
export function processesWith(variable: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return false;
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(variable);
      } catch {
        return false; // it has just exited, or belongs to another user
      }
    });
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has just exited
  }
}

/** Ends the processes that a run left behind: stopped in mid-iteration, Ralph leaves its agent running. */
export async function endAll(variable: string): Promise<void> {
  for (const pid of processesWith(variable)) signal(pid, "SIGTERM");
  for (const end = Date.now() + GRACE; processesWith(variable).length > 0; await delay(50)) {
    if (Date.now() > end) {
      for (const pid of processesWith(variable)) signal(pid, "SIGKILL");
      return;
    }
  }
}
