/**
 * Proves, on the real engine with a stub of Azure, that one `pulumi up` creates an AKS cluster although Azure applies
 * its roles some time after it has assigned them, and that no later run waits.
 */
import assert from "node:assert/strict";

import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { AKS } from "./support/cloud-stacks";
import { Stack } from "./support/stack";

const GRANT = "azure-native:authorization:RoleAssignment";

describe("an AKS cluster whose roles Azure applies late", () => {
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
      namespace: "late-grants",
      config: {
        cluster: { ...AKS.cluster, api: { public: true }, deletionProtection: false },
        monitoring: { install: "none" },
      },
    });
  });
  after(async () => {
    await stack.remove();
    await deleteCloudClasses();
  });

  it("is created by one `pulumi up`", async () => {
    clouds().faults([{ token: GRANT, name: "cluster-kubelet", does: "invisible", ms: 5_000 }]);
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Waiting \d s, in which Azure applies the cluster's roles/);
    assert.deepEqual(outcomes(), ["ok"]);
  });

  it("waits no more", async () => {
    const { code, stdout } = await stack.up("--expect-no-changes");
    assert.equal(code, 0, stdout);
    assert.doesNotMatch(stdout, /Waiting/);
  });
});
