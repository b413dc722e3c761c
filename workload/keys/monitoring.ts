import { z } from "zod";
import { findIf, forbidden, invalid } from "../../config/findings";
import { dnsSubdomain, duration, labels, matching, publicAddress, quantity } from "../../config/formats";
import { config, dollars } from "./config";
import { rule, secretText, section } from "./section";

export const monitoring = section({
  enabled: z.boolean().default(true).meta({ description: "If false, nothing of this is created." }),
  serviceMonitor: section({
    enabled: z.boolean().default(true).meta({ description: "Needs the CRD of the Prometheus Operator." }),
    interval: duration.default("30s").meta({ description: "Time between two scrapes." }),
  }).prefault({}),
  rules: section({
    enabled: z.boolean().default(true).meta({
      description: "Exists only with the ServiceMonitor. Needs the CRD of the Prometheus Operator.",
    }),
    labels: labels.default({}).meta({
      description: "Labels that the Prometheus selects rules by, such as `release: prometheus`.",
    }),
    dailyBudgetUsd: dollars.optional().meta({
      description: "US dollars in 24 hours above which an alert fires. Defaults to `config.maxDailyCostUsd`.",
    }),
    runbookUrl: publicAddress(/^https?:\/\/\S+$/, "must be the address of a page")
      .optional()
      .meta({
        description:
          "Where people who get an alert can read docs/monitoring.md of this repository. Defaults to that path.",
      }),
  })
    .prefault({})
    .meta({ description: "The PrometheusRule `ralph-orchestrator`, with the alerts." }),
  dashboards: section({
    enabled: z.boolean().default(true).meta({ description: "Has an effect only with a Grafana." }),
    labels: labels.default({ grafana_dashboard: "1" }).meta({
      description: "Labels that Grafana's sidecar finds dashboards by; the default is that of its charts.",
    }),
  })
    .prefault({})
    .meta({ description: "The ConfigMap `ralph-dashboard`, with a dashboard for Grafana." }),
  install: z.enum(["none", "kube-prometheus-stack"]).default("none").meta({
    description:
      "Installs Prometheus and its operator into the namespace `monitoring`. Refused on an existing cluster that has an operator.",
  }),
  chartRepository: publicAddress(/^https?:\/\/\S+$/, "must be the address of a Helm repository")
    .default("https://prometheus-community.github.io/helm-charts")
    .meta({ description: "Helm repository of the chart, such as a mirror." }),
  chartVersion: matching(/^\d+\.\d+\.\d+$/, "must be a version such as 78.4.0")
    .default("78.4.0")
    .meta({ description: "Version of the chart. Newer ones update the operator's kinds in place." }),
  retention: duration
    .default("7d")
    .meta({ description: "How long the installed Prometheus keeps its data." }),
  storage: section({
    size: quantity.optional().meta({
      description:
        "Volume of the installed Prometheus, such as 20Gi; oldest data is deleted before it is full. Without it the data is lost with the pod.",
    }),
  }).prefault({}),
  alertmanager: section({
    enabled: z
      .boolean()
      .default(false)
      .meta({ description: "Installs Alertmanager too, which sends alerts." }),
    existingSecret: dnsSubdomain.optional().meta({
      description:
        "Secret of the namespace `monitoring` with its configuration and receivers, under the key `alertmanager.yaml`.",
    }),
  }).prefault({}),
  grafana: section({
    adminPassword: secretText.optional().meta({
      description: "Secret. Installs Grafana too, with this password of the user `admin`.",
    }),
  }).prefault({}),
  values: z.record(z.string(), z.json()).default({}).meta({
    title: "map, as in values.yaml of the chart",
    description: "Further values of the chart, merged last: a list replaces the program's.",
  }),
  prometheusConfig: section({
    enabled: z.boolean().default(true).meta({ description: "Needs the namespace `monitoring`." }),
  }).prefault({}),
})
  .prefault({})
  .meta({
    description:
      "The ServiceMonitor, the alerts, the dashboard, and the ConfigMap `prometheus-config` in `monitoring`, whose name ends in `-<namespace>` if the stack has another namespace than the default.",
  });

export const rules = [
  rule({ monitoring, config }, ({ monitoring: { enabled, serviceMonitor }, config: { enableMetrics } }) =>
    findIf(enabled && serviceMonitor.enabled && !enableMetrics, () =>
      invalid(
        ["monitoring", "serviceMonitor", "enabled"],
        serviceMonitor.enabled,
        "must be false while config.enableMetrics is false: there is nothing to scrape",
        "false",
      ),
    ),
  ),
  rule({ monitoring }, ({ monitoring: { install, storage, alertmanager, grafana, values } }) => [
    ...(
      [
        ["storage.size", storage.size !== undefined],
        ["alertmanager.enabled", alertmanager.enabled],
        ["grafana.adminPassword", grafana.adminPassword !== undefined],
        ["values", Object.keys(values).length > 0],
      ] as const
    ).flatMap(([key, isSet]) =>
      findIf(isSet && install === "none", () =>
        forbidden(
          ["monitoring", ...key.split(".")],
          "monitoring.install is none, and it is for what is installed",
        ),
      ),
    ),
    ...findIf(alertmanager.existingSecret !== undefined && !alertmanager.enabled, () =>
      forbidden(["monitoring", "alertmanager", "existingSecret"], "monitoring.alertmanager.enabled is false"),
    ),
  ]),
];
