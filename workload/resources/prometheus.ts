import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { APP_LABELS, MONITORING_NAMESPACE, PROMETHEUS_CONFIG, RALPH } from "../names";
import { KEEPS_ITS_NAME, type Scope } from "../scope";
import { guidesName, scrapeConfigOf } from "../guides-name";

/** A scrape configuration for a Prometheus that runs without the operator (guide, Prometheus). */
export function prometheusConfig(scope: Scope): ConfigMap | undefined {
  const { name, namespace, config, metadata, elsewhere, options } = scope;
  const { enabled, prometheusConfig } = config.monitoring;
  if (!enabled || !prometheusConfig.enabled) return undefined;
  return new ConfigMap(
    `${name}-prometheus-config`,
    {
      metadata: {
        ...metadata(elsewhere(PROMETHEUS_CONFIG)),
        name: guidesName(scope, elsewhere(PROMETHEUS_CONFIG), scrapeConfigOf(name)),
        namespace: MONITORING_NAMESPACE,
      },
      data: { "prometheus.yml": pulumi.output(namespace).apply(scrapeConfig) },
    },
    options({ ignoreChanges: KEEPS_ITS_NAME }),
  );
}

const scrapeConfig = (namespace: string): string =>
  stringify({
    global: { scrape_interval: "15s" },
    scrape_configs: [
      {
        job_name: RALPH,
        kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [namespace] } }],
        relabel_configs: [
          { source_labels: ["__meta_kubernetes_pod_label_app"], action: "keep", regex: APP_LABELS.app },
          // One target per pod, not per port.
          { source_labels: ["__meta_kubernetes_pod_container_port_name"], action: "keep", regex: "metrics" },
          // The finished pods of Jobs are kept.
          { source_labels: ["__meta_kubernetes_pod_phase"], action: "drop", regex: "Succeeded|Failed" },
          { source_labels: ["__meta_kubernetes_namespace"], target_label: "namespace" },
          { source_labels: ["__meta_kubernetes_pod_name"], target_label: "pod" },
        ],
      },
    ],
  });
