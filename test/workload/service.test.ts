/** Proves the Service: the guide's, for every pod of Ralph, including those of Jobs. */
import assert from "node:assert/strict";
import { defaults, KIND, manifest, podOf } from "../support/workload";

describe("Service ralph-metrics", () => {
  it("is the guide's", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.service, "ralph-metrics").inputs,
      manifest(`
        apiVersion: v1
        kind: Service
        metadata:
          name: ralph-metrics
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
          annotations:
            pulumi.com/skipAwait: "true"
        spec:
          type: ClusterIP
          ports:
            - port: 8080
              targetPort: 8080
              name: metrics
          selector:
            app: ralph-orchestrator
      `),
    );
  });

  it("selects the pods of every kind, on a port that they open", async () => {
    const run = await defaults();
    const { selector, ports } = run.find(KIND.service, "ralph-metrics").inputs.spec;
    for (const owner of [KIND.deployment, KIND.job, KIND.cronJob].flatMap(run.ofType)) {
      const { metadata, spec } = podOf(owner);
      for (const [key, value] of Object.entries(selector)) assert.equal(metadata.labels[key], value);
      assert.equal(spec.containers[0].ports[0].containerPort, ports[0].targetPort);
    }
  });
});
