import type { Resource, Row, Token, Values } from "../types";
import { clusterRules, fixed, granted } from "./cluster-rules";
import { UUID, uuid } from "../names";
import { grantOf, inGroup, refusedIf } from "./common";
import { flowRules, sinkRules } from "./diagnostics-rules";
import { nodeGroup, scaleSet } from "./node-group";
import { filledNetwork, filledPool } from "./filled-in";
import { fixedIn, poolRules, spotRules } from "./pool-rules";
import { overAddresses, overVcpus } from "./quotas";
import { SUBSCRIPTION, TENANT } from "./refusals";
import {
  GROUP,
  CLUSTER,
  AGENT_POOL,
  MAINTENANCE,
  NETWORK,
  SUBNET,
  IDENTITY,
  TRUST,
  GRANT,
  LOCK,
  REGISTRY,
  WORKSPACE,
  DIAGNOSTICS,
  COLLECTION,
  COLLECTED,
} from "./tokens";
import { DEFAULT_MINOR, poolVersionRules, upgradeRules } from "./version-rules";

const CIDR = { pattern: /^\d+\.\d+\.\d+\.\d+\/\d+$/ };
const POOL_NAME = { pattern: /^[a-z][a-z0-9]{0,11}$/ };
export const resources: Readonly<Record<Token, Row>> = {
  [GROUP]: {
    autoname: { property: "resourceGroupName", maxLength: 90 },
    rules: { resourceGroupName: { pattern: /^[-\w.()]{0,89}[-\w()]$/ } },
    // Here the property is the group's own name; in all other resources it refers to a group.
    refs: { resourceGroupName: { to: GROUP, except: /./ } },
    replaceOn: ["resourceGroupName", "location"],
    check: ({ location }, { config }) =>
      refusedIf((location ?? config.location) === undefined, "The location property is required."),
    id: ({ resourceGroupName }) => `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroupName}`,
    deletesToo: "*",
    takes: { create: 3, delete: 60 },
  },
  [NETWORK]: {
    autoname: { property: "virtualNetworkName", maxLength: 64 },
    rules: { "addressSpace.addressPrefixes[]": CIDR },
    requires: ["addressSpace"],
    replaceOn: ["virtualNetworkName", "resourceGroupName", "location"],
    deleteBlockedBy: [SUBNET],
    takes: { create: 5, delete: 10 },
  },
  [SUBNET]: {
    autoname: { property: "subnetName", maxLength: 80 },
    rules: { addressPrefix: CIDR },
    refs: { virtualNetworkName: NETWORK },
    replaceOn: ["subnetName", "virtualNetworkName", "resourceGroupName"],
    id: ({ resourceGroupName, virtualNetworkName, subnetName }) =>
      inGroup(
        resourceGroupName,
        `Microsoft.Network/virtualNetworks/${virtualNetworkName}/subnets/${subnetName}`,
      ),
    // https://github.com/hashicorp/terraform-provider-azurerm/issues/7687
    check: ({ subnetName, addressPrefix }, { find, all }) => {
      const old = find(SUBNET, subnetName);
      const holds = ({ inputs }: Resource): boolean =>
        [inputs, ...((inputs.agentPoolProfiles ?? []) as readonly Values[])].some(
          ({ vnetSubnetID }) => vnetSubnetID === old?.id,
        );
      return refusedIf(
        old !== undefined &&
          old.inputs.addressPrefix !== addressPrefix &&
          [...all(CLUSTER), ...all(AGENT_POOL)].some(holds),
        `InUseSubnetCannotBeUpdated: Subnet ${subnetName} is in use and cannot be updated.`,
      );
    },
    deleteBlockedBy: [CLUSTER, AGENT_POOL],
    takes: { create: 5, delete: 10 },
  },
  [IDENTITY]: {
    autoname: { property: "resourceName", maxLength: 128 },
    replaceOn: ["resourceName", "resourceGroupName", "location"],
    id: ({ resourceGroupName, resourceName }) =>
      inGroup(resourceGroupName, `Microsoft.ManagedIdentity/userAssignedIdentities/${resourceName}`),
    outputs: (_, id) => ({
      clientId: uuid(`client ${id}`),
      principalId: uuid(`principal ${id}`),
      tenantId: TENANT,
    }),
    handles: ["name", "principalId"],
    deletesToo: [TRUST],
    takes: { create: 5, delete: 5 },
  },
  // https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
  [TRUST]: {
    autoname: { property: "federatedIdentityCredentialResourceName", maxLength: 120 },
    rules: {
      federatedIdentityCredentialResourceName: { pattern: /^[A-Za-z0-9][-\w]{2,119}$/ },
      issuer: { pattern: /^https:\/\/./ },
      subject: { pattern: /^system:serviceaccount:[-a-z0-9]+:[-a-z0-9.]+$/ },
      audiences: { items: { min: 1, max: 1 } },
    },
    requires: ["issuer", "subject", "audiences"],
    refs: { resourceName: IDENTITY },
    replaceOn: ["federatedIdentityCredentialResourceName", "resourceName", "resourceGroupName"],
    // An identity trusts a service account of a cluster only once.
    check: ({ issuer, subject }, { isNew, all }) =>
      refusedIf(
        isNew && all(TRUST).some(({ inputs }) => inputs.issuer === issuer && inputs.subject === subject),
        `Issuer and subject combination already exists for this Managed Identity.`,
      ),
    id: ({ resourceGroupName, resourceName, federatedIdentityCredentialResourceName: name }) =>
      inGroup(
        resourceGroupName,
        `Microsoft.ManagedIdentity/userAssignedIdentities/${resourceName}/federatedIdentityCredentials/${name}`,
      ),
    takes: { create: 5, delete: 5 },
  },
  [GRANT]: {
    // The provider's autonaming of this parameter in its metadata: a random UUID.
    autoname: { property: "roleAssignmentName", kind: "uuid" },
    rules: {
      principalId: { pattern: UUID },
      roleDefinitionId: {
        pattern: new RegExp(
          `^/subscriptions/${SUBSCRIPTION}/providers/Microsoft\\.Authorization/roleDefinitions/${UUID.source.slice(1)}`,
        ),
      },
    },
    // Key vaults and Foundry resources are not created by these stacks.
    refs: { scope: { to: "*", except: /\/Microsoft\.(KeyVault\/vaults|CognitiveServices\/accounts)\// } },
    replaceOn: ["roleAssignmentName", "principalId", "scope"],
    // Without principalType, Azure looks the principal up in a directory that does not contain a new one yet.
    check: ({ principalId, principalType, roleDefinitionId, scope }, { isNew, find }) => [
      ...refusedIf(
        principalType === undefined && find(IDENTITY, principalId) !== undefined,
        `Principal ${principalId} does not exist in the directory.`,
      ),
      // https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
      ...refusedIf(
        isNew && find(GRANT, grantOf(principalId, roleDefinitionId, scope)) !== undefined,
        "RoleAssignmentExists: The role assignment already exists.",
      ),
    ],
    id: ({ scope, roleAssignmentName }) =>
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${roleAssignmentName}`,
    outputs: ({ principalId, roleDefinitionId, scope }) => ({
      grant: grantOf(principalId, roleDefinitionId, scope),
    }),
    handles: ["name", "grant"],
    takes: { create: 10, delete: 5 },
    // "Up to 10 minutes": https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
    visibleAfter: { seconds: 90, createdOn: "createdOn" },
  },
  [CLUSTER]: {
    autoname: { property: "resourceName", maxLength: 63 },
    rules: {
      resourceName: { pattern: /^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/ },
      dnsPrefix: { pattern: /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,52}[a-zA-Z0-9])?$/ },
      "agentPoolProfiles[].name": POOL_NAME,
      "apiServerAccessProfile.authorizedIPRanges": { items: { max: 200 } },
    },
    requires: ["agentPoolProfiles", "dnsPrefix"],
    refs: {
      "agentPoolProfiles[].vnetSubnetID": SUBNET,
      "identity.userAssignedIdentities[]": IDENTITY,
      "identityProfile.kubeletidentity.resourceId": IDENTITY,
      "addonProfiles.omsagent.config.logAnalyticsWorkspaceResourceID": WORKSPACE,
    },
    check: (inputs, context) => [
      ...clusterRules(inputs),
      ...granted(inputs, context),
      ...fixed(inputs, context),
      ...upgradeRules(inputs, context),
      ...overVcpus(inputs, context),
    ],
    // forceNewMap: https://github.com/pulumi/pulumi-azure-native/pull/4771
    replaceOn: [
      "resourceName",
      "resourceGroupName",
      "location",
      "dnsPrefix",
      "fqdnSubdomain",
      "nodeResourceGroup",
      "diskEncryptionSetID",
      "linuxProfile",
      "windowsProfile",
      "networkProfile.serviceCidr",
      "networkProfile.serviceCidrs",
      "networkProfile.dnsServiceIP",
      "networkProfile.networkMode",
      "networkProfile.networkPlugin",
      "networkProfile.networkPluginMode",
      "networkProfile.podCidr",
      "networkProfile.networkDataplane",
      "networkProfile.networkPolicy",
      "networkProfile.outboundType",
    ],
    deletesToo: [AGENT_POOL, MAINTENANCE],
    creates: nodeGroup,
    fails: (_, context) => overAddresses(context),
    outputs: (
      { resourceName, location, kubernetesVersion, identityProfile, networkProfile, agentPoolProfiles = [] },
      id,
      { apiServer, random, config },
    ) => ({
      location: location ?? config.location,
      fqdn: apiServer.host,
      currentKubernetesVersion: `${kubernetesVersion ?? `1.${DEFAULT_MINOR}`}.1`,
      identityProfile: identityProfile ?? {
        kubeletidentity: {
          clientId: `00000000-0000-0000-0000-${random(12, "client")}`,
          objectId: `00000000-0000-0000-0000-${random(12, "object")}`,
          resourceId: `kubelet-${resourceName}`,
        },
      },
      networkProfile: filledNetwork(networkProfile, id),
      agentPoolProfiles: (agentPoolProfiles as readonly Values[]).map(filledPool),
      powerState: { code: "Running" },
      eTag: random(8, "etag"),
      oidcIssuerProfile: { enabled: true, issuerURL: `https://oidc.example.com/${random(32, "issuer")}/` },
    }),
    takes: { create: 300, delete: 240, update: 240 },
  },
  [AGENT_POOL]: {
    rules: { agentPoolName: POOL_NAME },
    refs: { resourceName: CLUSTER, vnetSubnetID: SUBNET },
    check: (inputs, context) => [
      ...poolRules(inputs),
      ...spotRules(inputs),
      ...fixedIn(context.find(AGENT_POOL, inputs.agentPoolName)?.inputs ?? inputs, inputs),
      ...poolVersionRules(inputs, context),
      ...overVcpus(inputs, context),
    ],
    replaceOn: ["agentPoolName", "resourceName", "resourceGroupName", "vmSize"],
    outputs: filledPool,
    id: ({ resourceGroupName, resourceName, agentPoolName }) =>
      inGroup(
        resourceGroupName,
        `Microsoft.ContainerService/managedClusters/${resourceName}/agentPools/${agentPoolName}`,
      ),
    creates: ({ resourceName, resourceGroupName, agentPoolName, tags }, _, { find }) => {
      const cluster = find(CLUSTER, resourceName)?.outputs ?? {};
      return [scaleSet({ ...cluster, resourceName, resourceGroupName }, { name: agentPoolName, tags })];
    },
    takes: { create: 120, delete: 120, update: 120 },
  },
  [MAINTENANCE]: {
    rules: {
      configName: { oneOf: ["default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"] },
      "maintenanceWindow.durationHours": { min: 4, max: 24 },
      "maintenanceWindow.startTime": { pattern: /^([01]\d|2[0-3]):[0-5]\d$/ },
    },
    refs: { resourceName: CLUSTER },
    replaceOn: ["configName", "resourceName", "resourceGroupName"],
    id: ({ resourceGroupName, resourceName, configName }) =>
      inGroup(
        resourceGroupName,
        `Microsoft.ContainerService/managedClusters/${resourceName}/maintenanceConfigurations/${configName}`,
      ),
    takes: { create: 2, delete: 2 },
  },
  [LOCK]: {
    lock: true,
    refs: { scope: { to: "*" } },
    rules: { level: { oneOf: ["CanNotDelete", "ReadOnly"] } },
    replaceOn: ["lockName", "scope"],
    id: ({ scope, lockName }, { name }) =>
      `${scope}/providers/Microsoft.Authorization/locks/${lockName ?? name}`,
  },
  [REGISTRY]: {
    autoname: { property: "registryName", maxLength: 50 },
    rules: { registryName: { pattern: /^[a-zA-Z0-9]{5,50}$/ } },
    replaceOn: ["registryName", "resourceGroupName", "location"],
    outputs: ({ registryName }) => ({ loginServer: `${registryName}.azurecr.io` }),
    takes: { create: 15, delete: 10 },
  },
  [WORKSPACE]: {
    autoname: { property: "workspaceName", maxLength: 63 },
    rules: {
      workspaceName: { pattern: /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/ },
      retentionInDays: { min: 30, max: 730 },
    },
    replaceOn: ["workspaceName", "resourceGroupName", "location"],
    outputs: (_, id) => ({ customerId: uuid(id) }),
    takes: { create: 30, delete: 20 },
  },
  // It outlives the resource that it describes, and applies to the next one of that name.
  [DIAGNOSTICS]: {
    autoname: { property: "name", maxLength: 260 },
    rules: { logs: { items: { min: 1 } } },
    refs: { resourceUri: { to: "*" }, workspaceId: WORKSPACE },
    check: sinkRules,
    replaceOn: ["name", "resourceUri"],
    id: ({ resourceUri, name }) => `${resourceUri}/providers/Microsoft.Insights/diagnosticSettings/${name}`,
    takes: { create: 5, delete: 5 },
  },
  // https://learn.microsoft.com/azure/azure-monitor/essentials/data-collection-rule-structure
  [COLLECTION]: {
    autoname: { property: "dataCollectionRuleName", maxLength: 64 },
    rules: { kind: { oneOf: ["Linux", "Windows"] } },
    // https://learn.microsoft.com/azure/azure-monitor/containers/container-insights-data-collection-dcr
    accepts: ["Microsoft-ContainerLogV2"],
    refs: { "destinations.logAnalytics[].workspaceResourceId": WORKSPACE },
    check: flowRules,
    replaceOn: ["dataCollectionRuleName", "resourceGroupName", "location"],
    id: ({ resourceGroupName, dataCollectionRuleName }) =>
      inGroup(resourceGroupName, `Microsoft.Insights/dataCollectionRules/${dataCollectionRuleName}`),
    deleteBlockedBy: [COLLECTED],
    takes: { create: 10, delete: 5 },
  },
  [COLLECTED]: {
    refs: { resourceUri: { to: "*" }, dataCollectionRuleId: COLLECTION },
    requires: ["dataCollectionRuleId"],
    replaceOn: ["associationName", "resourceUri"],
    id: ({ resourceUri, associationName }) =>
      `${resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations/${associationName}`,
    takes: { create: 5, delete: 5 },
  },
};
