/**
 * Proves what the program requests from Azure: the whole inputs of every resource, of the default cluster and of one
 * with every option on; the order of creation and deletion; the kubeconfig; and the traits. Mocks cannot prove what
 * Azure does with them.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { cloud } from "../../clusters/aks";
import { ADMIN, EVERYTHING, GROUP, KEY, MINIMAL, onlyPrograms, run, SERVER, VAULT } from "../support/aks";
import { type StackRun, valueOf } from "../support/stack";

const azure = ({ resources }: StackRun) => resources.filter(({ type }) => type.startsWith("azure-native:"));
const short = (type: string, name: string) => `${type.split(":").at(-1)} ${name}`;
const byName = (stack: StackRun, pick: (each: StackRun["resources"][number]) => unknown) =>
  Object.fromEntries(azure(stack).map((each) => [short(each.type, each.name), pick(each)]));
const nameOf = (urn: string) => short(urn.split("::")[2]?.split("$").at(-1) ?? "", urn.split("::")[3] ?? "");

describe("a cluster on AKS", () => {
  let restore: () => void;
  before(() => (restore = onlyPrograms("kubelogin", "az")));
  after(() => restore());

  const tags = { project: "ralph", stack: "test" };
  const inGroup = { resourceGroupName: "ralph-rg" };
  const role = (id: string) => `cluster-id/providers/Microsoft.Authorization/roleDefinitions/${id}`;
  const window = {
    schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
    startTime: "08:00",
    utcOffset: "+00:00",
    durationHours: 4,
  };
  const grants = {
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
  const pool = {
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
  const cluster = {
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
      roleDefinitionId: role("12338af0-0e69-4776-bea7-57ae8d297424"),
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

  it("is created after its own and its users' permissions, and outlives everything that runs in it", async () => {
    const stack = await run(EVERYTHING);
    const needs = (type: string, name: string) => stack.find(type, name).dependencies.map(nameOf);
    const includes = (actual: readonly string[], expected: readonly string[]) =>
      assert.deepEqual(
        expected.filter((each) => !actual.includes(each)),
        [],
        `missing in ${actual.join(", ")}`,
      );
    includes(needs("azure-native:containerservice:ManagedCluster", "cluster"), [
      `RoleAssignment cluster-admin-${ADMIN}`,
      `RoleAssignment cluster-admin-${GROUP}`,
      "RoleAssignment cluster-network",
      "RoleAssignment cluster-vnet",
      "RoleAssignment cluster-kubelet",
      "RoleAssignment cluster-acr-pull",
      "RoleAssignment cluster-kms",
      "Subnet cluster-nodes",
    ]);
    const granted = Object.fromEntries(
      ["network", "vnet", "kubelet", "kms", "acr-pull"].map((suffix) => [
        suffix,
        needs("azure-native:authorization:RoleAssignment", `cluster-${suffix}`).filter((each) =>
          /Identity|Subnet|VirtualNetwork|Registry/.test(each),
        ),
      ]),
    );
    // The principal and the scope of each grant.
    assert.deepEqual(granted, {
      network: ["UserAssignedIdentity cluster", "Subnet cluster-nodes"],
      vnet: ["UserAssignedIdentity cluster", "VirtualNetwork cluster"],
      kubelet: ["UserAssignedIdentity cluster", "UserAssignedIdentity cluster-kubelet"],
      kms: ["UserAssignedIdentity cluster"],
      "acr-pull": ["UserAssignedIdentity cluster-kubelet", "Registry cluster-registry"],
    });
    includes(needs("pulumi:providers:kubernetes", "kubernetes"), [
      `RoleAssignment cluster-admin-${ADMIN}`,
      "RoleAssignment cluster-network",
      "RoleAssignment cluster-acr-pull",
      "ManagedCluster cluster",
      "AgentPool cluster-spot",
    ]);
  });

  it("is locked last and unlocked first, because the lock also covers its child resources", async () => {
    const stack = await run({ ...EVERYTHING, deletionProtection: true });
    const lock = stack.find("azure-native:authorization:ManagementLockByScope", "cluster-lock");
    assert.deepEqual(lock.dependencies.map(nameOf).sort(), [
      "AgentPool cluster-spot",
      "DiagnosticSetting cluster-logs",
      "MaintenanceConfiguration cluster-node-os",
      "MaintenanceConfiguration cluster-upgrades",
      "ManagedCluster cluster",
    ]);
  });

  it("cannot be destroyed or replaced, even by Pulumi, while it is protected", async () => {
    const protectedResources = (stack: StackRun) =>
      azure(stack)
        .filter(({ protect }) => protect)
        .map(({ type, name }) => short(type, name));
    assert.deepEqual(protectedResources(await run(MINIMAL)), ["ManagedCluster cluster"]);
    assert.deepEqual(protectedResources(await run({ ...MINIMAL, deletionProtection: false })), []);
  });

  it("ignores what Azure manages, the node counts and its version, and applies a configured version", async () => {
    const ignored = async (cluster: object) => {
      const stack = await run({ ...MINIMAL, nodes: { spot: true }, ...cluster });
      return Object.fromEntries(
        azure(stack)
          .filter(({ ignoreChanges }) => ignoreChanges.length > 0)
          .map(({ type, name, ignoreChanges }) => [short(type, name), ignoreChanges]),
      );
    };
    const counts = {
      "VirtualNetwork cluster": ["subnets"],
      // An update would make their ids unknown to a preview.
      "UserAssignedIdentity cluster": ["tags"],
      "UserAssignedIdentity cluster-kubelet": ["tags"],
      "ManagedCluster cluster": ["agentPoolProfiles[0].count", "agentPoolProfiles[0].maxPods"],
      "AgentPool cluster-spot": ["count", "maxPods"],
    };
    assert.deepEqual(await ignored({ version: "1.35" }), counts);
    assert.deepEqual(await ignored({ channel: "none" }), counts);
    for (const channel of ["patch", "stable", "rapid", "node-image"]) {
      assert.deepEqual(await ignored({ channel }), {
        ...counts,
        "ManagedCluster cluster": [
          "agentPoolProfiles[0].count",
          "agentPoolProfiles[0].maxPods",
          "agentPoolProfiles[0].orchestratorVersion",
          "kubernetesVersion",
        ],
        "AgentPool cluster-spot": ["count", "maxPods", "orchestratorVersion"],
      });
    }
  });

  it("replaces a pool if AKS cannot change it, and deletes the old one first because the name is fixed", async () => {
    const stack = await run(EVERYTHING);
    const cluster = stack.find("azure-native:containerservice:ManagedCluster", "cluster");
    assert.deepEqual(cluster.replaceOnChanges, [
      "agentPoolProfiles[0].vmSize",
      "agentPoolProfiles[0].osDiskSizeGB",
      "agentPoolProfiles[0].availabilityZones",
      "apiServerAccessProfile.enablePrivateCluster",
    ]);
    const spot = stack.find("azure-native:containerservice:AgentPool", "cluster-spot");
    assert.deepEqual(spot.replaceOnChanges, ["vmSize", "osDiskSizeGB", "availabilityZones"]);
    assert.deepEqual([cluster.deleteBeforeReplace, spot.deleteBeforeReplace], [true, true]);
  });

  it("is previewed without a call to Azure", async () => {
    const stack = await run(MINIMAL, { preview: true, calls: {} });
    assert.equal(azure(stack).length, 17);
  });

  it("has further pools, of other machines and with labels and taints, that are fixed where AKS's pools are", async () => {
    const stack = await run({
      ...MINIMAL,
      maxPods: 60,
      nodePools: [
        {
          name: "gpu",
          machineType: "Standard_NC4as_T4_v3",
          max: 4,
          diskGb: 200,
          spot: true,
          labels: { team: "a" },
          taints: [{ key: "gpu", value: "yes" }],
        },
        { name: "plain", machineType: "Standard_D4s_v5", min: 1, max: 2 },
      ],
    });
    const of = (name: string) => stack.find("azure-native:containerservice:AgentPool", name);
    const shared: Partial<typeof pool> = { ...pool };
    delete shared.name;
    delete shared.upgradeSettings;
    const further = { ...inGroup, ...shared, resourceName: "ralph-cluster", mode: "User", maxPods: 60 };
    assert.deepEqual(of("cluster-pool-gpu").inputs, {
      ...further,
      agentPoolName: "gpu",
      vmSize: "Standard_NC4as_T4_v3",
      count: 0,
      minCount: 0,
      maxCount: 4,
      osDiskSizeGB: 200,
      scaleSetPriority: "Spot",
      scaleSetEvictionPolicy: "Delete",
      spotMaxPrice: -1,
      nodeLabels: { team: "a", "kubernetes.azure.com/scalesetpriority": "spot" },
      nodeTaints: ["gpu=yes:NoSchedule", "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"],
    });
    assert.deepEqual(of("cluster-pool-plain").inputs, {
      ...further,
      agentPoolName: "plain",
      vmSize: "Standard_D4s_v5",
      count: 1,
      minCount: 1,
      maxCount: 2,
    });
    assert.deepEqual(of("cluster-pool-plain").replaceOnChanges, [
      "vmSize",
      "osDiskSizeGB",
      "availabilityZones",
      "scaleSetPriority",
    ]);
  });

  it("uses an existing subnet, and creates no network", async () => {
    const vnet = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/v";
    const subnetId = `${vnet}/subnets/nodes`;
    const stack = await run({ ...MINIMAL, network: { existing: { subnetId } } });
    assert.deepEqual(
      azure(stack).filter(({ type }) => type.startsWith("azure-native:network:")),
      [],
    );
    const scopeOf = (name: string) =>
      stack.find("azure-native:authorization:RoleAssignment", name).inputs.scope as string;
    assert.deepEqual([scopeOf("cluster-network"), scopeOf("cluster-vnet")], [subnetId, vnet]);
    const { inputs } = stack.find("azure-native:containerservice:ManagedCluster", "cluster");
    assert.deepEqual(inputs.agentPoolProfiles, [{ ...pool, vnetSubnetID: subnetId }]);
  });

  it("has, as configured, a private API server, long-term support, and a daily limit of its logs", async () => {
    const stack = await run({
      ...MINIMAL,
      api: { private: true },
      tier: "Premium",
      logs: { dailyQuotaGb: 0.5 },
    });
    const { inputs } = stack.find("azure-native:containerservice:ManagedCluster", "cluster");
    assert.deepEqual(inputs, {
      ...cluster,
      sku: { name: "Base", tier: "Premium" },
      supportPlan: "AKSLongTermSupport",
      apiServerAccessProfile: {
        disableRunCommand: true,
        enablePrivateCluster: true,
        privateDNSZone: "none",
        enablePrivateClusterPublicFQDN: true,
      },
    });
    assert.deepEqual(
      stack.find("azure-native:operationalinsights:Workspace", "cluster-logs").inputs.workspaceCapping,
      { dailyQuotaGb: 0.5 },
    );
  });

  it("has, as configured, an autoscaler's profile and PremiumV2 shares, and changes nothing else by them", async () => {
    const [minimal, edited] = [
      await run(MINIMAL),
      await run({
        ...MINIMAL,
        autoscaler: {
          expander: "least-waste",
          scaleDownUnneededMinutes: 30,
          skipNodesWithLocalStorage: true,
        },
        storage: { shares: "PremiumV2_LRS" },
      }),
    ];
    const inputsOf = ({ resources }: StackRun) =>
      Object.fromEntries(resources.map(({ urn, inputs }) => [urn, inputs as Record<string, unknown>]));
    const before = inputsOf(minimal);
    const changed = Object.entries(inputsOf(edited)).flatMap(([urn, inputs]) =>
      JSON.stringify(inputs) === JSON.stringify(before[urn]) ? [] : [[nameOf(urn), inputs] as const],
    );
    const shareClass = minimal.find("kubernetes:storage.k8s.io/v1:StorageClass", "ralph-azurefile-nfs");
    assert.deepEqual(Object.fromEntries(changed), {
      "ManagedCluster cluster": {
        ...cluster,
        autoScalerProfile: {
          expander: "least-waste",
          scaleDownUnneededTime: "30m",
          skipNodesWithLocalStorage: "true",
        },
      },
      "StorageClass ralph-azurefile-nfs": {
        ...(shareClass.inputs as object),
        parameters: { protocol: "nfs", skuName: "PremiumV2_LRS" },
      },
    });
  });

  it("has a kubeconfig without credentials that never prompts", async () => {
    const { outputs } = await run(MINIMAL);
    assert.equal(await pulumi.isSecret(outputs.kubeconfig as pulumi.Output<string>), true);
    assert.deepEqual(JSON.parse(await valueOf<string>(outputs.kubeconfig)), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "ralph-cluster",
      contexts: [{ name: "ralph-cluster", context: { cluster: "ralph-cluster", user: "ralph-cluster" } }],
      clusters: [
        { name: "ralph-cluster", cluster: { server: SERVER, "certificate-authority-data": "Q0E=" } },
      ],
      users: [
        {
          name: "ralph-cluster",
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1beta1",
              interactiveMode: "Never",
              command: "kubelogin",
              args: [
                "get-token",
                "--login",
                "azurecli",
                "--server-id",
                "6dae42f8-4368-4678-94ff-3960e28e3630",
                "--environment",
                "AzurePublicCloud",
                "--tenant-id",
                "tenant",
              ],
              installHint:
                "kubelogin is missing: az aks install-cli, or https://azure.github.io/kubelogin/install.html",
              env: [],
            },
          },
        },
      ],
    });
    assert.equal(
      outputs.registry && (await valueOf(outputs.registry)),
      "cluster-registry-id.azurecr.io/ralph-orchestrator",
    );
  });

  it("logs in as configured", async () => {
    for (const login of ["spn", "workloadidentity", "msi", "azurepipelines"]) {
      const { outputs } = await run({ ...MINIMAL, login });
      assert.match(await valueOf<string>(outputs.kubeconfig), new RegExp(`"--login","${login}"`));
    }
  });

  it("provides a storage class for volumes that many nodes mount", async () => {
    const { inputs } = (await run(MINIMAL)).find(
      "kubernetes:storage.k8s.io/v1:StorageClass",
      "ralph-azurefile-nfs",
    );
    assert.deepEqual(inputs, {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "ralph-azurefile-nfs" },
      provisioner: "file.csi.azure.com",
      parameters: { protocol: "nfs", skuName: "Premium_LRS" },
      mountOptions: ["nconnect=4", "noresvport", "actimeo=30"],
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
    });
  });

  it("describes itself to the workload", () => {
    const traits = (cluster: object) => cloud.traits(cloud.schema.parse(cluster));
    const usual = {
      storageClass: { rwo: "managed-csi", rwx: "ralph-azurefile-nfs" },
      ingress: {
        className: "nginx",
        missing: "ingress-nginx, or ralph:cluster.webAppRouting",
        annotations: {},
        from: { namespaces: ["ingress-nginx"], cidrs: [] },
      },
      networkPolicy: {
        enforced: true,
        dnsCidrs: ["169.254.10.10/32", "169.254.10.11/32", "10.0.0.10/32"],
        blockedCidrs: ["168.63.129.16/32"],
      },
      metricsApi: true,
      architectures: ["amd64"],
      registry: { command: "az", install: "https://aka.ms/install-azure-cli" },
    };
    assert.deepEqual(traits({}), usual);
    assert.deepEqual(
      traits({
        webAppRouting: true,
        nodes: { spot: true },
        network: { pods: "198.18.0.0/16", services: "198.19.0.0/16", dnsServiceIP: "198.19.0.10" },
      }),
      {
        ...usual,
        ingress: {
          className: "webapprouting.kubernetes.azure.com",
          annotations: {},
          from: { namespaces: ["app-routing-system"], cidrs: [] },
        },
        networkPolicy: {
          enforced: true,
          dnsCidrs: ["169.254.10.10/32", "169.254.10.11/32", "198.19.0.10/32"],
          blockedCidrs: ["168.63.129.16/32", "198.18.0.0/16", "198.19.0.0/16"],
        },
        scheduling: {
          nodeSelector: { "kubernetes.azure.com/scalesetpriority": "spot" },
          tolerations: [
            {
              key: "kubernetes.azure.com/scalesetpriority",
              operator: "Equal",
              value: "spot",
              effect: "NoSchedule",
            },
          ],
        },
      },
    );
  });
});
