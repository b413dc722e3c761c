/** Proves the Namespace, and that it keeps its name if the configured name changes. */
import assert from "node:assert/strict";
import { runStack } from "../support/stack";
import { changed, DEFAULT, defaults, KIND, manifest, unusual } from "../support/workload";

describe("Namespace", () => {
  it("is the guide's, and rejects pods that are not restricted", async () => {
    const { inputs } = (await defaults()).find(KIND.namespace, "ralph-orchestrator");
    assert.deepEqual(
      inputs,
      manifest(`
        apiVersion: v1
        kind: Namespace
        metadata:
          name: ralph-orchestrator
          labels:
            ralph-orchestrator/stack: test
            pod-security.kubernetes.io/enforce: restricted
            pod-security.kubernetes.io/enforce-version: v1.31
            pod-security.kubernetes.io/audit: restricted
            pod-security.kubernetes.io/audit-version: v1.31
            pod-security.kubernetes.io/warn: restricted
            pod-security.kubernetes.io/warn-version: v1.31
      `),
    );
  });

  it("is labelled with its stack, as far as a label can hold the name", async () => {
    const stack = `_${"long-name.".repeat(9)}`;
    const { labels } = (await runStack({ config: DEFAULT, stack })).find(KIND.namespace, "ralph").inputs
      .metadata;
    assert.equal(labels["ralph-orchestrator/stack"], `${"long-name.".repeat(6)}lo`);
  });

  it("has the configured name, and every object is in it", async () => {
    const run = await changed({ namespace: "agents" });
    assert.equal(run.find(KIND.namespace, "agents").inputs.metadata.name, "agents");
    assert.equal(run.find(KIND.deployment, "ralph").inputs.metadata.namespace, "agents");
    assert.equal(run.find(KIND.roleBinding, "ralph-rolebinding").inputs.subjects[0].namespace, "agents");
  });

  it("keeps its name once it is created, with a warning, and the objects stay in it", async () => {
    const run = await runStack({
      config: { ...DEFAULT, namespace: "renamed" },
      // What the engine returns with ignoreChanges: the name of the existing namespace.
      outputs: (type) => (type === KIND.namespace ? { metadata: { name: "ralph-orchestrator" } } : undefined),
    });
    assert.deepEqual(run.find(KIND.namespace, "ralph").ignoreChanges, ["metadata.name"]);
    assert.deepEqual(unusual(run.warnings), [
      "Namespace ralph-orchestrator cannot be renamed to renamed: use a new stack, and move the data.",
    ]);
    assert.equal(run.find(KIND.deployment, "ralph").inputs.metadata.namespace, "ralph-orchestrator");
  });
});
