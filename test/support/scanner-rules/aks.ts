import type { Exemption, ScannerRule } from "./types";

const CLUSTER = "azure-native:containerservice:ManagedCluster";
const REGISTRY = "azure-native:containerregistry:Registry";
const POOLS = { of: CLUSTER, within: "agentPoolProfiles" };

const PREMIUM: Exemption = {
  why: "Only Premium registries support it, at ten times the price of Basic.",
  instead: "No user, password or anonymous pull; built images are deployed by digest.",
};

export const AKS: readonly ScannerRule[] = [
  {
    ids: ["CKV_AZURE_4", "AVD-AZU-0040"],
    asks: "the Container Insights agent collects container logs",
    of: CLUSTER,
    holds: ({ addonProfiles }) => addonProfiles?.omsagent?.enabled === true,
    turned: { addonProfiles: { omsagent: { enabled: true } } },
    exempt: {
      why: "It is billed per GB, for every log line of every pod.",
      instead: "Control plane logs, the audit log included, go to the cluster's own workspace.",
      keptBy: { logs: { workloads: true } },
    },
  },
  {
    ids: ["CKV_AZURE_5", "AVD-AZU-0042"],
    asks: "RBAC is enabled",
    of: CLUSTER,
    holds: ({ enableRBAC }) => enableRBAC === true,
    turned: { enableRBAC: false },
  },
  {
    ids: ["CKV_AZURE_6", "AVD-AZU-0041"],
    asks: "only configured ranges may reach the API server",
    of: CLUSTER,
    holds: ({ apiServerAccessProfile: { authorizedIPRanges = [], enablePrivateCluster } }) =>
      enablePrivateCluster === true || authorizedIPRanges.length > 0,
    turned: { apiServerAccessProfile: { authorizedIPRanges: ["203.0.113.0/24"] } },
    exempt: {
      why: "The committed stack must run from any address.",
      instead: "Entra ID authenticates, Azure RBAC authorizes, and local accounts are disabled.",
      keptBy: { api: { cidrs: ["203.0.113.0/24"] } },
    },
  },
  {
    ids: ["CKV_AZURE_7", "AVD-AZU-0043"],
    asks: "network policies are enforced",
    of: CLUSTER,
    holds: ({ networkProfile }) => networkProfile.networkPolicy !== undefined,
    turned: { networkProfile: { networkPolicy: null } },
  },
  {
    ids: ["CKV2_AZURE_29"],
    asks: "the network is Azure CNI",
    of: CLUSTER,
    holds: ({ networkProfile }) => networkProfile.networkPlugin === "azure",
    turned: { networkProfile: { networkPlugin: "kubenet" } },
  },
  {
    ids: ["CKV_AZURE_8"],
    asks: "the dashboard is disabled",
    of: CLUSTER,
    holds: ({ addonProfiles }) => addonProfiles?.kubeDashboard?.enabled !== true,
    turned: { addonProfiles: { kubeDashboard: { enabled: true } } },
  },
  {
    ids: ["CKV_AZURE_246"],
    asks: "HTTP application routing is disabled",
    of: CLUSTER,
    holds: ({ addonProfiles }) => addonProfiles?.httpApplicationRouting?.enabled !== true,
    turned: { addonProfiles: { httpApplicationRouting: { enabled: true } } },
  },
  {
    ids: ["CKV_AZURE_115"],
    asks: "the API server has no public address",
    of: CLUSTER,
    holds: ({ apiServerAccessProfile }) => apiServerAccessProfile.enablePrivateCluster === true,
    turned: { apiServerAccessProfile: { enablePrivateCluster: true } },
    exempt: {
      why: "The same `pulumi up` creates the objects in the cluster, from outside the network it has just created.",
      instead: "`ralph:cluster.api.cidrs` limits access to the ranges you work from.",
    },
  },
  {
    ids: ["CKV_AZURE_116"],
    asks: "the Azure Policy add-on validates pods",
    of: CLUSTER,
    holds: ({ addonProfiles }) => addonProfiles?.azurepolicy?.enabled === true,
    turned: { addonProfiles: { azurepolicy: { enabled: true } } },
    exempt: {
      why: "It only enforces policies that the subscription assigns.",
      instead: "Pod Security admission: Ralph's namespace enforces `restricted`.",
    },
  },
  {
    ids: ["CKV_AZURE_117"],
    asks: "disks use a customer-managed key",
    of: CLUSTER,
    holds: ({ diskEncryptionSetID }) => diskEncryptionSetID !== undefined,
    turned: {
      diskEncryptionSetID:
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/d",
    },
    exempt: {
      why: "The encryption set, its vault and its key must outlive the cluster.",
      instead: "Azure encrypts disks at rest with platform-managed keys.",
    },
  },
  {
    ids: ["CKV_AZURE_141"],
    asks: "local accounts are disabled",
    of: CLUSTER,
    holds: ({ disableLocalAccounts }) => disableLocalAccounts === true,
    turned: { disableLocalAccounts: false },
  },
  {
    ids: ["CKV_AZURE_143"],
    asks: "nodes have no public address",
    ...POOLS,
    holds: ({ enableNodePublicIP }) => enableNodePublicIP !== true,
    turned: { enableNodePublicIP: true },
  },
  {
    ids: ["CKV_AZURE_168"],
    asks: "nodes allow 50 pods or more",
    ...POOLS,
    holds: ({ maxPods }) => maxPods >= 50,
    turned: { maxPods: 30 },
  },
  {
    ids: ["CKV_AZURE_169"],
    asks: "nodes are a scale set",
    ...POOLS,
    holds: ({ type }) => type === "VirtualMachineScaleSets",
    turned: { type: "AvailabilitySet" },
  },
  {
    ids: ["CKV_AZURE_170"],
    asks: "the tier has an SLA",
    of: CLUSTER,
    holds: ({ sku }) => ["Standard", "Premium"].includes(sku.tier as string),
    turned: { sku: { tier: "Standard" } },
    exempt: {
      why: "It is billed by the hour; the guide's command uses the free tier.",
      instead: "Agents keep running while the API server is unavailable.",
      keptBy: { tier: "Standard" },
    },
  },
  {
    ids: ["CKV_AZURE_171"],
    asks: "a channel upgrades the cluster",
    of: CLUSTER,
    holds: ({ autoUpgradeProfile }) => (autoUpgradeProfile?.upgradeChannel ?? "none") !== "none",
    turned: { autoUpgradeProfile: { upgradeChannel: "none" } },
  },
  {
    ids: ["CKV_AZURE_172"],
    asks: "the Secrets Store driver rotates secrets",
    of: CLUSTER,
    holds: ({ addonProfiles }) =>
      addonProfiles?.azureKeyvaultSecretsProvider?.config?.enableSecretRotation === "true",
    turned: { addonProfiles: { azureKeyvaultSecretsProvider: { config: { enableSecretRotation: "true" } } } },
    exempt: {
      why: "The driver is not installed, because no pod mounts a Key Vault secret.",
      instead: "Keys are stored in a Kubernetes Secret, and changing one restarts the workers.",
    },
  },
  {
    ids: ["CKV_AZURE_226"],
    asks: "nodes use ephemeral OS disks",
    ...POOLS,
    holds: ({ osDiskType }) => osDiskType === "Ephemeral",
    turned: { osDiskType: "Ephemeral" },
    exempt: {
      why: "The guide's Standard_DS2_v2 has a cache of 86 GB, less than a node's disk of 100.",
      instead: "The disk is encrypted at rest and deleted with its node.",
    },
  },
  {
    ids: ["CKV_AZURE_227"],
    asks: "data is also encrypted on the host",
    ...POOLS,
    holds: ({ enableEncryptionAtHost }) => enableEncryptionAtHost === true,
    turned: { enableEncryptionAtHost: true },
    exempt: {
      why: "AKS rejects it in a subscription that has not registered the feature.",
      instead: "Disks are encrypted at rest.",
    },
  },
  {
    ids: ["CKV_AZURE_232"],
    asks: "only system pods run on system nodes",
    ...POOLS,
    holds: ({ nodeTaints = [] }) => nodeTaints.includes("CriticalAddonsOnly=true:NoSchedule"),
    turned: { nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"] },
    exempt: {
      why: "The guide has one pool; two more nodes would only run system pods.",
      instead:
        "Every pod of Ralph has requests and limits. With `ralph:cluster.nodes.spot` they run on a second pool.",
    },
  },
  {
    ids: ["CKV_AZURE_137"],
    asks: "the registry's admin user is disabled",
    of: REGISTRY,
    holds: ({ adminUserEnabled }) => adminUserEnabled !== true,
    turned: { adminUserEnabled: true },
  },
  {
    ids: ["CKV_AZURE_138"],
    asks: "anonymous pull is disabled",
    of: REGISTRY,
    holds: ({ anonymousPullEnabled }) => anonymousPullEnabled !== true,
    turned: { anonymousPullEnabled: true },
  },
  {
    ids: ["CKV_AZURE_139"],
    asks: "the registry has no public address",
    of: REGISTRY,
    holds: ({ publicNetworkAccess }) => publicNetworkAccess === "Disabled",
    turned: { publicNetworkAccess: "Disabled" },
    exempt: PREMIUM,
  },
  {
    ids: ["CKV_AZURE_163"],
    asks: "images are scanned: the tier is Standard or Premium",
    of: REGISTRY,
    holds: ({ sku }) => ["Standard", "Premium"].includes(sku.name as string),
    turned: { sku: { name: "Standard" } },
    exempt: {
      why: "Defender for Containers scans every tier; enable it on the subscription.",
      instead: "Built images are deployed by digest.",
    },
  },
  {
    ids: ["CKV_AZURE_164"],
    asks: "images are signed",
    of: REGISTRY,
    holds: ({ policies }) => policies?.trustPolicy?.status === "enabled",
    turned: { policies: { trustPolicy: { status: "enabled" } } },
    exempt: PREMIUM,
  },
  {
    ids: ["CKV_AZURE_165"],
    asks: "the registry is replicated to other regions",
    of: REGISTRY,
    // Replications are separate resources, which only this tier supports.
    holds: ({ sku }) => sku.name === "Premium",
    turned: { sku: { name: "Premium" } },
    exempt: PREMIUM,
  },
  {
    ids: ["CKV_AZURE_166"],
    asks: "images are quarantined until scanned",
    of: REGISTRY,
    holds: ({ policies }) => policies?.quarantinePolicy?.status === "enabled",
    turned: { policies: { quarantinePolicy: { status: "enabled" } } },
    exempt: PREMIUM,
  },
  {
    ids: ["CKV_AZURE_167"],
    asks: "untagged images are deleted after some time",
    of: REGISTRY,
    holds: ({ policies }) => policies?.retentionPolicy?.status === "enabled",
    turned: { policies: { retentionPolicy: { status: "enabled" } } },
    exempt: PREMIUM,
  },
  {
    ids: ["CKV_AZURE_233"],
    asks: "the registry is in more than one zone",
    of: REGISTRY,
    holds: ({ zoneRedundancy }) => zoneRedundancy === "Enabled",
    turned: { zoneRedundancy: "Enabled" },
    exempt: PREMIUM,
  },
  {
    ids: ["CKV_AZURE_237"],
    asks: "the registry has dedicated data endpoints",
    of: REGISTRY,
    holds: ({ dataEndpointEnabled }) => dataEndpointEnabled === true,
    turned: { dataEndpointEnabled: true },
    exempt: PREMIUM,
  },
];
