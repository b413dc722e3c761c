import type { CloudOperations, ImportContext, ImportId, Inputs } from "../../operations";

const inGroup =
  (path: (inputs: Inputs) => string): ImportId =>
  async (inputs, context) => {
    const subscription = await subscriptionOf(context);
    return subscription === undefined
      ? undefined
      : `/subscriptions/${subscription}/resourceGroups/${inputs.resourceGroupName}${path(inputs)}`;
  };

/** Id of the subscription: configured, or that of another resource of the stack, or the login's current one. */
async function subscriptionOf({ place, known, ask }: ImportContext): Promise<string | undefined> {
  return (
    place.provider.subscriptionId ??
    process.env.ARM_SUBSCRIPTION_ID ??
    [...known].flatMap((id) => /^\/subscriptions\/([^/]+)\//.exec(id)?.[1] ?? [])[0] ??
    ((await ask(["az", "account", "show", "--output", "json"])) as { id?: string } | undefined)?.id
  );
}

export const importIds: CloudOperations["importIds"] = {
  "azure-native:resources:ResourceGroup": inGroup(() => ""),
  "azure-native:network:VirtualNetwork": inGroup(
    ({ virtualNetworkName }) => `/providers/Microsoft.Network/virtualNetworks/${virtualNetworkName}`,
  ),
  "azure-native:network:Subnet": inGroup(
    ({ virtualNetworkName, subnetName }) =>
      `/providers/Microsoft.Network/virtualNetworks/${virtualNetworkName}/subnets/${subnetName}`,
  ),
  "azure-native:managedidentity:UserAssignedIdentity": inGroup(
    ({ resourceName }) => `/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${resourceName}`,
  ),
  "azure-native:managedidentity:FederatedIdentityCredential": inGroup(
    ({ resourceName, federatedIdentityCredentialResourceName: name }) =>
      `/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${resourceName}/federatedIdentityCredentials/${name}`,
  ),
  "azure-native:authorization:RoleAssignment": ({ scope, roleAssignmentName }) =>
    roleAssignmentName === undefined
      ? undefined
      : `${scope}/providers/Microsoft.Authorization/roleAssignments/${roleAssignmentName}`,
  "azure-native:authorization:ManagementLockByScope": ({ scope, lockName }) =>
    `${scope}/providers/Microsoft.Authorization/locks/${lockName}`,
  "azure-native:containerservice:ManagedCluster": inGroup(
    ({ resourceName }) => `/providers/Microsoft.ContainerService/managedClusters/${resourceName}`,
  ),
  "azure-native:containerservice:AgentPool": inGroup(
    ({ resourceName, agentPoolName }) =>
      `/providers/Microsoft.ContainerService/managedClusters/${resourceName}/agentPools/${agentPoolName}`,
  ),
  "azure-native:containerservice:MaintenanceConfiguration": inGroup(
    ({ resourceName, configName }) =>
      `/providers/Microsoft.ContainerService/managedClusters/${resourceName}/maintenanceConfigurations/${configName}`,
  ),
  "azure-native:containerregistry:Registry": inGroup(
    ({ registryName }) => `/providers/Microsoft.ContainerRegistry/registries/${registryName}`,
  ),
  "azure-native:operationalinsights:Workspace": inGroup(
    ({ workspaceName }) => `/providers/Microsoft.OperationalInsights/workspaces/${workspaceName}`,
  ),
  "azure-native:monitor:DataCollectionRule": inGroup(
    ({ dataCollectionRuleName }) =>
      `/providers/Microsoft.Insights/dataCollectionRules/${dataCollectionRuleName}`,
  ),
  "azure-native:monitor:DataCollectionRuleAssociation": ({ resourceUri, associationName }) =>
    `${resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations/${associationName}`,
  "azure-native:monitor:DiagnosticSetting": ({ resourceUri, name }) =>
    `${resourceUri}/providers/Microsoft.Insights/diagnosticSettings/${name}`,
};
