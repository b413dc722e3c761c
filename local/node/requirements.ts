import { existsSync, readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";

import { onPath } from "../tools/versions";
import { CNI_FOLDERS } from "./configuration";
import type { NodeLayout } from "./layout";

/** Programs of the machine that a node runs, each with the Debian package that brings it. */
const PROGRAMS = {
  containerd: "containerd",
  ctr: "containerd",
  "containerd-shim-runc-v2": "containerd",
  runc: "runc",
  iptables: "iptables",
  "iptables-save": "iptables",
  "iptables-restore": "iptables",
  ip: "iproute2",
  unshare: "util-linux",
  buildah: "buildah",
  debootstrap: "debootstrap",
} as const;
export type NodeProgram = keyof typeof PROGRAMS;
const PLUGINS_PACKAGE = "containernetworking-plugins";

/** What a machine has that can be a node. */
export interface Machine {
  readonly programs: Readonly<Record<NodeProgram, string>>;
  readonly cniFolder: string;
  /** An address of this machine that is not the loopback's: a node must have one. */
  readonly address: string;
}

/** A reason why this machine cannot be a node, with the command that changes it where there is one. */
export interface Obstacle {
  readonly problem: string;
  readonly mend?: string;
}

/** Looks at this machine; changes nothing. */
export function inspectMachine(): Machine | readonly Obstacle[] {
  if (process.platform !== "linux") {
    return [{ problem: `pods need the kernel of Linux, and this is ${process.platform}` }];
  }
  const found = Object.keys(PROGRAMS).map((name) => [name, onPath(name)[0]] as const);
  const cniFolder = CNI_FOLDERS.find((folder) => existsSync(join(folder, "bridge")));
  const packages = new Set([
    ...found.flatMap(([name, path]) => (path === undefined ? [PROGRAMS[name as NodeProgram]] : [])),
    ...(cniFolder === undefined ? [PLUGINS_PACKAGE] : []),
  ]);
  const address = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === "IPv4" && !each.internal)?.address;

  const obstacles: Obstacle[] = [];
  if (process.getuid?.() !== 0) {
    obstacles.push({
      problem: "containers and their networks are root's to make",
      mend: "sudo make up NODE=real",
    });
  }
  if (packages.size > 0) {
    const list = [...packages].join(" ");
    obstacles.push({
      problem: `not installed: ${list}`,
      mend: `apt-get install --no-install-recommends ${list}`,
    });
  }
  if (address === undefined)
    obstacles.push({ problem: "this machine has no network address but the loopback's" });
  if (obstacles.length > 0 || cniFolder === undefined || address === undefined) return obstacles;
  return { programs: Object.fromEntries(found) as Machine["programs"], cniFolder, address };
}

/** What stands in the way of a node in this folder, beside what the machine lacks. */
export function inspectPlace(place: NodeLayout): readonly Obstacle[] {
  const socket = join(place.registry, "simulated.ralph.local.sock");
  return [
    // unix(7): sun_path has 108 bytes, the last of them NUL.
    ...(Buffer.byteLength(socket) > 107
      ? [{ problem: `the path ${socket} is longer than that of a socket may be: use a shorter folder` }]
      : []),
    ...(otherKubelet()
      ? [{ problem: "another kubelet runs pods on this machine, in the same control groups" }]
      : []),
  ];
}

/** Whether pods that are not ours run here: cgroup trees by that name are every kubelet's. */
function otherKubelet(): boolean {
  return ["/sys/fs/cgroup/kubepods", "/sys/fs/cgroup/pids/kubepods", "/sys/fs/cgroup/kubepods.slice"].some(
    (folder) => existsSync(folder) && populated(folder),
  );
}

function populated(folder: string): boolean {
  const processes = join(folder, "cgroup.procs");
  if (existsSync(processes) && readFileSync(processes, "utf8") !== "") return true;
  return readdirSync(folder, { withFileTypes: true }).some(
    (entry) => entry.isDirectory() && populated(join(folder, entry.name)),
  );
}
