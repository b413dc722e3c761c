import type { StorageClassSpec } from "../types";

/**
 * Class of volumes that many nodes mount: NFS, because an agent's tools rely on file owners and locks. Only premium
 * shares support it, and they start at 100 GiB.
 */
export const nfs: StorageClassSpec = {
  name: "ralph-azurefile-nfs",
  provisioner: "file.csi.azure.com",
  parameters: { protocol: "nfs", skuName: "Premium_LRS" },
  mountOptions: ["nconnect=4", "noresvport", "actimeo=30"],
};
