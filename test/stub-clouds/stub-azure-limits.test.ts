/**
 * Proves that the stub of Azure refuses what a subscription has no quota for, and a second diagnostic setting that sends
 * the same logs to the same workspace, in Azure's own words; and that the commands of operations/ name a way out of each.
 */
import assert from "node:assert/strict";

import { InitFailed } from "../../stub-clouds/errors";
import { failureIn } from "../../operations/failures";
import type { Values } from "../../stub-clouds/types";
import { type Azure, azureWorld, SPOT_TAINT } from "./azure-world";

describe("a subscription", () => {
  const open = azureWorld();
  let azure: Azure;
  beforeEach(async () => {
    azure = open();
    await azure.grant();
  });

  const cluster = (name: string, vmSize: string, count: number, more: Values = {}) =>
    azure.createInGroup(
      "cluster",
      azure.clusterOf({ resourceName: name, agentPoolProfiles: [azure.pool({ vmSize, count })], ...more }),
    );
  const pool = (name: string, vmSize: string, count: number, more: Values = {}) =>
    azure.createInGroup("pool", {
      resourceName: "c",
      agentPoolName: name,
      vmSize,
      count,
      vnetSubnetID: azure.subnet,
      ...more,
    });
  const tooMany = (requested: number, remaining: number, family: string): string =>
    `Status=400 Code="ErrCode_InsufficientVCPUQuota" Message="Insufficient vcpu quota requested ${requested}, remaining ` +
    `${remaining} for family ${family} for region westeurope. If you want to increase the quota, please follow this ` +
    "instruction: https://learn.microsoft.com/en-us/azure/quotas/view-quotas. Surge nodes would also consume vcpu quota, " +
    "please consider use smaller maxSurge or use maxUnavailable to proceed upgrade without surge nodes, details: " +
    'aka.ms/aks/maxUnavailable."';

  it("has a quota of vCPUs for each family of machines", async () => {
    azure.world.limit({ vcpus: 10 });
    await assert.rejects(cluster("c", "Standard_DS2_v2", 6), {
      message: tooMany(12, 10, "standardDSv2Family"),
    });
    await cluster("c", "Standard_DS2_v2", 3);
    await assert.rejects(pool("more", "Standard_DS3_v2", 2), {
      message: tooMany(8, 4, "standardDSv2Family"),
    });
    await assert.rejects(pool("arm", "Standard_D8ps_v6", 2), {
      message: tooMany(16, 10, "standardDPSv6Family"),
    });
    await pool("other", "Standard_D4as_v5", 2);
    // Spot machines have a quota of their own.
    await pool("spot", "Standard_DS3_v2", 2, { scaleSetPriority: "Spot", ...SPOT_TAINT });
  });

  it("counts a cluster's own machines once when it is edited", async () => {
    azure.world.limit({ vcpus: 6 });
    const { id, properties } = await cluster("c", "Standard_DS2_v2", 3);
    const before = azure.world.resources.find((each) => each.id === id)?.inputs ?? {};
    const edited = { ...before, tags: { owner: "a" } };
    const change = { id, state: properties, before, inputs: edited };
    await azure.cloud.update(
      { urn: "u", token: "azure-native:containerservice:ManagedCluster", name: "it" },
      change,
      false,
      0,
    );
  });

  it("leaves a cluster without an address for its load balancer", async () => {
    azure.world.limit({ addresses: 1 });
    await cluster("c", "Standard_DS2_v2", 1);
    await assert.rejects(cluster("d", "Standard_DS2_v2", 1), (error: unknown) => {
      assert.ok(error instanceof InitFailed);
      assert.match(
        error.message,
        /SubCode: PublicIPCountLimitReached; .*Cannot create more than 1 public IP addresses/,
      );
      assert.match(failureIn(error.message)?.because ?? "", /too few public addresses/);
      return true;
    });
  });

  it("sends a category of a resource to a workspace once", async () => {
    const { id: resourceUri } = await cluster("c", "Standard_DS2_v2", 1);
    const { id: workspaceId } = await azure.createInGroup("workspace", { workspaceName: "logs" });
    const { id: other } = await azure.createInGroup("workspace", { workspaceName: "other" });
    const setting = (name: string, category: string, more: Values = {}) =>
      azure.create("diagnostics", {
        name,
        resourceUri,
        workspaceId,
        logs: [{ category, enabled: true }],
        ...more,
      });
    await setting("first", "kube-audit-admin");
    const message =
      `Status=409 Code="Conflict" Message="Data sink '${workspaceId}' is already used in diagnostic setting 'first' for ` +
      "category 'kube-audit-admin'. Data sinks can't be reused in different settings on the same category for the same " +
      'resource."';
    await assert.rejects(setting("second", "kube-audit-admin"), { message });
    await setting("second", "guard");
    await setting("third", "kube-audit-admin", { workspaceId: other });
    assert.match(failureIn(message)?.fix ?? "", /az monitor diagnostic-settings list/);
  });
});
