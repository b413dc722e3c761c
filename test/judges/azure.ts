/** What this program registers at Azure, and where the models of Azure's SDKs describe it. */
import { sdkType } from "../../stub-clouds/sdk";
import { failures } from "../../stub-clouds/validate";
import { type Judge, shown } from "./finding";
import { judgeMapper, type Row } from "./mappers";
import type { PackageName } from "./models";

const row = (sdk: PackageName, mapper: string, url: Row["url"]): Row => ({ sdk, mapper, url });

/** An id of a resource, a resource group or a subscription. */
const ID = /^\/subscriptions\/[^/]+(\/resourceGroups\/[-\w.()]+(\/providers\/[\w.]+(\/\w+\/[-\w.]+)+)?)?$/i;

/** Only the SDKs of groups and of locks have the pattern. */
const GROUP = { resourceGroupName: /^[-\w.()]{1,90}$/ };

const ROWS: Readonly<Record<string, Row>> = {
  "azure-native:authorization:ManagementLockByScope": row("@azure/arm-locks", "ManagementLockObject", {
    scope: ID,
  }),
  "azure-native:authorization:RoleAssignment": row(
    "@azure/arm-authorization",
    "RoleAssignmentCreateParameters",
    { scope: ID },
  ),
  // The provider uses 2023-01-01-preview, the SDK 2022-12-01; the SDKs after it have no mappers.
  "azure-native:containerregistry:Registry": {
    ...row("@azure/arm-containerregistry", "Registry", { ...GROUP, registryName: "registryName" }),
    preview: { anonymousPullEnabled: "boolean" },
  },
  "azure-native:containerservice:AgentPool": row("@azure/arm-containerservice", "AgentPool", {
    ...GROUP,
    resourceName: "resourceName",
    agentPoolName: "agentPoolName",
  }),
  "azure-native:containerservice:MaintenanceConfiguration": row(
    "@azure/arm-containerservice",
    "MaintenanceConfiguration",
    {
      ...GROUP,
      resourceName: "resourceName",
      // https://learn.microsoft.com/azure/aks/planned-maintenance#schedule-configuration-types-for-planned-maintenance
      configName: /^(default|aksManaged(AutoUpgrade|NodeOSUpgrade)Schedule)$/,
    },
  ),
  "azure-native:containerservice:ManagedCluster": row("@azure/arm-containerservice", "ManagedCluster", {
    ...GROUP,
    resourceName: "resourceName",
  }),
  "azure-native:managedidentity:FederatedIdentityCredential": row(
    "@azure/arm-msi",
    "FederatedIdentityCredential",
    {
      ...GROUP,
      resourceName: "resourceName",
      // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftmanagedidentity
      federatedIdentityCredentialResourceName: /^[A-Za-z0-9][-\w]{2,119}$/,
    },
  ),
  "azure-native:managedidentity:UserAssignedIdentity": row("@azure/arm-msi", "Identity", GROUP),
  "azure-native:monitor:DiagnosticSetting": row("@azure/arm-monitor", "DiagnosticSettingsResource", {
    resourceUri: ID,
  }),
  "azure-native:network:Subnet": row("@azure/arm-network", "Subnet", {
    ...GROUP,
    // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftnetwork
    virtualNetworkName: /^[a-z0-9][-\w.]{0,62}\w$/i,
  }),
  "azure-native:network:VirtualNetwork": row("@azure/arm-network", "VirtualNetwork", GROUP),
  "azure-native:operationalinsights:Workspace": row("@azure/arm-operationalinsights", "Workspace", GROUP),
  "azure-native:resources:ResourceGroup": row("@azure/arm-resources", "ResourceGroup", GROUP),
};

/** Types that no SDK with mappers has. Pulumi's SDK, made from the same specification, judges their properties. */
const WITHOUT_MAPPER: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  // https://learn.microsoft.com/rest/api/monitor/data-collection-rules/create
  "azure-native:monitor:DataCollectionRule": { ...GROUP, kind: /^(Linux|Windows)$/ },
  // https://learn.microsoft.com/rest/api/monitor/data-collection-rule-associations/create
  "azure-native:monitor:DataCollectionRuleAssociation": {
    resourceUri: ID,
    associationName: /^[-\w]{1,260}$/,
    dataCollectionRuleId: ID,
  },
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CIDR = /^\d+\.\d+\.\d+\.\d+\/\d+$/;

