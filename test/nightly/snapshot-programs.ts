import { join } from "node:path";

import { findPrograms } from "./go-programs";

export interface SnapshotPrograms {
  readonly driver: string;
  readonly provisioner: string;
  readonly snapshotter: string;
  readonly controller: string;
  /** Files of the custom kinds. */
  readonly crds: readonly string[];
}

const PACKAGES = [
  ".",
  "github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner",
  "github.com/kubernetes-csi/external-snapshotter/v8/cmd/csi-snapshotter",
  "github.com/kubernetes-csi/external-snapshotter/v8/cmd/snapshot-controller",
];
const KINDS = ["volumesnapshotclasses", "volumesnapshotcontents", "volumesnapshots"];

/** @returns the real controllers, a driver that copies folders, and their kinds; or the reason if they are not available */
export async function findSnapshotPrograms(): Promise<SnapshotPrograms | string> {
  const found = await findPrograms("snapshots", "8.7.0", PACKAGES);
  if (typeof found === "string") return found;
  const client = await found.dependency("github.com/kubernetes-csi/external-snapshotter/client/v8");
  return {
    driver: join(found.folder, "snapshots"),
    provisioner: join(found.folder, "csi-provisioner"),
    snapshotter: join(found.folder, "csi-snapshotter"),
    controller: join(found.folder, "snapshot-controller"),
    crds: KINDS.map((kind) => join(client, "config", "crd", `snapshot.storage.k8s.io_${kind}.yaml`)),
  };
}
