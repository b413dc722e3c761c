/**
 * Proves the first `up` of a GKE stack in a new project, on the real engine with a stub of Google Cloud, whose APIs are
 * off until the program enables them: each resource waits for its own, and an API that is not ready yet when the first
 * call comes costs that run, and nothing else: the next one continues
 * (https://github.com/hashicorp/terraform-provider-google/issues/8214).
 */
import assert from "node:assert/strict";

import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { GKE } from "./support/cloud-stacks";
import { Stack } from "./support/stack";
import { until } from "./support/until";

const SERVICE = "gcp:projects/service:Service";
/** Milliseconds. The run must have failed by then, and the test waits for it. */
const PROPAGATION = 20_000;

describe("a GKE stack in a new project", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const ready = () =>
    clouds()
      .inventory()
      .filter(({ token }) => token === SERVICE)
      .every(({ visible = 0 }) => visible <= Date.now());

  before(async () => {
    await createCloudClasses();
    stack = await Stack.create({
      ...GKE,
      namespace: "gke-new-project",
      config: {
        cluster: { api: { public: true }, deletionProtection: false },
        image: { build: false },
        monitoring: { install: "none" },
      },
    });
  });
  after(async () => {
    await stack.remove();
    await deleteCloudClasses();
  });

  it("fails while an API is not ready, and says that it takes a few minutes", async () => {
    clouds().faults([
      {
        method: "Create",
        token: SERVICE,
        name: "cluster-compute-api",
        does: "invisible",
        ms: PROPAGATION,
      },
    ]);
    const { code, stdout, stderr } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(
      (stdout + stderr).replace(/\s+/g, " "),
      /Compute Engine API has not been used in project acme-agents before or it is disabled\..* wait a few minutes/,
    );
    assert.ok(
      !clouds()
        .inventory()
        .some(({ token }) => token === GKE.token),
    );
  });

  it("comes up by the next run, with every resource after its own API", async () => {
    await until("all APIs are ready", () => Promise.resolve(ready()));
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    assert.ok(
      clouds()
        .inventory()
        .some(({ token }) => token === GKE.token),
    );
  });
});
