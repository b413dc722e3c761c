/** Proves the scrape configuration in `monitoring`, as YAML that is read back, and what disables it. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { changed, defaults, KIND, manifest } from "../support/workload";

describe("ConfigMap prometheus-config", () => {
  it("is the guide's, with one target per running pod", async () => {
    const { inputs } = (await defaults()).find(KIND.configMap, "prometheus-config");
    const { data, ...rest } = inputs;
    assert.deepEqual(
      rest,
      manifest(`
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: prometheus-config
          namespace: monitoring
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
      `),
    );
    assert.deepEqual(Object.keys(data), ["prometheus.yml"]);
    assert.deepEqual(
      parse(data["prometheus.yml"]),
      manifest(`
        global:
          scrape_interval: 15s
        scrape_configs:
          - job_name: ralph-orchestrator
            kubernetes_sd_configs:
              - role: pod
                namespaces:
                  names: [ralph-orchestrator]
            relabel_configs:
              - source_labels: [__meta_kubernetes_pod_label_app]
                action: keep
                regex: ralph-orchestrator
              - source_labels: [__meta_kubernetes_pod_container_port_name]
                action: keep
                regex: metrics
              - source_labels: [__meta_kubernetes_pod_phase]
                action: drop
                regex: Succeeded|Failed
              - source_labels: [__meta_kubernetes_namespace]
                target_label: namespace
              - source_labels: [__meta_kubernetes_pod_name]
                target_label: pod
      `),
    );
  });

  it("looks for pods in the configured namespace, which is part of its name", async () => {
    const run = await changed({ namespace: "agents" });
    const { data } = run.find(KIND.configMap, "prometheus-config-agents").inputs;
    const [scrape] = parse(data["prometheus.yml"]).scrape_configs;
    assert.deepEqual(scrape.kubernetes_sd_configs[0].namespaces.names, ["agents"]);
  });

  for (const monitoring of [{ enabled: false }, { prometheusConfig: { enabled: false } }]) {
    it(`does not exist with ${JSON.stringify(monitoring)}`, async () => {
      const names = (await changed({ monitoring }))
        .ofType(KIND.configMap)
        .map(({ inputs }) => inputs.metadata.name);
      assert.ok(!names.includes("prometheus-config"), names.join());
    });
  }
});
