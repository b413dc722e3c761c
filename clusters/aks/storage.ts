import type { StorageClassSpec } from "../types";
import type { Config } from "./config";

export const NFS_CLASS = "ralph-azurefile-nfs";

/** For new disks with a key of the user's; `managed-csi`, which is AKS's own, stays as well. */
export const KEY_CLASS = "ralph-disk-cmk";

/**
 * Class of volumes that many nodes mount: NFS, because an agent's tools rely on file owners and locks. Only premium
 * shares support it. Another kind of share replaces the class, and no volume.
 */
const nfs = ({ storage }: Config): StorageClassSpec => ({
  name: NFS_CLASS,
  provisioner: "file.csi.azure.com",
  parameters: { protocol: "nfs", skuName: storage.shares },
  mountOptions: ["nconnect=4", "noresvport", "actimeo=30"],
});

/** The disks of `managed-csi`: https://learn.microsoft.com/azure/aks/azure-csi-driver-volume-provisioning */
const disk = ({ zones }: Config, diskEncryptionSetID: string): StorageClassSpec => ({
  name: KEY_CLASS,
  provisioner: "disk.csi.azure.com",
  parameters: { skuName: zones.length > 1 ? "StandardSSD_ZRS" : "StandardSSD_LRS", diskEncryptionSetID },
});

/** For new shares that nodes reach by TLS. A class cannot change, so the other one stays, for volumes that exist. */
export const TLS_CLASS = "ralph-azurefile-nfs-tls";

/** From version 1.33 of the driver on: https://github.com/kubernetes-sigs/azurefile-csi-driver/blob/master/deploy/example/nfs/README.md */
const tls = (config: Config): StorageClassSpec => {
  const plain = nfs(config);
  return { ...plain, name: TLS_CLASS, parameters: { ...plain.parameters, encryptInTransit: "true" } };
};

/** The storage classes that AKS does not provide. */
export const storageClasses = (config: Config): StorageClassSpec[] => [
  nfs(config),
  ...(config.storage.encryptInTransit ? [tls(config)] : []),
  ...(config.storage.kmsKey === undefined ? [] : [disk(config, config.storage.kmsKey)]),
];
