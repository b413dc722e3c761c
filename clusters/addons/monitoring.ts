import { Namespace } from "@pulumi/kubernetes/core/v1";
import { Chart } from "@pulumi/kubernetes/helm/v4";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { STACK_LABEL, stackLabel } from "../../lib/stack-label";
import type { Cluster } from "../types";
import { withoutOtherOperator } from "./operator";

/** Version of kube-prometheus-stack, which includes the CRDs that a ServiceMonitor needs. */
const CHART_VERSION = "78.4.0";

/** GKE taints every Arm node like this; the chart's images run on both architectures. */
const tolerations = [{ key: "kubernetes.io/arch", operator: "Equal", value: "arm64", effect: "NoSchedule" }];

/** A managed control plane exposes none of its parts, so the alerts that each is down would always fire. */
const HIDDEN = { enabled: false };

/** A small installation: the operator, one Prometheus and kube-state-metrics. */
const VALUES = {
  alertmanager: { enabled: false },
  grafana: { enabled: false },
  nodeExporter: { enabled: false },
  kubeControllerManager: HIDDEN,
  kubeScheduler: HIDDEN,
  kubeEtcd: HIDDEN,
  kubeProxy: HIDDEN,
  "kube-state-metrics": { tolerations },
  prometheusOperator: {
    tolerations,
    // Helm hooks create their certificates, and this provider runs no hooks.
    admissionWebhooks: { enabled: false },
    tls: { enabled: false },
  },
  prometheus: {
    prometheusSpec: {
      tolerations,
      // Otherwise it selects only monitors and rules with this chart's own label.
      serviceMonitorSelectorNilUsesHelmValues: false,
      podMonitorSelectorNilUsesHelmValues: false,
      ruleSelectorNilUsesHelmValues: false,
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

/** Prometheus and its operator, in their own namespace, for a cluster that has none. */
export function monitoringStack(
  { install, chartRepository, namespace: name }: Monitoring,
  cluster: Cluster,
  provider: Provider,
  registry: string | undefined,
): pulumi.Resource[] {
  if (install === "none") return [];
  const labels = { [STACK_LABEL]: stackLabel(pulumi.getStack()) };
  const namespace = new Namespace(
    name,
    { metadata: { name: withoutOtherOperator(cluster, name), labels } },
    { parent: cluster, provider },
  );
  const chart = new Chart(
    install,
    {
      chart: install,
      version: CHART_VERSION,
      repositoryOpts: { repo: chartRepository },
      namespace: namespace.metadata.name,
      values: registry === undefined ? VALUES : { ...VALUES, global: { imageRegistry: registry } },
    },
    { parent: cluster, provider, dependsOn: namespace },
  );
  return [namespace, chart];
}
