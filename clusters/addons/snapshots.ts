import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { Provider } from "@pulumi/kubernetes/provider";
import type { Backups, Cluster } from "../types";

/**
 * Creates the classes of snapshots that backups name. A snapshot is deleted in the cloud with its object, because that is
 * all that a namespace's role can delete: otherwise retention would free nothing.
 */
export const snapshotClasses = (
  cluster: Cluster,
  provider: Provider,
  { classes, after }: Backups = { classes: [], after: [] },
): CustomResource[] =>
  classes.map(
    ({ name, driver, parameters }) =>
      new CustomResource(
        name,
        {
          apiVersion: "snapshot.storage.k8s.io/v1",
          kind: "VolumeSnapshotClass",
          metadata: { name },
          deletionPolicy: "Delete",
          driver,
          parameters,
        },
        { parent: cluster, provider, dependsOn: [...after] },
      ),
  );
