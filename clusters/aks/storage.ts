import type { StorageClassSpec } from "../types";
import type { Config } from "./config";

export const NFS_CLASS = "ralph-azurefile-nfs";

/**
 * Class of volumes that many nodes mount: NFS, because an agent's tools rely on file owners and locks. Only premium
 * shares support it. Another kind of share replaces the class, and no volume.
 */
export const nfs = ({ storage }: Config): StorageClassSpec => ({
  name: NFS_CLASS,
  provisioner: "file.csi.azure.com",
  parameters: { protocol: "nfs", skuName: storage.shares },
  mountOptions: ["nconnect=4", "noresvport", "actimeo=30"],
});
