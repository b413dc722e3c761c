import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import { FederatedIdentityCredential } from "@pulumi/azure-native/managedidentity";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccount } from "../types";
import { createGrant, type Grant } from "./admins";
import { createUserAssigned } from "./identity";
import type { Scope } from "./scope";

/** By this label and this annotation, AKS gives a pod the token of an identity. */
export const USE_LABEL = { "azure.workload.identity/use": "true" };
export const CLIENT_ID = "azure.workload.identity/client-id";

/**
 * Gives one service account an identity with a role on one resource. The cluster does not use it, so Azure applies the
 * role while AKS creates the cluster.
 */
export function createPodAccess(
  scope: Scope,
  { oidcIssuerProfile }: ManagedCluster,
  suffix: string,
  { namespace, name: account }: ServiceAccount,
  { role, on }: Pick<Grant, "role" | "on">,
) {
  const { name, group, options } = scope;
  const identity = createUserAssigned(scope, `${name}-${suffix}`);
  const grant = createGrant(scope, suffix, { role, to: identity.principalId, type: "ServicePrincipal", on });
  // https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster
  const trust = new FederatedIdentityCredential(
    `${name}-${suffix}`,
    {
      resourceGroupName: group.name,
      resourceName: identity.name,
      issuer: oidcIssuerProfile.apply((profile) => profile?.issuerURL ?? ""),
      subject: `system:serviceaccount:${namespace}:${account}`,
      audiences: ["api://AzureADTokenExchange"],
    },
    options(),
  );
  const grants: pulumi.Resource[] = [grant, trust];
  return { identity, grants };
}
