import type { RoleAssignment } from "@pulumi/azure-native/authorization";
import type { Registry } from "@pulumi/azure-native/containerregistry";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity";
import type { Subnet } from "@pulumi/azure-native/network";
import { admins, type Grant, grant } from "./access";
import type { Scope } from "./scope";

export interface Identities {
  /** Whose permissions the cluster has. */
  readonly cluster: UserAssignedIdentity;
  /** Whose permissions its nodes have. */
  readonly kubelet: UserAssignedIdentity;
  readonly grants: readonly RoleAssignment[];
}

/**
 * Identities of their own, for those that AKS makes with a cluster can be granted nothing before it is there.
 * A grant takes minutes to be known everywhere; so each is made before the cluster.
 */
export function identities(scope: Scope, on: { subnet: Subnet; registry: Registry }): Identities {
  const { name, config } = scope;
  const cluster = identity(scope, name);
  const kubelet = identity(scope, `${name}-kubelet`);
  const may = (suffix: string, { principalId }: UserAssignedIdentity, role: Grant["role"], id: Grant["on"]) =>
    grant(scope, suffix, { role, to: principalId, type: "ServicePrincipal", on: id });
  const grants = [
    ...admins(scope),
    may("network", cluster, "networkContributor", on.subnet.id),
    may("kubelet", cluster, "managedIdentityOperator", kubelet.id),
    may("acr-pull", kubelet, "acrPull", on.registry.id),
    ...(config.kmsVault === undefined ? [] : [may("kms", cluster, "keyVaultCryptoUser", config.kmsVault)]),
  ];
  return { cluster, kubelet, grants };
}

const identity = ({ group, tags, options }: Scope, name: string): UserAssignedIdentity =>
  new UserAssignedIdentity(
    name,
    { resourceGroupName: group.name, tags },
    // Its ids are unknown in the preview of an update, which would then plan to replace every grant.
    options({ ignoreChanges: ["tags"] }),
  );
