import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { PRIVATE_FOLDERS, type NodeLayout } from "./layout";

const FORWARDING = "/proc/sys/net/ipv4/ip_forward";
const CONTROL_GROUPS = "/sys/fs/cgroup";

interface Before {
  readonly forwarding: string;
  /** Folders that were not there. */
  readonly made: readonly string[];
}

/** Notes what a node will change outside of its folder, and makes the places for its private folders. */
export function noteMachine(place: NodeLayout): void {
  const made = PRIVATE_FOLDERS.filter((folder) => !existsSync(folder));
  const before: Before = { forwarding: readFileSync(FORWARDING, "utf8"), made };
  writeFileSync(place.before, JSON.stringify(before));
  for (const folder of made) mkdirSync(folder, { recursive: true });
}

/** Makes all of it as it was, of a node whose processes have ended; also while a Ctrl-C ends the run. */
export function restoreMachine(place: NodeLayout): void {
  if (existsSync(interfaceOf(place))) spawnSync("ip", ["link", "delete", place.network]);
  removeAddressRules(place.network);
  removeControlGroups();
  if (!existsSync(place.before)) return;
  const { forwarding, made } = JSON.parse(readFileSync(place.before, "utf8")) as Before;
  writeFileSync(FORWARDING, forwarding);
  made.forEach(removeEmpty);
}

export const interfaceOf = ({ network }: NodeLayout): string => `/sys/class/net/${network}`;

/** The rules by which pods reach other machines: each names the network. */
export function addressRules(network: string): string[] {
  const { stdout } = spawnSync("iptables-save", ["-t", "nat"], { encoding: "utf8" });
  return (stdout ?? "").split("\n").filter((line) => line.includes(`name: \\"${network}\\"`));
}

function removeAddressRules(network: string): void {
  const rules = addressRules(network);
  if (rules.length === 0) return;
  const calls = rules.filter((rule) => rule.startsWith("-A POSTROUTING "));
  const chains = new Set(rules.flatMap((rule) => /^-A (CNI-\w+)/.exec(rule)?.[1] ?? []));
  const input = [
    "*nat",
    ...calls.map((rule) => rule.replace("-A", "-D")),
    ...[...chains].flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
    "COMMIT",
    "",
  ].join("\n");
  spawnSync("iptables-restore", ["--noflush"], { input });
}

/** The kernel removes no group that still holds a process, so what is not ours stays. */
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
    // gone, or somebody's
  }
}
