/**
 * Proves of an AKS stack, on the real engine with a stub of Azure: one `pulumi up` creates it although Azure applies its
 * roles some time after it has assigned them, and no later run waits; a refresh takes in what the service itself has
 * changed, and the next `up` replaces nothing for it, with the logs of pods on; another kind of shares replaces their class and no volume, and the
 * autoscaler's profile is edited in place.
 */
import assert from "node:assert/strict";

import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { AKS } from "./support/cloud-stacks";
import { changes } from "./support/events";
import { Stack, type Values } from "./support/stack";

const GRANT = "azure-native:authorization:RoleAssignment";

describe("an AKS stack", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const outcomes = () =>
    clouds()
      .ledger()
      .filter(({ method, token, preview }) => method === "Create" && token === AKS.token && preview !== true)
      .map(({ outcome }) => outcome);

  before(async () => {
    await createCloudClasses();
    stack = await Stack.create({
      ...AKS,
      namespace: "aks-stack",
      config: {
        cluster: {
          ...AKS.cluster,
          api: { public: true },
          deletionProtection: false,
          logs: { workloads: true },
        },
        monitoring: { install: "none" },
      },
    });
  });
  after(async () => {
    await stack.remove();
    await deleteCloudClasses();
  });

  it("is created by one `pulumi up` although Azure applies its roles late", async () => {
    clouds().faults([{ token: GRANT, name: "cluster-kubelet", does: "invisible", ms: 5_000 }]);
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Waiting \d s, in which Azure applies the cluster's roles/);
    assert.deepEqual(outcomes(), ["ok"]);
  });

  it("waits in no later run", async () => {
    const { code, stdout } = await stack.up("--expect-no-changes");
    assert.equal(code, 0, stdout);
    assert.doesNotMatch(stdout, /Waiting/);
  });

  it("finds nothing of what the service fills in, until the service changes something itself", async () => {
    const { code, stdout } = await stack.refresh("--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("takes a refresh of a living cluster without a replacement, and keeps the autoscaler's number of nodes", async () => {
    const pools = () =>
      (clouds()
        .inventory()
        .find(({ token }) => token === AKS.token)?.outputs.agentPoolProfiles ?? []) as readonly Values[];
    await clouds().edit((all) =>
      all.map((each) =>
        each.token === AKS.token
          ? {
              ...each,
              outputs: {
                ...each.outputs,
                eTag: "changed",
                agentPoolProfiles: pools().map((pool) => ({
                  ...pool,
                  count: 7,
                  nodeImageVersion: "AKSAzureLinux-V3gen2-202612.01.0",
                })),
              },
            }
          : each,
      ),
    );
    const refreshed = await stack.refresh();
    assert.equal(refreshed.code, 0, refreshed.stdout);
    const { code, stdout, operations } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.deepEqual(
      changes(operations).map(({ op, type }) => `${op} ${type}`),
      ["update azure-native:containerservice:ManagedCluster"],
    );
    assert.deepEqual(
      pools().map(({ count }) => count),
      [7],
    );
    const again = await stack.up("--expect-no-changes");
    assert.equal(again.code, 0, again.stdout);
  });

  it("keeps its cluster and its volumes when the kind of shares and the autoscaler are edited", async () => {
    const cluster = {
      ...(stack.configured("cluster") as Values),
      storage: { shares: "PremiumV2_LRS" },
      autoscaler: { scaleDownUnneededMinutes: 30 },
    };
    const edited = await stack.configuredAs({ cluster }, () => stack.up());
    assert.equal(edited.code, 0, edited.stdout);
    assert.deepEqual(
      changes(edited.operations).map(({ op, type }) => `${op} ${type}`),
      [
        "update azure-native:containerservice:ManagedCluster",
        "delete-replaced kubernetes:storage.k8s.io/v1:StorageClass",
        "replace kubernetes:storage.k8s.io/v1:StorageClass",
        "create-replacement kubernetes:storage.k8s.io/v1:StorageClass",
      ],
    );
  });
});
