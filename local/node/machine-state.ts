import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { PRIVATE_FOLDERS, type NodeLayout } from "./layout";

const FORWARDING = "/proc/sys/net/ipv4/ip_forward";
const CONTROL_GROUPS = "/sys/fs/cgroup";

/** Read by other versions too: keep its keys. */
interface Before {
  readonly forwarding: string;
  /** Folders that did not exist. */
  readonly made: readonly string[];
}

/** Records what a node will change outside of its folder, and creates the mount points of its private folders. */
export function recordMachine(layout: NodeLayout): void {
  const missing = PRIVATE_FOLDERS.filter((folder) => !existsSync(folder));
  const before: Before = { forwarding: readFileSync(FORWARDING, "utf8"), made: missing };
  writeFileSync(layout.before, JSON.stringify(before));
  for (const folder of missing) mkdirSync(folder, { recursive: true });
}

/** Restores all of it after the node's processes have ended; also while Ctrl-C ends the run. */
export function restoreMachine(layout: NodeLayout): void {
  if (existsSync(interfaceOf(layout))) spawnSync("ip", ["link", "delete", layout.network]);
  removeAddressRules(layout.network);
  removeControlGroups();
  if (!existsSync(layout.before)) return;
  const { forwarding, made: created } = JSON.parse(readFileSync(layout.before, "utf8")) as Before;
  writeFileSync(FORWARDING, forwarding);
  created.forEach(removeEmpty);
}

export const interfaceOf = ({ network }: NodeLayout): string => `/sys/class/net/${network}`;

/** The NAT rules through which pods reach other machines: each contains the name of the network. */
export function addressRules(network: string): string[] {
  const { stdout } = spawnSync("iptables-save", ["-t", "nat"], { encoding: "utf8" });
  return (stdout ?? "").split("\n").filter((line) => line.includes(`name: \\"${network}\\"`));
}

function removeAddressRules(network: string): void {
  const rules = addressRules(network);
  if (rules.length === 0) return;
  const jumps = rules.filter((rule) => rule.startsWith("-A POSTROUTING "));
  const chains = new Set(rules.flatMap((rule) => /^-A (CNI-\w+)/.exec(rule)?.[1] ?? []));
  const input = [
    "*nat",
    ...jumps.map((rule) => rule.replace("-A", "-D")),
    ...[...chains].flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
    "COMMIT",
    "",
  ].join("\n");
  spawnSync("iptables-restore", ["--noflush"], { input });
}

/** The kernel refuses to remove a cgroup that contains a process, so those of other programs stay. */
function removeControlGroups(): void {
  const controllers = existsSync(CONTROL_GROUPS) ? readdirSync(CONTROL_GROUPS) : [];
  for (const name of ["", ...controllers]) removeGroups(join(CONTROL_GROUPS, name, "kubepods"));
}

function removeGroups(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroups(join(folder, entry.name));
  }
  removeEmpty(folder);
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // removed already, or in use by another program
  }
}
