/**
 * Proves that the rows of Azure refuse what its API refuses, for the resources of an AKS stack: only then does the
 * engine test of that stack, in which nothing is refused, prove anything.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { StubCloud } from "../../stub-clouds/cloud";
import { tableOf } from "../../stub-clouds/tables";
import type { Values } from "../../stub-clouds/types";
import { World } from "../../stub-clouds/world";
import { type Azure, azureWorld, type Kind, ROLES, SPOT_TAINT, subject } from "./azure-world";

describe("the stub of Azure", () => {
  const open = azureWorld();
  let azure: Azure;
  beforeEach(() => (azure = open()));

  it("creates no resource group without a region", async () => {
    azure.cloud.configure({});
    await assert.rejects(
      azure.createInGroup("group", { resourceGroupName: "h" }),
      /location property is required/,
    );
  });

  it("creates no cluster whose identity may not use its subnet", async () => {
    await assert.rejects(
      azure.createInGroup("cluster", azure.clusterOf()),
      /no permission .*subnets\/join\/action/,
    );
    await azure.grant();
    await azure.createInGroup("cluster", azure.clusterOf());
  });

  it("creates no cluster whose identity may not use its nodes' identity", async () => {
    await azure.grant();
    const kubelet = (await azure.createInGroup("identity", { resourceName: "k" })).id;
    const profile = { identityProfile: { kubeletidentity: { resourceId: kubelet } } };
    const refused = /Code="CustomKubeletIdentityMissingPermissionError" .*assign\/action/;
    await assert.rejects(azure.createInGroup("cluster", azure.clusterOf(profile)), refused);
    const operator = await azure.grant({
      roleDefinitionId: `${ROLES}/f1a07417-d97a-45cb-824c-7a7467783830`,
      scope: kubelet,
    });
    const appliedAt = (visible: number) =>
      azure.world.change((resources) => ({
        result: undefined,
        resources: resources.map((each) => (each.id === operator.id ? { ...each, visible } : each)),
      }));
    await appliedAt(Date.now() + 60_000);
    await assert.rejects(
      azure.createInGroup("cluster", azure.clusterOf(profile)),
      refused,
      "the role has no effect yet",
    );
    await appliedAt(Date.now());
    await azure.createInGroup("cluster", azure.clusterOf(profile));
  });

  it("applies a role some time after it has been assigned", async () => {
    const scaled = join(azure.dir, "scaled");
    const slow = World.create(scaled, { ...azure.world.options, timeScale: 0.0001 });
    azure.cloud = new StubCloud("azure-native", tableOf("azure-native"), slow);
    azure.cloud.configure({ location: "westeurope" });
    await azure.createInGroup("group", { resourceGroupName: "g" });
    const { id } = await azure.createInGroup("identity", { resourceName: "i" });
    const granted = await azure.grant({ scope: id });
    const found = slow.resources.find((each) => each.id === granted.id);
    const { ready = 0, visible = 0 } = found ?? {};
    assert.equal(visible - ready, 90_000 * 0.0001);
    assert.equal(found?.outputs.createdOn, new Date(visible - 90_000).toISOString());
  });

  it("finds no new principal without its type, and creates no role assignment twice", async () => {
    await assert.rejects(azure.grant({ principalType: undefined }), /does not exist in the directory/);
    // The provider names it by a random UUID, which the state has before Azure is asked: `recover` finds it by that.
    const first = await azure.grant();
    assert.match(first.id, /\/roleAssignments\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    await assert.rejects(azure.grant(), /RoleAssignmentExists/);
  });

  it("refuses a cluster whose properties contradict each other", async () => {
    await azure.grant();
    const cases: [Values, RegExp][] = [
      [{ agentPoolProfiles: [{ ...azure.pool(), mode: "User" }] }, /at least one system pool/],
      [{ agentPoolProfiles: [{ ...azure.pool(), scaleSetPriority: "Spot" }] }, /can't be a Spot pool/],
      ...["Standard_DS2_v2", "Standard_D4ps_v6", "Standard_B4ms"].map((vmSize): [object, RegExp] => [
        {
          agentPoolProfiles: [
            { ...azure.pool(), workloadRuntime: "KataVmIsolation", osSKU: "AzureLinux", vmSize },
          ],
        },
        /does not support nested virtualization/,
      ]),
      [
        { agentPoolProfiles: [{ ...azure.pool(), workloadRuntime: "KataVmIsolation", osSKU: "Ubuntu" }] },
        /requires OS SKU AzureLinux/,
      ],
      [
        { agentPoolProfiles: [{ ...azure.pool(), enableAutoScaling: true, minCount: 3, maxCount: 2 }] },
        /minCount of system is above/,
      ],
      [{ networkProfile: { networkPolicy: "cilium" } }, /requires networkDataplane cilium/],
      [{ networkProfile: { networkDataplane: "cilium" } }, /requires the overlay/],
      [{ disableLocalAccounts: true }, /Local accounts can't be disabled/],
      [{ sku: { name: "Base", tier: "Premium" } }, /requires the support plan/],
      [
        { apiServerAccessProfile: { enablePrivateCluster: true, authorizedIPRanges: ["203.0.113.0/24"] } },
        /not supported on a private cluster/,
      ],
      [
        { apiServerAccessProfile: { enablePrivateCluster: true, privateDNSZone: "none" } },
        /must have a public FQDN/,
      ],
      [
        { agentPoolProfiles: [{ ...azure.pool(), securityProfile: { sshAccess: "Disabled" } }] },
        /unknown field "sshAccess"/,
      ],
    ];
    for (const [more, reason] of cases)
      await assert.rejects(azure.createInGroup("cluster", azure.clusterOf(more)), reason);
  });

  const updated = (kind: Kind, id: string, before: Values, inputs: Values) =>
    azure.cloud.update(subject(kind), { id, state: before, before, inputs }, false, 0);

  it("upgrades a cluster by one minor version at a time, and never back", async () => {
    await azure.grant();
    const at = (minor: number) => azure.clusterOf({ kubernetesVersion: `1.${minor}` });
    const { id } = await azure.createInGroup("cluster", at(34));
    await assert.rejects(
      updated("cluster", id, at(34), at(36)),
      /Skipping multiple versions is not supported/,
    );
    await assert.rejects(updated("cluster", id, at(34), at(33)), /Downgrading Kubernetes version/);
    await updated("cluster", id, at(34), at(35));
  });

  it("upgrades no control plane together with a pool while there is a spot pool, and no pool beyond it", async () => {
    await azure.grant();
    const at = (minor: number, pools = minor) =>
      azure.clusterOf({
        kubernetesVersion: `1.${minor}`,
        agentPoolProfiles: [{ ...azure.pool(), orchestratorVersion: `1.${pools}` }],
      });
    const { id } = await azure.createInGroup("cluster", at(34));
    const user = (orchestratorVersion: string, more: Values = {}) => ({
      resourceGroupName: "g",
      resourceName: "c",
      mode: "User",
      vmSize: "Standard_D4s_v5",
      orchestratorVersion,
      ...more,
    });
    await assert.rejects(
      azure.create("pool", user("1.35", { agentPoolName: "other" })),
      /NodePoolMcVersionIncompatible/,
    );
    const spot = {
      agentPoolName: "spot",
      scaleSetPriority: "Spot",
      ...SPOT_TAINT,
    };
    await azure.create("pool", user("1.34", spot));
    await assert.rejects(
      updated("cluster", id, at(34), at(35)),
      /at the same time while the cluster has a Spot/,
    );
    await updated("cluster", id, at(34), at(35, 34));
    await updated("cluster", id, at(35, 34), at(35));
  });

  it("changes nothing of a pool that only a new one can have, and reserves its own labels", async () => {
    await azure.grant();
    await azure.createInGroup("cluster", azure.clusterOf());
    const user = {
      resourceGroupName: "g",
      resourceName: "c",
      agentPoolName: "user",
      mode: "User",
      maxPods: 60,
    };
    const { id } = await azure.create("pool", user);
    for (const more of [{ maxPods: 110 }, { osSKU: "Ubuntu" }, { scaleSetPriority: "Spot", ...SPOT_TAINT }])
      await assert.rejects(updated("pool", id, user, { ...user, ...more }), /PropertyChangeNotAllowed/);
    await assert.rejects(
      azure.create("pool", { ...user, agentPoolName: "more", maxPods: 251 }),
      /between 10 and 250/,
    );
    for (const more of [
      { nodeLabels: { "kubernetes.azure.com/mode": "user" } },
      { nodeTaints: ["kubernetes.azure.com/x=y:NoSchedule"] },
    ])
      await assert.rejects(
        azure.create("pool", { ...user, agentPoolName: "more", ...more }),
        /reserved for AKS/,
      );
  });

  it("changes no range of a subnet in use", async () => {
    const on = { resourceGroupName: "g", virtualNetworkName: "v", subnetName: "s" };
    const [before, after] = [
      { ...on, addressPrefix: "10.0.0.0/16" },
      { ...on, addressPrefix: "10.0.0.0/17" },
    ];
    await updated("subnet", azure.subnet, before, after);
    await updated("subnet", azure.subnet, after, before);
    await azure.grant();
    await azure.createInGroup("cluster", azure.clusterOf());
    await assert.rejects(updated("subnet", azure.subnet, before, after), /Code="InUseSubnetCannotBeUpdated"/);
    await updated("subnet", azure.subnet, before, {
      ...before,
      serviceEndpoints: [{ service: "Microsoft.Storage" }],
    });
  });

  it("changes no machines of an existing pool, and adds no pool through the cluster", async () => {
    await azure.grant();
    const before = azure.clusterOf();
    const { id, properties } = await azure.createInGroup("cluster", before);
    const update = (inputs: Values) =>
      azure.cloud.update(subject("cluster"), { id, state: properties, before, inputs }, false, 0);
    await update(azure.clusterOf({ tags: { owner: "a" } }));
    const larger = { ...azure.pool(), vmSize: "Standard_D4s_v5" };
    await assert.rejects(
      update(azure.clusterOf({ agentPoolProfiles: [larger] })),
      /Changing property 'properties.vmSize'/,
    );
    const second = { ...azure.pool(), name: "second" };
    await assert.rejects(
      update(azure.clusterOf({ agentPoolProfiles: [azure.pool(), second] })),
      /new agent pool was introduced: second/,
    );
  });

  it("accepts a spot pool only with its taint, and not as the system pool", async () => {
    await azure.grant();
    await azure.createInGroup("cluster", azure.clusterOf());
    const spot = {
      resourceName: "c",
      agentPoolName: "spot",
      scaleSetPriority: "Spot",
      vnetSubnetID: azure.subnet,
    };
    const nodeTaints = ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"];
    await assert.rejects(azure.createInGroup("pool", { ...spot, mode: "User" }), /must have the taint/);
    await assert.rejects(
      azure.createInGroup("pool", { ...spot, mode: "System", nodeTaints }),
      /can't be a system pool/,
    );
    await azure.createInGroup("pool", { ...spot, mode: "User", nodeTaints });
  });

  it("creates the group of the nodes with a cluster, tags what is in it, and deletes both with the cluster", async () => {
    const contents = () =>
      azure.world.resources
        .filter(({ id }) => id.includes("/MC_g_c_westeurope"))
        .map(({ token, outputs }) => [token.split(":").at(-1), outputs.tags]);
    await azure.grant();
    const tags = { project: "ralph", stack: "dev" };
    const inputs = azure.clusterOf({ tags, agentPoolProfiles: [{ ...azure.pool(), tags }] });
    const { id, properties } = await azure.createInGroup("cluster", inputs);
    const spot = { resourceName: "c", agentPoolName: "second", vnetSubnetID: azure.subnet, tags };
    const second = await azure.createInGroup("pool", spot);
    const managed = { "aks-managed-cluster-name": "c", "aks-managed-cluster-rg": "g" };
    const all = (given: object) => [
      ["ResourceGroup", { ...given, ...managed }],
      ["LoadBalancer", given],
      ["PublicIPAddress", given],
      ["NetworkSecurityGroup", given],
      ["StorageAccount", { "k8s-azure-created-by": "azure" }],
      ["VirtualMachineScaleSet", { ...given, "aks-managed-poolName": "system" }],
    ];
    assert.deepEqual(contents(), [
      ...all(tags),
      ["VirtualMachineScaleSet", { ...tags, "aks-managed-poolName": "second" }],
    ]);

    await azure.remove("pool", second.id);
    const retagged = { ...tags, owner: "a" };
    const after = azure.clusterOf({
      tags: retagged,
      agentPoolProfiles: [{ ...azure.pool(), tags: retagged }],
    });
    const change = { id, state: properties, before: inputs, inputs: after };
    await azure.cloud.update(subject("cluster"), change, false, 0);
    assert.deepEqual(contents(), all(retagged));

    await azure.remove("cluster", id);
    assert.deepEqual(contents(), []);
  });

  it("deletes nothing that is in use, locked, or below something locked", async () => {
    await azure.grant();
    const { id } = await azure.createInGroup("cluster", azure.clusterOf());
    const second = await azure.createInGroup("pool", {
      resourceName: "c",
      agentPoolName: "second",
      vnetSubnetID: azure.subnet,
    });
    await assert.rejects(azure.remove("subnet", azure.subnet), /in use/);
    const locked = await azure.create("lock", { scope: id, level: "CanNotDelete" });
    await assert.rejects(azure.remove("cluster", id), /ScopeLocked/);
    await assert.rejects(azure.remove("pool", second.id), /ScopeLocked/);
    await azure.remove("lock", locked.id);
    await azure.remove("pool", second.id);
    await azure.remove("cluster", id);
    await azure.remove("subnet", azure.subnet);
  });
});
