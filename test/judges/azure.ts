/** What this program registers at Azure, and where the models of Azure's SDKs describe it. */
import { sdkType } from "../../stub-clouds/sdk";
import { failures } from "../../stub-clouds/validate";
import type { Judge } from "./finding";
import { judgeMapper, type Row } from "./mappers";
import type { PackageName } from "./models";

const row = (sdk: PackageName, mapper: string, url: Row["url"]): Row => ({ sdk, mapper, url });

/** An id of a resource, a resource group or a subscription. */
const ID = /^\/subscriptions\/[^/]+(\/resourceGroups\/[-\w.()]+(\/providers\/[\w.]+(\/\w+\/[-\w.]+)+)?)?$/i;

const GROUP = { resourceGroupName: "resourceGroupName" };

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
    { ...GROUP, resourceName: "resourceName", configName: "configName" },
  ),
  "azure-native:containerservice:ManagedCluster": row("@azure/arm-containerservice", "ManagedCluster", {
    ...GROUP,
    resourceName: "resourceName",
  }),
  "azure-native:managedidentity:UserAssignedIdentity": row("@azure/arm-msi", "Identity", {
    resourceGroupName: "resourceGroupName1",
  }),
  "azure-native:monitor:DiagnosticSetting": row("@azure/arm-monitor", "DiagnosticSettingsResource", {
    resourceUri: ID,
  }),
  "azure-native:network:Subnet": row("@azure/arm-network", "Subnet", {
    resourceGroupName: "resourceGroupName1",
    virtualNetworkName: "virtualNetworkName",
  }),
  "azure-native:network:VirtualNetwork": row("@azure/arm-network", "VirtualNetwork", {
    resourceGroupName: "resourceGroupName1",
  }),
  "azure-native:operationalinsights:Workspace": row("@azure/arm-operationalinsights", "Workspace", GROUP),
  "azure-native:resources:ResourceGroup": row("@azure/arm-resources", "ResourceGroup", GROUP),
};

const RULES: Readonly<Record<string, RegExp>> = {};

const types = new Map<string, ReturnType<typeof sdkType>>();

/** Azure's own enums are open, so that an old SDK knows a new value; those of Pulumi's SDK say what this API has. */
export const azure: Judge = ({ type, inputs }, say, mocked) => {
  const found = ROWS[type];
  if (found === undefined) return say("", "has no row in test/judges/azure.ts");
  judgeMapper(found, RULES, inputs, say, mocked);
  if (!types.has(type)) types.set(type, sdkType("azure-native", type));
  const declared = types.get(type);
  if (declared === undefined) return say("", "is not in @pulumi/azure-native");
  for (const { property, reason } of failures(inputs, declared, {}, true)) say(property, reason);
};
