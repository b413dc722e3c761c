import { z } from "zod";
import { findIf, invalid } from "../../config/findings";
import { duration, publicAddress } from "../../config/formats";
import { config } from "./config";
import { rule, section } from "./section";

export const monitoring = section({
  enabled: z
    .boolean()
    .default(true)
    .meta({ description: "If false, neither the ServiceMonitor nor the ConfigMap is created." }),
  serviceMonitor: section({
    enabled: z.boolean().default(true).meta({ description: "Needs the CRD of the Prometheus Operator." }),
    interval: duration.default("30s").meta({ description: "Time between two scrapes." }),
  }).prefault({}),
  install: z.enum(["none", "kube-prometheus-stack"]).default("none").meta({
    description:
      "Installs Prometheus and its operator into the namespace `monitoring`. Refused on an existing cluster that has an operator.",
  }),
  chartRepository: publicAddress(/^https?:\/\/\S+$/, "must be the address of a Helm repository")
    .default("https://prometheus-community.github.io/helm-charts")
    .meta({ description: "Helm repository of the chart, such as a mirror." }),
  prometheusConfig: section({
    enabled: z.boolean().default(true).meta({ description: "Needs the namespace `monitoring`." }),
  }).prefault({}),
})
  .prefault({})
  .meta({
    description:
      "The ServiceMonitor, and the ConfigMap `prometheus-config` in `monitoring`, whose name ends in `-<namespace>` if the stack has another namespace than the default.",
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
];
