/**
 * Proves what the program requests from Azure: the whole inputs of every resource, of the default cluster and of one with
 * every option on. Mocks cannot prove what Azure does with them.
 */
import assert from "node:assert/strict";
import { ADMIN, EVERYTHING, GROUP, KEY, MINIMAL, onlyPrograms, run, VAULT } from "../support/aks";
import { azure, byName, cluster, grants, inGroup, pool, tags, window } from "./aks-inputs";

describe("a cluster on AKS", () => {
  let restore: () => void;
  before(() => (restore = onlyPrograms("kubelogin", "az")));
  after(() => restore());

  it("is the guide's cluster, closed and protected, with a minimal configuration", async () => {
    const stack = await run(MINIMAL);
    assert.deepEqual(
      byName(stack, ({ inputs }) => inputs as unknown),
      {
        ...grants,
        "ResourceGroup cluster": { ...inGroup, tags },
        "UserAssignedIdentity cluster": { ...inGroup, tags },
        "UserAssignedIdentity cluster-kubelet": { ...inGroup, tags },
        "VirtualNetwork cluster": {
          ...inGroup,
          addressSpace: { addressPrefixes: ["10.224.0.0/16"] },
          // The SDK's defaults.
          enableDdosProtection: false,
          enableVmProtection: false,
          tags,
        },
        "Subnet cluster-nodes": {
          ...inGroup,
          virtualNetworkName: "vnet-name",
          addressPrefix: "10.224.0.0/22",
          serviceEndpoints: [{ service: "Microsoft.Storage" }],
          privateEndpointNetworkPolicies: "Disabled",
          privateLinkServiceNetworkPolicies: "Enabled",
        },
        "ManagedCluster cluster": cluster,
        "MaintenanceConfiguration cluster-upgrades": {
          ...inGroup,
          resourceName: "ralph-cluster",
          configName: "aksManagedAutoUpgradeSchedule",
          maintenanceWindow: window,
        },
        "MaintenanceConfiguration cluster-node-os": {
          ...inGroup,
          resourceName: "ralph-cluster",
          configName: "aksManagedNodeOSUpgradeSchedule",
          maintenanceWindow: window,
        },
        "Workspace cluster-logs": { ...inGroup, sku: { name: "PerGB2018" }, retentionInDays: 30, tags },
        "DiagnosticSetting cluster-logs": {
          resourceUri: "cluster-id",
          workspaceId: "cluster-logs-id",
          logAnalyticsDestinationType: "Dedicated",
          logs: [
            "kube-audit-admin",
            "guard",
            "kube-controller-manager",
            "kube-scheduler",
            "cluster-autoscaler",
          ].map((category) => ({ category, enabled: true })),
        },
        "Registry cluster-registry": {
          ...inGroup,
          registryName: "ralphcluster3c6eb6a11b92",
          sku: { name: "Basic" },
          adminUserEnabled: false,
          anonymousPullEnabled: false,
          networkRuleBypassOptions: "AzureServices",
          publicNetworkAccess: "Enabled",
          zoneRedundancy: "Disabled",
          tags,
        },
        "ManagementLockByScope cluster-lock": {
          scope: "cluster-id",
          level: "CanNotDelete",
          notes: "ralph:cluster.deletionProtection",
        },
      },
    );
  });

  it("changes with every option in the resources that the option is about, and in no other", async () => {
    const [minimal, full] = [await run(MINIMAL), await run(EVERYTHING)];
    const [before, after] = [minimal, full].map((stack) => byName(stack, ({ inputs }) => inputs as unknown));
    const tagged = { owner: "ralph", ...tags };
    const zones = ["1", "2", "3"];

    assert.deepEqual(after?.["ManagedCluster cluster"], {
      ...cluster,
      kubernetesVersion: "1.35",
      sku: { name: "Base", tier: "Standard" },
      securityProfile: {
        workloadIdentity: { enabled: true },
        azureKeyVaultKms: { enabled: true, keyId: KEY, keyVaultNetworkAccess: "Public" },
      },
      apiServerAccessProfile: { disableRunCommand: true },
      agentPoolProfiles: [
        {
          ...pool,
          count: 2,
          minCount: 2,
          maxCount: 3,
          maxPods: 250,
          osDiskSizeGB: 128,
          orchestratorVersion: "1.35",
          availabilityZones: zones,
          tags: tagged,
        },
      ],
      ingressProfile: { webAppRouting: { enabled: true } },
      tags: tagged,
    });
    const shared: Partial<typeof pool> = { ...pool };
    delete shared.name;
    delete shared.upgradeSettings;
    assert.deepEqual(after["AgentPool cluster-spot"], {
      ...inGroup,
      ...shared,
      resourceName: "ralph-cluster",
      agentPoolName: "spot",
      mode: "User",
      vmSize: "Standard_D8s_v5",
      count: 4,
      minCount: 1,
      maxCount: 20,
      maxPods: 250,
      osDiskSizeGB: 128,
      orchestratorVersion: "1.35",
      availabilityZones: zones,
      scaleSetPriority: "Spot",
      scaleSetEvictionPolicy: "Delete",
      spotMaxPrice: -1,
      nodeLabels: { "kubernetes.azure.com/scalesetpriority": "spot" },
      nodeTaints: ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"],
      tags: tagged,
    });
    assert.deepEqual(after[`RoleAssignment cluster-admin-${GROUP}`], {
      ...grants[`RoleAssignment cluster-admin-${ADMIN}`],
      principalId: GROUP,
      principalType: "Group",
    });
    assert.deepEqual(after["RoleAssignment cluster-kms"], {
      ...grants["RoleAssignment cluster-network"],
      // In the subscription of the vault.
      roleDefinitionId:
        "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/12338af0-0e69-4776-bea7-57ae8d297424",
      scope: VAULT,
    });
    assert.equal(after["ManagementLockByScope cluster-lock"], undefined);

    const changed = [
      "ManagedCluster cluster",
      "AgentPool cluster-spot",
      `RoleAssignment cluster-admin-${GROUP}`,
      "RoleAssignment cluster-kms",
      "ManagementLockByScope cluster-lock",
    ];
    const unchanged = (inputs: Record<string, unknown> = {}) =>
      Object.fromEntries(
        Object.entries(inputs)
          .filter(([name]) => !changed.includes(name))
          .map(([name, body]) => [name, JSON.parse(JSON.stringify(body).replace('"owner":"ralph",', ""))]),
      );
    assert.deepEqual(unchanged(after), unchanged(before));
  });

  it("has no workspace without log categories, and no upgrade window without automatic upgrades", async () => {
    const stack = await run({ ...MINIMAL, logs: { categories: [] }, channel: "none" });
    assert.deepEqual(
      azure(stack).filter(({ name }) => /logs|upgrades/.test(name)),
      [],
    );
    const { autoUpgradeProfile } = stack.find(
      "azure-native:containerservice:ManagedCluster",
      "cluster",
    ).inputs;
    assert.deepEqual(autoUpgradeProfile, { upgradeChannel: "none", nodeOSUpgradeChannel: "NodeImage" });
  });
});
