/**
 * Proves what each further option of an AKS cluster requests from Azure, and that it changes nothing else: pools, an existing
 * subnet, a private API server, the support plan, limits of logs, the autoscaler and shares.
 */
import assert from "node:assert/strict";
import { MINIMAL, onlyPrograms, run } from "../support/aks";
import { type StackRun } from "../support/stack";
import { azure, cluster, inGroup, nameOf, pool } from "./aks-inputs";

describe("an AKS cluster with options", () => {
  let restore: () => void;
  before(() => (restore = onlyPrograms("kubelogin", "az")));
  after(() => restore());

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
      "workloadRuntime",
    ]);
  });

  it("runs Ralph's pods in virtual machines of their own, in a pool with sandbox", async () => {
    const stack = await run({
      ...MINIMAL,
      nodePools: [
        {
          name: "agents",
          machineType: "Standard_D8ps_v6",
          min: 1,
          max: 4,
          spot: true,
          taints: [{ key: "agents", value: "only" }],
        },
        {
          name: "kata",
          machineType: "Standard_D8s_v5",
          min: 1,
          max: 4,
          spot: true,
          sandbox: true,
          labels: { team: "a" },
          taints: [{ key: "agents", value: "only" }],
        },
      ],
    });
    const { agents, kata } = {
      agents: stack.find("azure-native:containerservice:AgentPool", "cluster-pool-agents").inputs,
      kata: stack.find("azure-native:containerservice:AgentPool", "cluster-pool-kata").inputs,
    };
    assert.deepEqual(kata, {
      ...agents,
      agentPoolName: "kata",
      vmSize: "Standard_D8s_v5",
      workloadRuntime: "KataVmIsolation",
      nodeLabels: { team: "a", "ralph-sandbox": "true", "kubernetes.azure.com/scalesetpriority": "spot" },
    });
    const { spec } = stack.find("kubernetes:apps/v1:Deployment", "ralph-orchestrator").inputs.spec.template;
    assert.equal(spec.runtimeClassName, "kata-vm-isolation");
    assert.deepEqual(spec.nodeSelector, { "ralph-sandbox": "true" });
    assert.deepEqual(spec.tolerations, [
      {
        key: "kubernetes.azure.com/scalesetpriority",
        operator: "Equal",
        value: "spot",
        effect: "NoSchedule",
      },
      { key: "agents", operator: "Equal", value: "only", effect: "NoSchedule" },
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

  it("logs reads of Secrets if asked to, by the one log that has everything of the other", async () => {
    const categories = async (logs: object) => {
      const stack = await run({ ...MINIMAL, logs });
      const [setting] = stack.ofType("azure-native:monitor:DiagnosticSetting");
      return (setting?.inputs.logs as { category: string }[]).map(({ category }) => category);
    };
    const others = ["guard", "kube-controller-manager", "kube-scheduler", "cluster-autoscaler"];
    assert.deepEqual(await categories({}), ["kube-audit-admin", ...others]);
    assert.deepEqual(await categories({ secretReads: true }), ["kube-audit", ...others]);
    assert.deepEqual(await categories({ secretReads: true, categories: [] }), ["kube-audit"]);
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
});
