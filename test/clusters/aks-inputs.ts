/** What the program requests from Azure for the guide's cluster, and helpers to compare it. */
import { ADMIN } from "../support/aks";
import type { StackRun } from "../support/stack";

export const azure = ({ resources }: StackRun) =>
  resources.filter(({ type }) => type.startsWith("azure-native:"));
export const short = (type: string, name: string) => `${type.split(":").at(-1)} ${name}`;
export const byName = (stack: StackRun, pick: (each: StackRun["resources"][number]) => unknown) =>
  Object.fromEntries(azure(stack).map((each) => [short(each.type, each.name), pick(each)]));
export const nameOf = (urn: string) =>
  short(urn.split("::")[2]?.split("$").at(-1) ?? "", urn.split("::")[3] ?? "");

export const tags = { project: "ralph", stack: "test" };
export const inGroup = { resourceGroupName: "ralph-rg" };
export const role = (id: string) => `cluster-id/providers/Microsoft.Authorization/roleDefinitions/${id}`;
export const window = {
  schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
  startTime: "08:00",
  utcOffset: "+00:00",
  durationHours: 4,
};
export const grants = {
  [`RoleAssignment cluster-admin-${ADMIN}`]: {
    principalId: ADMIN,
    principalType: "User",
    roleDefinitionId: role("b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"),
    scope: "cluster-id",
  },
  "RoleAssignment cluster-network": {
    principalId: "principal",
    principalType: "ServicePrincipal",
    roleDefinitionId: role("4d97b98b-1d4f-4787-a291-c67834d212e7"),
    scope: "cluster-nodes-id",
  },
  // The driver of NFS shares lists the network's subnets.
  "RoleAssignment cluster-vnet": {
    principalId: "principal",
    principalType: "ServicePrincipal",
    roleDefinitionId: role("acdd72a7-3385-48ef-bd42-f606fba818ae"),
    scope: "cluster-id",
  },
  "RoleAssignment cluster-kubelet": {
    principalId: "principal",
    principalType: "ServicePrincipal",
    roleDefinitionId: role("f1a07417-d97a-45cb-824c-7a7467783830"),
    scope: "cluster-kubelet-id",
  },
  "RoleAssignment cluster-acr-pull": {
    principalId: "principal",
    principalType: "ServicePrincipal",
    roleDefinitionId: role("7f951dda-4ed3-4680-a7ca-43fe172d538d"),
    scope: "cluster-registry-id",
  },
};
export const pool = {
  name: "nodepool1",
  mode: "System",
  type: "VirtualMachineScaleSets",
  vmSize: "Standard_DS2_v2",
  count: 3,
  enableAutoScaling: true,
  minCount: 3,
  maxCount: 10,
  maxPods: 250,
  osType: "Linux",
  osSKU: "AzureLinux",
  osDiskSizeGB: 100,
  vnetSubnetID: "cluster-nodes-id",
  enableNodePublicIP: false,
  upgradeSettings: { maxSurge: "33%" },
  tags,
};
export const cluster = {
  ...inGroup,
  resourceName: "ralph-cluster",
  dnsPrefix: "ralph-cluster",
  sku: { name: "Base", tier: "Free" },
  identity: { type: "UserAssigned", userAssignedIdentities: ["cluster-id"] },
  identityProfile: {
    kubeletidentity: { resourceId: "cluster-kubelet-id", clientId: "client", objectId: "principal" },
  },
  enableRBAC: true,
  aadProfile: { managed: true, enableAzureRBAC: true },
  disableLocalAccounts: true,
  oidcIssuerProfile: { enabled: true },
  securityProfile: { workloadIdentity: { enabled: true } },
  apiServerAccessProfile: { disableRunCommand: true, authorizedIPRanges: ["203.0.113.0/24"] },
  networkProfile: {
    networkPlugin: "azure",
    networkPluginMode: "overlay",
    networkDataplane: "cilium",
    networkPolicy: "cilium",
    loadBalancerSku: "standard",
    outboundType: "loadBalancer",
    podCidr: "10.244.0.0/16",
    serviceCidr: "10.0.0.0/16",
    dnsServiceIP: "10.0.0.10",
  },
  agentPoolProfiles: [pool],
  autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
  storageProfile: { diskCSIDriver: { enabled: true }, fileCSIDriver: { enabled: true } },
  tags,
};
