import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { SecretAccess, SecretSource } from "../types";
import { CLIENT_ID, createPodAccess } from "./pod-identity";
import type { Scope } from "./scope";

/** External Secrets asks that tenant for the token: https://external-secrets.io/latest/provider/azure-key-vault */
const TENANT_ID = "azure.workload.identity/tenant-id";

/** Allows one service account to read the secrets of one Key Vault: Azure has no grant for a prefix. */
export function grantSecrets(
  scope: Scope,
  cluster: ManagedCluster,
  { reader, vault = "" }: SecretAccess,
): SecretSource {
  const on = { role: "keyVaultSecretsUser", on: vault } as const;
  const { identity, grants } = createPodAccess(scope, cluster, "secrets", reader, on);
  return {
    grants,
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
