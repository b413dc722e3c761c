import type { Row, Token } from "../types";
import { SUBSCRIPTION } from "./refusals";

export const GROUP = "azure-native:resources:ResourceGroup";
export const CLUSTER = "azure-native:containerservice:ManagedCluster";
const AGENT_POOL = "azure-native:containerservice:AgentPool";
const LOCK = "azure-native:authorization:ManagementLockByScope";

export const resources: Readonly<Record<Token, Row>> = {
  [GROUP]: {
    autoname: { property: "resourceGroupName", maxLength: 90 },
    rules: { resourceGroupName: { pattern: /^[-\w.()]{0,89}[-\w()]$/ } },
    replaceOn: ["resourceGroupName", "location"],
    id: ({ resourceGroupName }) => `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroupName}`,
    deletesToo: "*",
    takes: { create: 3, delete: 60 },
  },
  [CLUSTER]: {
    autoname: { property: "resourceName", maxLength: 63 },
    rules: { resourceName: { pattern: /^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/ } },
    replaceOn: ["resourceName", "resourceGroupName", "location", "dnsPrefix", "networkProfile.networkPlugin"],
    deletesToo: [AGENT_POOL],
    outputs: ({ resourceName, kubernetesVersion }, _, { apiServer, random }) => ({
      fqdn: apiServer.host,
      currentKubernetesVersion: `${kubernetesVersion ?? "1.34"}.1`,
      identityProfile: {
        kubeletidentity: {
          clientId: `00000000-0000-0000-0000-${random(12, "client")}`,
          objectId: `00000000-0000-0000-0000-${random(12, "object")}`,
          resourceId: `kubelet-${resourceName}`,
        },
      },
      oidcIssuerProfile: { enabled: true, issuerURL: `https://oidc.example.com/${random(32, "issuer")}/` },
    }),
    takes: { create: 300, delete: 240, update: 240 },
  },
  [AGENT_POOL]: {
    rules: { agentPoolName: { pattern: /^[a-z][a-z0-9]{0,11}$/ } },
    refs: { resourceName: CLUSTER },
    replaceOn: ["agentPoolName", "resourceName", "resourceGroupName", "vmSize"],
    id: ({ resourceGroupName, resourceName, agentPoolName }) =>
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroupName}/providers/Microsoft.ContainerService/managedClusters/${resourceName}/agentPools/${agentPoolName}`,
    takes: { create: 120, delete: 120, update: 120 },
  },
  [LOCK]: {
    lock: true,
    refs: { scope: { to: "*" } },
    rules: { level: { oneOf: ["CanNotDelete", "ReadOnly"] } },
    replaceOn: ["lockName", "scope"],
    id: ({ scope, lockName }, { name }) =>
      `${scope}/providers/Microsoft.Authorization/locks/${lockName ?? name}`,
  },
};
