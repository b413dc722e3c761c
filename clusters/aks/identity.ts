import type { RoleAssignment } from "@pulumi/azure-native/authorization";
import type { Registry } from "@pulumi/azure-native/containerregistry";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity";
import { createGrant, type Grant } from "./admins";
import type { Network } from "./network";
import type { Scope } from "./scope";

export interface Identity {
  /** The identity of the control plane. */
  readonly cluster: UserAssignedIdentity;
  /** The identity of the nodes. */
  readonly kubelet: UserAssignedIdentity;
  /** The roles that AKS uses, or looks for, as soon as it creates the cluster. */
  readonly controlPlaneGrants: readonly RoleAssignment[];
  /** The role by which the nodes pull images. */
  readonly nodeGrant: RoleAssignment;
}

/**
 * User-assigned identities, because those that AKS creates with a cluster cannot be granted anything before it
 * exists. A grant takes minutes to propagate, so all are created before the cluster.
 */
export function createIdentity(scope: Scope, on: { network: Network; registry: Registry }): Identity {
  const { name, config } = scope;
  const cluster = createUserAssigned(scope, name);
  const kubelet = createUserAssigned(scope, `${name}-kubelet`);
  const allow = (
    suffix: string,
    { principalId }: UserAssignedIdentity,
    role: Grant["role"],
    id: Grant["on"],
  ) => createGrant(scope, suffix, { role, to: principalId, type: "ServicePrincipal", on: id });
  const controlPlaneGrants = [
    allow("network", cluster, "networkContributor", on.network.subnetId),
    // The driver of NFS shares lists the network's subnets, because the class names none. A class is immutable.
    // https://github.com/kubernetes-sigs/azurefile-csi-driver/blob/v1.35.1/docs/driver-parameters.md
    allow("vnet", cluster, "reader", on.network.vnetId),
    allow("kubelet", cluster, "managedIdentityOperator", kubelet.id),
    ...(config.kmsVault === undefined ? [] : [allow("kms", cluster, "keyVaultCryptoUser", config.kmsVault)]),
    // The driver of disks names the set in each request: https://learn.microsoft.com/azure/aks/azure-disk-customer-managed-keys
    ...(config.storage.kmsKey === undefined
      ? []
      : [allow("disk-key", cluster, "reader", config.storage.kmsKey)]),
  ];
  const nodeGrant = allow("acr-pull", kubelet, "acrPull", on.registry.id);
  return { cluster, kubelet, controlPlaneGrants, nodeGrant };
}

export const createUserAssigned = ({ group, tags, options }: Scope, name: string): UserAssignedIdentity =>
  new UserAssignedIdentity(
    name,
    { resourceGroupName: group.name, tags },
    // An update makes its ids unknown to a preview, which would then plan to replace every grant.
    options({ ignoreChanges: ["tags"] }),
  );
