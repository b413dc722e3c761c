/** Types of the SDK that the rows of Azure name. */
export const GROUP = "azure-native:resources:ResourceGroup";
export const CLUSTER = "azure-native:containerservice:ManagedCluster";
export const AGENT_POOL = "azure-native:containerservice:AgentPool";
export const MAINTENANCE = "azure-native:containerservice:MaintenanceConfiguration";
export const NETWORK = "azure-native:network:VirtualNetwork";
export const SUBNET = "azure-native:network:Subnet";
export const IDENTITY = "azure-native:managedidentity:UserAssignedIdentity";
export const TRUST = "azure-native:managedidentity:FederatedIdentityCredential";
export const GRANT = "azure-native:authorization:RoleAssignment";
export const LOCK = "azure-native:authorization:ManagementLockByScope";
export const REGISTRY = "azure-native:containerregistry:Registry";
export const WORKSPACE = "azure-native:operationalinsights:Workspace";
export const DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting";
export const COLLECTION = "azure-native:monitor:DataCollectionRule";
export const COLLECTED = "azure-native:monitor:DataCollectionRuleAssociation";
