import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds that a process may take to end when it is asked to. */
const GRACE = 2_000;

/** Processes with this text in the environment they were started with: children that left the family too. */
export function processesWith(variable: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return false;
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(variable);
      } catch {
        return false; // ended in this moment, or another user's
      }
    });
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ended in this moment
  }
}

/** Ends what a run has left behind. Ralph does not take its agent along when it is stopped in mid-iteration. */
export async function endAll(variable: string): Promise<void> {
  for (const pid of processesWith(variable)) signal(pid, "SIGTERM");
  for (const end = Date.now() + GRACE; processesWith(variable).length > 0; await delay(50)) {
    if (Date.now() > end) {
      for (const pid of processesWith(variable)) signal(pid, "SIGKILL");
      return;
    }
  }
}
