import { Namespace } from "@pulumi/kubernetes/core/v1";
import { Chart } from "@pulumi/kubernetes/helm/v4";
import type { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";

/** Of kube-prometheus-stack. The CRDs that a ServiceMonitor needs come with it. */
const CHART_VERSION = "78.4.0";

/** Small: the operator, one Prometheus, and the state of the cluster's objects. */
const VALUES = {
  alertmanager: { enabled: false },
  grafana: { enabled: false },
  nodeExporter: { enabled: false },
  prometheusOperator: {
    // Their certificates are made by hooks, which a chart rendered into single objects does not run.
    admissionWebhooks: { enabled: false },
    tls: { enabled: false },
  },
  prometheus: {
    prometheusSpec: {
      // Otherwise it looks only at monitors that carry this chart's own label.
      serviceMonitorSelectorNilUsesHelmValues: false,
      podMonitorSelectorNilUsesHelmValues: false,
      retention: "7d",
      resources: { requests: { cpu: "100m", memory: "400Mi" }, limits: { memory: "1Gi" } },
    },
  },
};

export interface Monitoring {
  readonly install: "none" | "kube-prometheus-stack";
  /** Helm repository of the chart. */
  readonly chartRepository: string;
  /** Created with the chart, and deleted with it. */
  readonly namespace: string;
}

/** A Prometheus with its operator, in a namespace of its own, for a cluster without one. */
export function monitoringStack(
  { install, chartRepository, namespace: name }: Monitoring,
  parent: pulumi.Resource,
  provider: Provider,
): pulumi.Resource[] {
  if (install === "none") return [];
  const namespace = new Namespace(name, { metadata: { name } }, { parent, provider });
  const chart = new Chart(
    install,
    {
      chart: install,
      version: CHART_VERSION,
      repositoryOpts: { repo: chartRepository },
      namespace: namespace.metadata.name,
      values: VALUES,
    },
    { parent, provider, dependsOn: namespace },
  );
  return [namespace, chart];
}
