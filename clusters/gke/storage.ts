import { ownTags } from "../scope";
import type { StorageClassSpec } from "../types";
import { HYPERDISK, needsHyperdisk } from "./machine-types";
import type { Network } from "./network";
import { labelValue, type Scope } from "./scope";

/** For ReadWriteMany. GKE's own classes create volumes in the network `default`. */
export const FILESTORE_CLASS = "ralph-filestore";

/** For ReadWriteOnce on nodes that cannot mount a Persistent Disk, which GKE's own classes create. */
export const HYPERDISK_CLASS = "ralph-hyperdisk";

/** The storage classes that GKE does not provide, or whose volumes these nodes could not mount. */
export function storageClasses({ config: { nodes, storage } }: Scope, { vpc }: Network): StorageClassSpec[] {
  // Without the user's tags: the parameters of a class cannot be edited.
  const labels = Object.entries(ownTags({}, labelValue))
    .map((pair) => pair.join("="))
    .join(",");
  return [
    ...(needsHyperdisk(nodes.machineType)
      ? [
          {
            name: HYPERDISK_CLASS,
            provisioner: "pd.csi.storage.gke.io",
            parameters: { type: HYPERDISK, labels },
          },
        ]
      : []),
    ...(storage.filestore.enabled
      ? [
          {
            name: FILESTORE_CLASS,
            provisioner: "filestore.csi.storage.gke.io",
            parameters: { tier: storage.filestore.tier, network: vpc.name, labels },
          },
        ]
      : []),
  ];
}
