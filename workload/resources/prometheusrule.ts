import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { alerts, runbook } from "../monitoring/alerts";
import { selectorOf } from "../monitoring/expressions";
import { RALPH } from "../names";
import { DELETED_AT_ONCE, type Scope } from "../scope";

/** Alerts for the Prometheus Operator, of what the ServiceMonitor scrapes. Requires its CRD. */
export function prometheusRule({
  name,
  namespace,
  config,
  metadata,
  options,
}: Scope): CustomResource | undefined {
  const { enabled, serviceMonitor, rules } = config.monitoring;
  if (!enabled || !serviceMonitor.enabled || !rules.enabled) return undefined;
  const own = metadata(RALPH, undefined, DELETED_AT_ONCE);
  return new CustomResource(
    `${name}-prometheusrule`,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { ...own, labels: { ...rules.labels, ...own.labels } },
      spec: {
        groups: [
          {
            name: RALPH,
            rules: pulumi.output(namespace).apply((home) =>
              alerts(config, selectorOf(home)).map((alert) => ({
                alert: alert.name,
                expr: alert.expression,
                ...(alert.for === undefined ? {} : { for: alert.for }),
                labels: { severity: alert.severity },
                annotations: {
                  summary: alert.summary,
                  runbook_url: runbook(alert.name, rules.runbookUrl),
                },
              })),
            ),
          },
        ],
      },
    },
    options(),
  );
}
