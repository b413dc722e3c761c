/**
 * Proves the order in which an AKS cluster's resources are created and deleted, what protects the cluster, and which edits
 * replace it or a pool, or are left to Azure.
 */
import assert from "node:assert/strict";
import { ADMIN, EVERYTHING, GROUP, MINIMAL, onlyPrograms, run } from "../support/aks";
import { type StackRun } from "../support/stack";
import { azure, nameOf, short } from "./aks-inputs";

describe("an AKS cluster, over its life,", () => {
  let restore: () => void;
  before(() => (restore = onlyPrograms("kubelogin", "az")));
  after(() => restore());

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
});
