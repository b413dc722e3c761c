import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What `ps` says of one process; undefined when there is none. */
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
 * When a process started, in the machine's own words; undefined when it is gone. With the pid it names
 * one process for ever: a pid alone may belong to somebody else by now, or after a reboot.
 */
export function processStart(pid: number): string | undefined {
  if (process.platform !== "linux") return ps(pid, "lstart");
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc(5): the name is in parentheses and may hold blanks; state is field 3, starttime field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** The command line of a process; undefined when it is gone. */
export function processCommand(pid: number): string | undefined {
  if (process.platform !== "linux") return ps(pid, "command");
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || undefined;
  } catch {
    return undefined;
  }
}
