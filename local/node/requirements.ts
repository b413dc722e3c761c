import { existsSync, readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";

import { kubernetesOf, NODE_RELEASE } from "../tools/kubernetes";
import { onPath, parseVersion } from "../tools/versions";
import { CNI_FOLDERS } from "./configuration";
import type { NodeLayout } from "./layout";

/** Programs of the machine that a node runs, each with the Debian package that contains it. */
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

/** A machine that can be a node. */
export interface Machine {
  readonly programs: Readonly<Record<NodeProgram, string>>;
  readonly cniFolder: string;
  /** A non-loopback address of this machine, which a node must have. */
  readonly address: string;
}

/** A reason why this machine cannot be a node, with the command that fixes it, if one exists. */
export interface Obstacle {
  readonly problem: string;
  readonly fix?: string;
}

/** Checks this machine without changing anything. */
export function inspectMachine(): Machine | readonly Obstacle[] {
  if (process.platform !== "linux") {
    return [{ problem: `pods need a Linux kernel; this machine runs ${process.platform}` }];
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
      problem: "creating containers and their networks requires root",
      fix: "sudo make up NODE=real",
    });
  }
  if (packages.size > 0) {
    const list = [...packages].join(" ");
    obstacles.push({
      problem: `not installed: ${list}`,
      fix: `apt-get install --no-install-recommends ${list}`,
    });
  }
  if (address === undefined)
    obstacles.push({ problem: "this machine has no network address except loopback" });
  if (kubernetesOf().minor < (parseVersion(NODE_RELEASE)?.[1] ?? 0)) {
    obstacles.push({
      problem: `the kubelet ${NODE_RELEASE} would be newer than its API server, which Kubernetes excludes`,
      fix: "unset RALPH_KUBERNETES",
    });
  }
  if (obstacles.length > 0 || cniFolder === undefined || address === undefined) return obstacles;
  return { programs: Object.fromEntries(found) as Machine["programs"], cniFolder, address };
}

/** Obstacles to a node in this folder, in addition to those of `inspectMachine`. */
export function inspectFolder(layout: NodeLayout): readonly Obstacle[] {
  const socket = join(layout.registry, "simulated.ralph.local.sock");
  return [
    // unix(7): sun_path has 108 bytes, the last of them NUL.
    ...(Buffer.byteLength(socket) > 107
      ? [{ problem: `the socket path ${socket} is longer than 107 bytes; use a folder with a shorter path` }]
      : []),
    ...(otherKubelet()
      ? [{ problem: "another kubelet runs pods on this machine, in the same cgroups" }]
      : []),
  ];
}

/** Whether other pods run on this machine: every kubelet uses cgroup trees of these names. */
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
