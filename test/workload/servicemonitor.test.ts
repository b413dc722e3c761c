/** Proves the ServiceMonitor, that it finds the Service, and what disables it. */
import assert from "node:assert/strict";
import { changed, defaults, KIND, manifest } from "../support/workload";

describe("ServiceMonitor ralph-orchestrator", () => {
  it("is the guide's", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.serviceMonitor, "ralph-orchestrator").inputs,
      manifest(`
        apiVersion: monitoring.coreos.com/v1
        kind: ServiceMonitor
        metadata:
          annotations:
            pulumi.com/deletionPropagationPolicy: background
          name: ralph-orchestrator
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          selector:
            matchLabels:
              app: ralph-orchestrator
          endpoints:
            - port: metrics
              interval: 30s
              path: /metrics
      `),
    );
  });

  it("finds the Service by a label and a port that it has", async () => {
    const run = await defaults();
    const { selector, endpoints } = run.find(KIND.serviceMonitor, "ralph-orchestrator").inputs.spec;
    const { metadata, spec } = run.find(KIND.service, "ralph-metrics").inputs;
    for (const [key, value] of Object.entries(selector.matchLabels))
      assert.equal(metadata.labels[key], value);
    assert.equal(endpoints[0].port, spec.ports[0].name);
  });

  it("scrapes as often as configured, and does not exist if it or all monitoring is disabled", async () => {
    const often = await changed({ monitoring: { serviceMonitor: { interval: "1m30s" } } });
    const [monitor] = often.ofType(KIND.serviceMonitor);
    assert.equal(monitor?.inputs.spec.endpoints[0].interval, "1m30s");
    for (const monitoring of [{ enabled: false }, { serviceMonitor: { enabled: false } }]) {
      assert.deepEqual((await changed({ monitoring })).ofType(KIND.serviceMonitor), []);
    }
  });
});
