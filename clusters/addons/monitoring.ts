import { Namespace, Secret } from "@pulumi/kubernetes/core/v1";
import { Chart } from "@pulumi/kubernetes/helm/v4";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { isMap } from "../../config/path";
import { parseQuantity } from "../../config/quantity";
import { STACK_LABEL, stackLabel } from "../../lib/stack-label";
import type { Cluster } from "../types";
import { withoutOtherOperator } from "./operator";

/** GKE taints every Arm node like this; the chart's images run on both architectures. */
const tolerations = [{ key: "kubernetes.io/arch", operator: "Equal", value: "arm64", effect: "NoSchedule" }];

/** A managed control plane exposes none of its parts, so the alerts that each is down would always fire. */
const HIDDEN = { enabled: false };
const HIDDEN_RULES = {
  etcd: false,
  kubeControllerManager: false,
  kubeProxy: false,
  kubeSchedulerAlerting: false,
  kubeSchedulerRecording: false,
};

/** Part of a volume that data may fill; the rest is for what Prometheus has not compacted yet. */
const FILLED = 0.85;
const GRAFANA_SECRET = "ralph-grafana";

type Values = Readonly<Record<string, unknown>>;

/** A small installation by default: the operator, one Prometheus and kube-state-metrics. */
function valuesOf(
  { retention, storage, alertmanager, grafana, values }: Monitoring,
  { registry, storageClass }: Surroundings,
): Values {
  const size = storage.size === undefined ? undefined : (parseQuantity(storage.size) ?? 0);
  const own: Values = {
    ...(registry === undefined ? {} : { global: { imageRegistry: registry } }),
    alertmanager: alertmanager.enabled
      ? {
          enabled: true,
          alertmanagerSpec: {
            tolerations,
            ...(alertmanager.existingSecret === undefined
              ? {}
              : { useExistingSecret: true, configSecret: alertmanager.existingSecret }),
          },
        }
      : { enabled: false },
    grafana:
      grafana.adminPassword === undefined
        ? { enabled: false }
        : {
            enabled: true,
            tolerations,
            // The chart would draw another password in each run.
            admin: { existingSecret: GRAFANA_SECRET, userKey: "user", passwordKey: "password" },
            sidecar: { dashboards: { searchNamespace: "ALL" } },
          },
    nodeExporter: { enabled: false },
    kubeControllerManager: HIDDEN,
    kubeScheduler: HIDDEN,
    kubeEtcd: HIDDEN,
    kubeProxy: HIDDEN,
    defaultRules: { rules: HIDDEN_RULES },
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
        retention,
        ...(size === undefined
          ? {}
          : {
              retentionSize: `${Math.floor((FILLED * size) / 1024 ** 2)}MiB`,
              storageSpec: {
                volumeClaimTemplate: {
                  spec: {
                    storageClassName: storageClass,
                    accessModes: ["ReadWriteOnce"],
                    resources: { requests: { storage: storage.size } },
                  },
                },
              },
            }),
        resources: { requests: { cpu: "100m", memory: "400Mi" }, limits: { memory: "1Gi" } },
      },
    },
  };
  return merged(own, values);
}

/** As Helm merges values: maps key by key, and everything else is replaced. */
const merged = (own: Values, given: Values): Values => ({
  ...own,
  ...Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const before = own[key];
      return [key, isMap(before) && isMap(value) ? merged(before, value) : value];
    }),
  ),
});

export interface Monitoring {
  readonly install: "none" | "kube-prometheus-stack";
  /** Helm repository of the chart. */
  readonly chartRepository: string;
  readonly chartVersion: string;
  /** How long Prometheus keeps data. */
  readonly retention: string;
  readonly storage: { readonly size?: string };
  readonly alertmanager: { readonly enabled: boolean; readonly existingSecret?: string };
  /** Installed if it has a password. */
  readonly grafana: { readonly adminPassword?: pulumi.Input<string> };
  /** Merged last. */
  readonly values: Values;
  /** Created with the chart, and deleted with it. */
  readonly namespace: string;
}

/** What the stack has besides. */
export interface Surroundings {
  /** A registry with copies of the images; undefined for those of their publishers. */
  readonly registry: string | undefined;
  /** Class of volumes for one node. */
  readonly storageClass: string;
}

/** Prometheus and its operator, in their own namespace, for a cluster that has none. */
export function monitoringStack(
  monitoring: Monitoring,
  cluster: Cluster,
  provider: Provider,
  surroundings: Surroundings,
): pulumi.Resource[] {
  const { install, chartRepository, chartVersion, grafana, namespace: name } = monitoring;
  if (install === "none") return [];
  const labels = { [STACK_LABEL]: stackLabel(pulumi.getStack()) };
  const options = { parent: cluster, provider };
  const namespace = new Namespace(
    name,
    { metadata: { name: withoutOtherOperator(cluster, name), labels } },
    options,
  );
  const login =
    grafana.adminPassword === undefined
      ? []
      : [
          new Secret(
            GRAFANA_SECRET,
            {
              metadata: { name: GRAFANA_SECRET, namespace: namespace.metadata.name },
              stringData: { user: "admin", password: grafana.adminPassword },
            },
            options,
          ),
        ];
  const chart = new Chart(
    install,
    {
      chart: install,
      version: chartVersion,
      repositoryOpts: { repo: chartRepository },
      namespace: namespace.metadata.name,
      values: valuesOf(monitoring, surroundings),
    },
    { ...options, dependsOn: [namespace, ...login] },
  );
  return [namespace, ...login, chart];
}
