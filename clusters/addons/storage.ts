import type { Provider } from "@pulumi/kubernetes/provider";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type { Cluster } from "../types";

/** Creates the storage classes that the workload's claims name and the cloud does not provide. */
export function storageClasses(cluster: Cluster, provider: Provider): StorageClass[] {
  return cluster.storageClasses.map(
    ({ name, provisioner, parameters, mountOptions, expandable = true }) =>
      new StorageClass(
        name,
        {
          metadata: { name },
          provisioner,
          parameters,
          ...(mountOptions === undefined ? {} : { mountOptions: [...mountOptions] }),
          allowVolumeExpansion: expandable,
          reclaimPolicy: "Delete",
          volumeBindingMode: "WaitForFirstConsumer",
        },
        { parent: cluster, provider },
      ),
  );
}
