import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import { FederatedIdentityCredential } from "@pulumi/azure-native/managedidentity";
import type { Granted, ModelAccess } from "../types";
import { createGrant } from "./admins";
import { createUserAssigned } from "./identity";
import type { Scope } from "./scope";

/** By this label and this annotation, AKS gives a pod the token of an identity. */
export const USE_LABEL = { "azure.workload.identity/use": "true" };
export const CLIENT_ID = "azure.workload.identity/client-id";

/** Allows one service account to call the models of one Foundry resource. */
export function grantModels(
  scope: Scope,
  { oidcIssuerProfile }: ManagedCluster,
  { foundry, serviceAccount }: ModelAccess,
): Granted {
  if (foundry === undefined) return { grants: [], annotations: {} };
  const { name, group, options } = scope;
  const identity = createUserAssigned(scope, `${name}-models`);
  // The cluster does not use them, so Azure applies the role while AKS creates it.
  const role = createGrant(scope, "models", {
    role: "foundryUser",
    to: identity.principalId,
    type: "ServicePrincipal",
    on: foundry.resourceId,
  });
  // https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster
  const trust = new FederatedIdentityCredential(
    `${name}-models`,
    {
      resourceGroupName: group.name,
      resourceName: identity.name,
      issuer: oidcIssuerProfile.apply((profile) => profile?.issuerURL ?? ""),
      subject: `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`,
      audiences: ["api://AzureADTokenExchange"],
    },
    options(),
  );
  return { grants: [role, trust], annotations: { [CLIENT_ID]: identity.clientId } };
}
