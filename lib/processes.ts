import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** One column of `ps` for a process; undefined if the process does not exist. */
function ps(pid: number, column: string): string | undefined {
  try {
    return (
      execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}

/**
 * When a process started, in the machine's own notation; undefined if it has ended. Together with the pid it
 * identifies one process for good: a pid alone may be reused, or belong to another process after a reboot.
 */
export function processStart(pid: number): string | undefined {
  if (process.platform !== "linux") return ps(pid, "lstart");
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc(5): the name is in parentheses and may contain spaces; state is field 3, starttime field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Pids of the running processes that were started from exactly this path. */
export function processesOf(program: string): number[] {
  return commandLines()
    .filter(({ command }) => command === program || command.startsWith(`${program} `))
    .map(({ pid }) => pid);
}

/** Every process with its command line, arguments separated by spaces. */
export function commandLines(): { pid: number; command: string }[] {
  if (process.platform !== "linux") {
    const lines = execFileSync("ps", ["-axo", "pid=,command="], { encoding: "utf8" }).split("\n");
    return lines.flatMap((line) => {
      const match = /^\s*(\d+) (.*)$/.exec(line);
      return match === null ? [] : [{ pid: Number(match[1]), command: match[2] ?? "" }];
    });
  }
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      return [
        { pid: Number(entry), command: readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ") },
      ];
    } catch {
      return []; // ended meanwhile
    }
  });
}

/** Sends a signal; the process may already have ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ended meanwhile
  }
}
