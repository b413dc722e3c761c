/** Proves the disruption budget: for workers only, and never blocking a drain. */
import assert from "node:assert/strict";
import { defaults, KIND, manifest } from "../support/workload";

describe("PodDisruptionBudget ralph-pdb", () => {
  it("lets one worker be evicted at a time, and an unhealthy one at any time", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.pdb, "ralph-pdb").inputs,
      manifest(`
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: ralph-pdb
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          maxUnavailable: 1
          unhealthyPodEvictionPolicy: AlwaysAllow
          selector:
            matchLabels:
              app: ralph-orchestrator
              app.kubernetes.io/component: worker
      `),
    );
  });
});
