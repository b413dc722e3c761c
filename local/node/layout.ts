import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

/** Name of the node, by which the API server, and nothing else, reaches its kubelet. */
export const NODE_NAME = "localhost";

/** Folders that the programs write to regardless of their settings: the node mounts its own over them. */
export const PRIVATE_FOLDERS = [
  "/run/containerd",
  "/var/lib/cni",
  "/var/lib/kubelet",
  "/var/log/containers",
] as const;

/** Paths of a node under the folder of its control plane. init.sh uses the same names. */
export function nodeLayout(folder: string) {
  const dir = join(resolve(folder), "node");
  return {
    dir,
    bin: join(dir, "bin"),
    logs: join(dir, "logs"),
    /** Pods, their mounted volumes, and the socket of the volume driver. */
    kubelet: join(dir, "kubelet"),
    registry: join(dir, "kubelet", "plugins_registry"),
    kubeletConfig: join(dir, "kubelet.json"),
    /** Contents of the volumes. */
    volumes: join(dir, "volumes"),
    containerdRoot: join(dir, "images"),
    containerdState: join(dir, "state"),
    containerdConfig: join(dir, "containerd.toml"),
    socket: join(dir, "containerd.sock"),
    cniConfig: join(dir, "cni"),
    addresses: join(dir, "addresses"),
    /** Previous state of this machine: see machine-state.ts. */
    before: join(dir, "before.json"),
    /** Network and bridge. Interface names have at most 15 characters, and two runs may share one machine. */
    network: `ralph${createHash("sha256").update(dir).digest("hex").slice(0, 8)}`,
  };
}
export type NodeLayout = ReturnType<typeof nodeLayout>;