/** Forms that the SDK states in its words about the property, or a document does, which is named. */
const POOL = {
  // https://learn.microsoft.com/azure/reliability/availability-zones-overview
  availabilityZones: /^[1-3]$/,
  count: /^(\d{1,3}|1000)$/,
  maxCount: /^(\d{1,3}|1000)$/,
  // https://learn.microsoft.com/azure/aks/quotas-skus-regions
  maxPods: /^(\d\d|1\d\d|2[0-4]\d|250)$/,
  minCount: /^(\d{1,3}|1000)$/,
  // https://learn.microsoft.com/azure/aks/use-labels: of AKS's own prefix, a spot pool repeats one label
  "nodeLabels#": /^(?!kubernetes\.azure\.com\/)|^kubernetes\.azure\.com\/scalesetpriority$/,
  // https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
  "nodeLabels.*": /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/,
  nodeTaints: /^[^=:\s]+=[^=:\s]*:(NoSchedule|PreferNoSchedule|NoExecute)$/,
  orchestratorVersion: /^\d+\.\d+(\.\d+)?$/,
  // https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
  vmSize: /^Standard_[A-Z][-\w]*$/,
  vnetSubnetID:
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i,
};

const of = (className: string, rules: Readonly<Record<string, RegExp>>): Record<string, RegExp> =>
  Object.fromEntries(Object.entries(rules).map(([key, rule]) => [`${className}.${key}`, rule]));

const RULES: Readonly<Record<string, RegExp>> = {
  ...of("AgentPool", POOL),
  ...of("ManagedClusterAgentPoolProfile", POOL),
  "AddressSpace.addressPrefixes": CIDR,
  "AgentPoolUpgradeSettings.maxSurge": /^\d+%?$/,
  // https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name
  "AzureKeyVaultKms.keyId": /^https:\/\/[-a-z0-9]+\.vault\.azure\.[a-z]+\/keys\/[^/]+\/[0-9a-f]+$/i,
  "DiagnosticSettingsResource.logAnalyticsDestinationType": /^Dedicated$/,
  "DiagnosticSettingsResource.workspaceId": ID,
  // https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
  "FederatedIdentityCredential.audiences": /^api:\/\/AzureADTokenExchange$/,
  "FederatedIdentityCredential.issuer": /^https:\/\/\S+$/,
  "FederatedIdentityCredential.subject": /^system:serviceaccount:[-a-z0-9]+:[-a-z0-9.]+$/,
  // https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs
  "LogSettings.category": /^[a-z]+(-[a-z]+)*$/,
  // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerservice
  "ManagedCluster.dnsPrefix": /^[a-z0-9]([-a-z0-9]{0,52}[a-z0-9])?$/i,
  // "The only accepted key is kubeletidentity": models/index.d.ts of the SDK
  "ManagedCluster.identityProfile#": /^kubeletidentity$/,
  "ManagedCluster.kubernetesVersion": POOL.orchestratorVersion,
  "ManagedClusterIdentity.userAssignedIdentities": ID,
  "RoleAssignmentCreateParameters.principalId": UUID,
  "RoleAssignmentCreateParameters.roleDefinitionId":
    /\/providers\/Microsoft\.Authorization\/roleDefinitions\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  // https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview
  "ServiceEndpointPropertiesFormat.service": /^Microsoft\.[\w.]+$/,
  "Subnet.addressPrefix": CIDR,
  "UserAssignedIdentity.clientId": UUID,
  "UserAssignedIdentity.objectId": UUID,
  "UserAssignedIdentity.resourceId": ID,
  // https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure
  "Workspace.retentionInDays": /^(-1|[3-9]\d|[1-6]\d\d|7[0-2]\d|730)$/,
};

/** https://learn.microsoft.com/azure/azure-monitor/containers/container-insights-data-collection-dcr */
const STREAMS = ["Microsoft-ContainerLogV2"];

const types = new Map<string, ReturnType<typeof sdkType>>();

/** Azure's own enums are open, so that an old SDK knows a new value; those of Pulumi's SDK say what this API has. */
export const azure: Judge = ({ type, inputs }, say, mocked) => {
  const found = ROWS[type];
  const forms = WITHOUT_MAPPER[type];
  if (found !== undefined) judgeMapper(found, RULES, inputs, say, mocked);
  else if (forms === undefined) return say("", "has no row in test/judges/azure.ts");
  for (const [property, form] of Object.entries(forms ?? {})) {
    const value = inputs[property];
    if (!mocked(value) && !form.test(String(value))) say(property, `must match ${form}, is ${shown(value)}`);
  }
  if (!types.has(type)) types.set(type, sdkType("azure-native", type));
  const declared = types.get(type);
  if (declared === undefined) return say("", "is not in @pulumi/azure-native");
  for (const { property, reason } of failures(inputs, declared, { accepts: STREAMS }, true))
    say(property, reason);
};
