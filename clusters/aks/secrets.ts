import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import { FederatedIdentityCredential } from "@pulumi/azure-native/managedidentity";
import type { SecretAccess, SecretSource } from "../types";
import { createGrant } from "./admins";
import { createUserAssigned } from "./identity";
import { CLIENT_ID } from "./models";
import type { Scope } from "./scope";

/** External Secrets asks that tenant for the token: https://external-secrets.io/latest/provider/azure-key-vault */
const TENANT_ID = "azure.workload.identity/tenant-id";

/** Allows one service account to read the secrets of one Key Vault: Azure has no grant for a prefix. */
export function grantSecrets(
  scope: Scope,
  { oidcIssuerProfile }: ManagedCluster,
  { reader, vault = "" }: SecretAccess,
): SecretSource {
  const { name, group, options } = scope;
  const identity = createUserAssigned(scope, `${name}-secrets`);
  const role = createGrant(scope, "secrets", {
    role: "keyVaultSecretsUser",
    to: identity.principalId,
    type: "ServicePrincipal",
    on: vault,
  });
  const trust = new FederatedIdentityCredential(
    `${name}-secrets`,
    {
      resourceGroupName: group.name,
      resourceName: identity.name,
      issuer: oidcIssuerProfile.apply((profile) => profile?.issuerURL ?? ""),
      subject: `system:serviceaccount:${reader.namespace}:${reader.name}`,
      audiences: ["api://AzureADTokenExchange"],
    },
    options(),
  );
  return {
    grants: [role, trust],
    annotations: { [CLIENT_ID]: identity.clientId, [TENANT_ID]: identity.tenantId },
    provider: {
      azurekv: {
        authType: "WorkloadIdentity",
        vaultUrl: `https://${vault.split("/").at(-1)}.vault.azure.net`,
        serviceAccountRef: { name: reader.name },
      },
    },
  };
}
