/**
 * Proves that the rows of Azure refuse what its API refuses, for the resources of an AKS stack: only then does the
 * engine test of that stack, in which nothing is refused, prove anything.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { StubCloud } from "../../stub-clouds/cloud";
import { tableOf } from "../../stub-clouds/tables";
import type { Values } from "../../stub-clouds/types";
import { World } from "../../stub-clouds/world";

const TYPES = {
  group: "azure-native:resources:ResourceGroup",
  vnet: "azure-native:network:VirtualNetwork",
  subnet: "azure-native:network:Subnet",
  identity: "azure-native:managedidentity:UserAssignedIdentity",
  grant: "azure-native:authorization:RoleAssignment",
  lock: "azure-native:authorization:ManagementLockByScope",
  cluster: "azure-native:containerservice:ManagedCluster",
  pool: "azure-native:containerservice:AgentPool",
} as const;
type Kind = keyof typeof TYPES;

const ROLES =
  "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions";
const NETWORK_CONTRIBUTOR = `${ROLES}/4d97b98b-1d4f-4787-a291-c67834d212e7`;

const SPOT_TAINT = { nodeTaints: ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"] };

describe("the stub of Azure", () => {
  let dir: string;
  let cloud: StubCloud;
  let world: World;
  let subnet: string;
  let identity: { id: string; principalId: string };

  const subject = (kind: Kind, name: string) => ({ urn: `${kind}-${name}`, token: TYPES[kind], name });
  const create = (kind: Kind, inputs: Values) => cloud.create(subject(kind, "it"), inputs, false, 0);
  const createInGroup = (kind: Kind, inputs: Values) => create(kind, { resourceGroupName: "g", ...inputs });
  const grant = (more: Values = {}) =>
    create("grant", {
      principalId: identity.principalId,
      principalType: "ServicePrincipal",
      roleDefinitionId: NETWORK_CONTRIBUTOR,
      scope: subnet,
      ...more,
    });
  const pool = () => ({ name: "system", mode: "System", vmSize: "Standard_DS2_v2", vnetSubnetID: subnet });
  const clusterOf = (more: Values = {}) => ({
    resourceGroupName: "g",
    resourceName: "c",
    dnsPrefix: "c",
    identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
    agentPoolProfiles: [pool()],
    ...more,
  });
  const remove = (kind: Kind, id: string) => cloud.delete(subject(kind, "it"), id, 0);

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "stub-azure-"));
    const apiServer = { host: "127.0.0.1:1", certificateAuthority: "Q0E=" };
    world = World.create(dir, { apiServer, timeScale: 0, seed: 1 });
    cloud = new StubCloud("azure-native", tableOf("azure-native"), world);
    cloud.configure({ location: "westeurope" });
    await createInGroup("group", { resourceGroupName: "g" });
    await createInGroup("vnet", {
      virtualNetworkName: "v",
      addressSpace: { addressPrefixes: ["10.0.0.0/8"] },
    });
    const on = { virtualNetworkName: "v", subnetName: "s", addressPrefix: "10.0.0.0/16" };
    subnet = (await createInGroup("subnet", on)).id;
    const { id, properties } = await createInGroup("identity", { resourceName: "i" });
    identity = { id, principalId: String(properties.principalId) };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("creates no resource group without a region", async () => {
    cloud.configure({});
    await assert.rejects(createInGroup("group", { resourceGroupName: "h" }), /location property is required/);
  });

  it("creates no cluster whose identity may not use its subnet", async () => {
    await assert.rejects(createInGroup("cluster", clusterOf()), /no permission .*subnets\/join\/action/);
    await grant();
    await createInGroup("cluster", clusterOf());
  });

  it("creates no cluster whose identity may not use its nodes' identity", async () => {
    await grant();
    const kubelet = (await createInGroup("identity", { resourceName: "k" })).id;
    const profile = { identityProfile: { kubeletidentity: { resourceId: kubelet } } };
    const refused = /Code="CustomKubeletIdentityMissingPermissionError" .*assign\/action/;
    await assert.rejects(createInGroup("cluster", clusterOf(profile)), refused);
    const operator = await grant({
      roleDefinitionId: `${ROLES}/f1a07417-d97a-45cb-824c-7a7467783830`,
      scope: kubelet,
    });
    const appliedAt = (visible: number) =>
      world.change((resources) => ({
        result: undefined,
        resources: resources.map((each) => (each.id === operator.id ? { ...each, visible } : each)),
      }));
    await appliedAt(Date.now() + 60_000);
    await assert.rejects(createInGroup("cluster", clusterOf(profile)), refused, "the role has no effect yet");
    await appliedAt(Date.now());
    await createInGroup("cluster", clusterOf(profile));
  });

  it("applies a role some time after it has been assigned", async () => {
    const scaled = join(dir, "scaled");
    const slow = World.create(scaled, { ...world.options, timeScale: 0.0001 });
    cloud = new StubCloud("azure-native", tableOf("azure-native"), slow);
    cloud.configure({ location: "westeurope" });
    await createInGroup("group", { resourceGroupName: "g" });
    const { id } = await createInGroup("identity", { resourceName: "i" });
    const granted = await grant({ scope: id });
    const found = slow.resources.find((each) => each.id === granted.id);
    const { ready = 0, visible = 0 } = found ?? {};
    assert.equal(visible - ready, 90_000 * 0.0001);
    assert.equal(found?.outputs.createdOn, new Date(visible - 90_000).toISOString());
  });

  it("finds no new principal without its type, and creates no role assignment twice", async () => {
    await assert.rejects(grant({ principalType: undefined }), /does not exist in the directory/);
    await grant();
    await assert.rejects(grant(), /already existing/);
  });

  it("refuses a cluster whose properties contradict each other", async () => {
    await grant();
    const cases: [Values, RegExp][] = [
      [{ agentPoolProfiles: [{ ...pool(), mode: "User" }] }, /at least one system pool/],
      [{ agentPoolProfiles: [{ ...pool(), scaleSetPriority: "Spot" }] }, /can't be a Spot pool/],
      [
        { agentPoolProfiles: [{ ...pool(), enableAutoScaling: true, minCount: 3, maxCount: 2 }] },
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
        { agentPoolProfiles: [{ ...pool(), securityProfile: { sshAccess: "Disabled" } }] },
        /unknown field "sshAccess"/,
      ],
    ];
    for (const [more, reason] of cases)
      await assert.rejects(createInGroup("cluster", clusterOf(more)), reason);
  });

  const updated = (kind: Kind, id: string, before: Values, inputs: Values) =>
    cloud.update(subject(kind, "it"), { id, state: before, before, inputs }, false, 0);

  it("upgrades a cluster by one minor version at a time, and never back", async () => {
    await grant();
    const at = (minor: number) => clusterOf({ kubernetesVersion: `1.${minor}` });
    const { id } = await createInGroup("cluster", at(34));
    await assert.rejects(
      updated("cluster", id, at(34), at(36)),
      /Skipping multiple versions is not supported/,
    );
    await assert.rejects(updated("cluster", id, at(34), at(33)), /Downgrading Kubernetes version/);
    await updated("cluster", id, at(34), at(35));
  });

  it("upgrades no control plane together with a pool while there is a spot pool, and no pool beyond it", async () => {
    await grant();
    const at = (minor: number, pools = minor) =>
      clusterOf({
        kubernetesVersion: `1.${minor}`,
        agentPoolProfiles: [{ ...pool(), orchestratorVersion: `1.${pools}` }],
      });
    const { id } = await createInGroup("cluster", at(34));
    const user = (orchestratorVersion: string, more: Values = {}) => ({
      resourceGroupName: "g",
      resourceName: "c",
      mode: "User",
      vmSize: "Standard_D4s_v5",
      orchestratorVersion,
      ...more,
    });
    await assert.rejects(
      create("pool", user("1.35", { agentPoolName: "other" })),
      /NodePoolMcVersionIncompatible/,
    );
    const spot = {
      agentPoolName: "spot",
      scaleSetPriority: "Spot",
      ...SPOT_TAINT,
    };
    await create("pool", user("1.34", spot));
    await assert.rejects(
      updated("cluster", id, at(34), at(35)),
      /at the same time while the cluster has a Spot/,
    );
    await updated("cluster", id, at(34), at(35, 34));
    await updated("cluster", id, at(35, 34), at(35));
  });

  it("changes nothing of a pool that only a new one can have, and reserves its own labels", async () => {
    await grant();
    await createInGroup("cluster", clusterOf());
    const user = {
      resourceGroupName: "g",
      resourceName: "c",
      agentPoolName: "user",
      mode: "User",
      maxPods: 60,
    };
    const { id } = await create("pool", user);
    for (const more of [{ maxPods: 110 }, { osSKU: "Ubuntu" }, { scaleSetPriority: "Spot", ...SPOT_TAINT }])
      await assert.rejects(updated("pool", id, user, { ...user, ...more }), /PropertyChangeNotAllowed/);
    await assert.rejects(
      create("pool", { ...user, agentPoolName: "more", maxPods: 251 }),
      /between 10 and 250/,
    );
    for (const more of [
      { nodeLabels: { "kubernetes.azure.com/mode": "user" } },
      { nodeTaints: ["kubernetes.azure.com/x=y:NoSchedule"] },
    ])
      await assert.rejects(create("pool", { ...user, agentPoolName: "more", ...more }), /reserved for AKS/);
  });

  it("changes no range of a subnet in use", async () => {
    const on = { resourceGroupName: "g", virtualNetworkName: "v", subnetName: "s" };
    const [before, after] = [
      { ...on, addressPrefix: "10.0.0.0/16" },
      { ...on, addressPrefix: "10.0.0.0/17" },
    ];
    await updated("subnet", subnet, before, after);
    await updated("subnet", subnet, after, before);
    await grant();
    await createInGroup("cluster", clusterOf());
    await assert.rejects(updated("subnet", subnet, before, after), /Code="InUseSubnetCannotBeUpdated"/);
    await updated("subnet", subnet, before, {
      ...before,
      serviceEndpoints: [{ service: "Microsoft.Storage" }],
    });
  });

  it("changes no machines of an existing pool, and adds no pool through the cluster", async () => {
    await grant();
    const before = clusterOf();
    const { id, properties } = await createInGroup("cluster", before);
    const update = (inputs: Values) =>
      cloud.update(subject("cluster", "it"), { id, state: properties, before, inputs }, false, 0);
    await update(clusterOf({ tags: { owner: "a" } }));
    const larger = { ...pool(), vmSize: "Standard_D4s_v5" };
    await assert.rejects(
      update(clusterOf({ agentPoolProfiles: [larger] })),
      /Changing property 'properties.vmSize'/,
    );
    const second = { ...pool(), name: "second" };
    await assert.rejects(
      update(clusterOf({ agentPoolProfiles: [pool(), second] })),
      /new agent pool was introduced: second/,
    );
  });

  it("accepts a spot pool only with its taint, and not as the system pool", async () => {
    await grant();
    await createInGroup("cluster", clusterOf());
    const spot = { resourceName: "c", agentPoolName: "spot", scaleSetPriority: "Spot", vnetSubnetID: subnet };
    const nodeTaints = ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"];
    await assert.rejects(createInGroup("pool", { ...spot, mode: "User" }), /must have the taint/);
    await assert.rejects(
      createInGroup("pool", { ...spot, mode: "System", nodeTaints }),
      /can't be a system pool/,
    );
    await createInGroup("pool", { ...spot, mode: "User", nodeTaints });
  });

  it("creates the group of the nodes with a cluster, tags what is in it, and deletes both with the cluster", async () => {
    const contents = () =>
      world.resources
        .filter(({ id }) => id.includes("/MC_g_c_westeurope"))
        .map(({ token, outputs }) => [token.split(":").at(-1), outputs.tags]);
    await grant();
    const tags = { project: "ralph", stack: "dev" };
    const inputs = clusterOf({ tags, agentPoolProfiles: [{ ...pool(), tags }] });
    const { id, properties } = await createInGroup("cluster", inputs);
    const spot = { resourceName: "c", agentPoolName: "second", vnetSubnetID: subnet, tags };
    const second = await createInGroup("pool", spot);
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

    await remove("pool", second.id);
    const retagged = { ...tags, owner: "a" };
    const after = clusterOf({ tags: retagged, agentPoolProfiles: [{ ...pool(), tags: retagged }] });
    const change = { id, state: properties, before: inputs, inputs: after };
    await cloud.update(subject("cluster", "it"), change, false, 0);
    assert.deepEqual(contents(), all(retagged));

    await remove("cluster", id);
    assert.deepEqual(contents(), []);
  });

  it("deletes nothing that is in use, locked, or below something locked", async () => {
    await grant();
    const { id } = await createInGroup("cluster", clusterOf());
    const second = await createInGroup("pool", {
      resourceName: "c",
      agentPoolName: "second",
      vnetSubnetID: subnet,
    });
    await assert.rejects(remove("subnet", subnet), /in use/);
    const locked = await create("lock", { scope: id, level: "CanNotDelete" });
    await assert.rejects(remove("cluster", id), /ScopeLocked/);
    await assert.rejects(remove("pool", second.id), /ScopeLocked/);
    await remove("lock", locked.id);
    await remove("pool", second.id);
    await remove("cluster", id);
    await remove("subnet", subnet);
  });
});
