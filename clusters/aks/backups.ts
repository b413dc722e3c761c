import type { RoleAssignment } from "@pulumi/azure-native/authorization";
import { ResourceGroup } from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { KEPT_TAG } from "../ownership";
import type { BackupPlan, Backups, ClusterTraits } from "../types";
import { createGrant } from "./admins";
import type { Identity } from "./identity";
import { location } from "./location";
import type { Scope } from "./scope";

const SNAPSHOT_CLASS = "ralph-snapshots";
const COPY_CLASS = "ralph-copies";
const DRIVER = "disk.csi.azure.com";

export const snapshots = (): NonNullable<ClusterTraits["snapshots"]> => ({
  region: location(),
  rwo: { className: SNAPSHOT_CLASS, copies: { className: COPY_CLASS } },
  // https://learn.microsoft.com/azure/storage/files/storage-snapshots-files
  rwx: { none: "snapshots of an Azure file share are a part of the share, and are deleted with it" },
});

/**
 * By default the driver puts a snapshot into the group of the nodes, which is deleted with the cluster:
 * https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md
 */
export function prepareBackups(scope: Scope, { cluster }: Identity, { copy }: BackupPlan): Backups {
  const { group } = scope;
  const allow = (suffix: string, on: ResourceGroup): RoleAssignment =>
    createGrant(scope, suffix, {
      role: "diskSnapshotContributor",
      to: cluster.principalId,
      type: "ServicePrincipal",
      on: on.id,
    });
  const copies = copy === undefined ? undefined : createCopies(scope, copy.region);
  return {
    classes: [
      {
        name: SNAPSHOT_CLASS,
        driver: DRIVER,
        parameters: { incremental: "true", resourceGroup: group.name },
      },
      ...(copy === undefined || copies === undefined
        ? []
        : [
            {
              name: COPY_CLASS,
              driver: DRIVER,
              parameters: { incremental: "true", resourceGroup: copies.name, location: copy.region },
            },
          ]),
    ],
    after: [allow("snapshots", group), ...(copies === undefined ? [] : [allow("copies", copies)])],
  };
}

/** A group that outlives the stack: it is not in the state after a destroy, and has another name each time. */
function createCopies({ config, options }: Scope, region: string): ResourceGroup {
  return new ResourceGroup(
    `${config.name}-copies`,
    { location: region, tags: { ...config.tags, [KEPT_TAG]: pulumi.getStack() } },
    options({ retainOnDelete: true }),
  );
}
