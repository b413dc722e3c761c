import { ownTags } from "../scope";
import type { StorageClassSpec } from "../types";
import type { Config } from "./config";
import { HYPERDISK, needsHyperdisk } from "./machine-types";
import type { Network } from "./network";
import { machineTypes } from "./pools";
import { labelValue, type Scope } from "./scope";

/** For ReadWriteMany. GKE's own classes create volumes in the network `default`. */
export const FILESTORE_CLASS = "ralph-filestore";

/** For ReadWriteOnce on nodes that cannot mount a Persistent Disk, which GKE's own classes create. */
export const HYPERDISK_CLASS = "ralph-hyperdisk";

/** For new volumes with a key of the user's. A class and a volume cannot change theirs, so the other classes stay. */
export const KEY_CLASSES = { disk: "ralph-disk-cmek", filestore: "ralph-filestore-cmek" } as const;

/** The storage classes that GKE does not provide, or whose volumes these nodes could not mount. */
export function storageClasses({ config }: Scope, { filestore }: Network): StorageClassSpec[] {
  const { storage } = config;
  // Without the user's tags: the parameters of a class cannot be edited.
  const labels = Object.entries(ownTags({}, labelValue))
    .map((pair) => pair.join("="))
    .join(",");
  const hyperdisk = { type: HYPERDISK, labels };
  const shared = { tier: classTier(storage.filestore.tier), ...filestore, labels };
  const onHyperdisk = machineTypes(config).some(needsHyperdisk);
  return [
    ...(onHyperdisk
      ? [
          {
            name: HYPERDISK_CLASS,
            provisioner: "pd.csi.storage.gke.io",
            parameters: hyperdisk,
          },
        ]
      : []),
    ...(storage.filestore.enabled
      ? [
          {
            name: FILESTORE_CLASS,
            provisioner: "filestore.csi.storage.gke.io",
            parameters: shared,
          },
        ]
      : []),
    ...(storage.kmsKey === undefined
      ? []
      : [
          {
            name: KEY_CLASSES.disk,
            provisioner: "pd.csi.storage.gke.io",
            parameters: {
              ...(onHyperdisk ? hyperdisk : { type: DISK_TYPES[storage.rwo], labels }),
              "disk-encryption-kms-key": storage.kmsKey,
            },
          },
          ...(storage.filestore.enabled
            ? [
                {
                  name: KEY_CLASSES.filestore,
                  provisioner: "filestore.csi.storage.gke.io",
                  parameters: { ...shared, "instance-encryption-kms-key": storage.kmsKey },
                },
              ]
            : []),
        ]),
  ];
}

/** The disks of GKE's own classes. */
const DISK_TYPES = { "standard-rwo": "pd-balanced", "premium-rwo": "pd-ssd" } as const;

/**
 * The driver compares the regional tiers in lower case, and creates them in a zone if they are spelled otherwise:
 * https://github.com/kubernetes-sigs/gcp-filestore-csi-driver/blob/master/pkg/csi_driver/controller.go
 * It accepts the others in any case; they stay as they are, because a new parameter would replace the class.
 */
const classTier = (tier: Config["storage"]["filestore"]["tier"]): string =>
  tier === "ENTERPRISE" || tier === "REGIONAL" ? tier.toLowerCase() : tier;
