import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

/** Name of the node: the API server reaches its kubelet by it, and nobody else does. */
export const NODE_NAME = "localhost";

/** Folders that the programs write to whatever they are told: the node has its own in their place. */
export const PRIVATE_FOLDERS = [
  "/run/containerd",
  "/var/lib/cni",
  "/var/lib/kubelet",
  "/var/log/containers",
] as const;

/** Where the parts of a node are, under the folder of its control plane. init.sh has the same names. */
export function nodeLayout(folder: string) {
  const dir = join(resolve(folder), "node");
  return {
    dir,
    bin: join(dir, "bin"),
    logs: join(dir, "logs"),
    /** Pods, volumes as the pods see them, and the socket of the volume driver. */
    kubelet: join(dir, "kubelet"),
    registry: join(dir, "kubelet", "plugins_registry"),
    kubeletConfig: join(dir, "kubelet.json"),
    /** What is on the volumes. */
    volumes: join(dir, "volumes"),
    containerdRoot: join(dir, "images"),
    containerdState: join(dir, "state"),
    containerdConfig: join(dir, "containerd.toml"),
    socket: join(dir, "containerd.sock"),
    cniConfig: join(dir, "cni"),
    addresses: join(dir, "addresses"),
    /** What this machine was before: see machine-state.ts. */
    before: join(dir, "before.json"),
    /** Network and bridge. Names of interfaces end at 15 characters, and two runs may be on one machine. */
    network: `ralph${createHash("sha256").update(dir).digest("hex").slice(0, 8)}`,
  };
}
export type NodeLayout = ReturnType<typeof nodeLayout>;
