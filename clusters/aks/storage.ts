import type { StorageClassSpec } from "../types";
import type { Network } from "./network";

export const NFS = "ralph-azurefile-nfs";

/**
 * Class of volumes that many nodes mount: NFS, because an agent's tools rely on file owners and locks. Only premium
 * shares support it, and they start at 100 GiB.
 */
export const nfs = ({ subnetName, vnetName, vnetResourceGroup }: Network): StorageClassSpec => ({
  name: NFS,
  provisioner: "file.csi.azure.com",
  parameters: {
    protocol: "nfs",
    skuName: "Premium_LRS",
    // Without them the driver lists the network's subnets, which the cluster's role on its own subnet does not permit.
    // https://github.com/kubernetes-sigs/azurefile-csi-driver/blob/v1.35.1/docs/driver-parameters.md
    subnetName,
    vnetName,
    vnetResourceGroup,
  },
  mountOptions: ["nconnect=4", "noresvport", "actimeo=30"],
});
