import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { Granted, ModelAccess } from "../types";
import { CLIENT_ID, createPodAccess } from "./pod-identity";
import type { Scope } from "./scope";

/** Allows one service account to call the models of one Foundry resource. */
export function grantModels(
  scope: Scope,
  cluster: ManagedCluster,
  { foundry, serviceAccount }: ModelAccess,
): Granted {
  if (foundry === undefined) return { grants: [], annotations: {} };
  const on = { role: "foundryUser", on: foundry.resourceId } as const;
  const { identity, grants } = createPodAccess(scope, cluster, "models", serviceAccount, on);
  return { grants, annotations: { [CLIENT_ID]: identity.clientId } };
}
