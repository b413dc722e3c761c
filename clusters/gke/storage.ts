import type * as pulumi from "@pulumi/pulumi";
import type { StorageClassSpec } from "../types";
import type { Config } from "./config";
import { labels } from "./labels";
import { HYPERDISK, takesOnlyHyperdisk } from "./machine";
import { FILESTORE_CLASS, HYPERDISK_CLASS } from "./traits";

/** The classes that GKE does not bring, or whose volumes these nodes could not mount. */
export const storageClasses = (
  { nodes, storage }: Config,
  network: pulumi.Output<string>,
): StorageClassSpec[] => [
  ...(takesOnlyHyperdisk(nodes.machineType)
    ? [
        {
          name: HYPERDISK_CLASS,
          provisioner: "pd.csi.storage.gke.io",
          parameters: { type: HYPERDISK, labels: ownLabels() },
        },
      ]
    : []),
  ...(storage.filestore.enabled
    ? [
        {
          name: FILESTORE_CLASS,
          provisioner: "filestore.csi.storage.gke.io",
          parameters: { tier: storage.filestore.tier, network, labels: ownLabels() },
        },
      ]
    : []),
];

/** Not the tags: no parameter of a class can be edited. */
const ownLabels = (): string =>
  Object.entries(labels({}))
    .map((pair) => pair.join("="))
    .join(",");
