import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { dashboard } from "../monitoring/dashboard";
import { DASHBOARD_CONFIG_MAP } from "../names";
import type { Scope } from "../scope";

/** A dashboard, which Grafana's sidecar finds by its label. Without a Grafana it has no effect. */
export function grafanaDashboard({
  name,
  namespace,
  config,
  metadata,
  options,
}: Scope): ConfigMap | undefined {
  const { enabled, dashboards } = config.monitoring;
  if (!enabled || !dashboards.enabled || !config.config.enableMetrics) return undefined;
  const own = metadata(DASHBOARD_CONFIG_MAP);
  return new ConfigMap(
    `${name}-dashboard`,
    {
      metadata: { ...own, labels: { ...dashboards.labels, ...own.labels } },
      // The sidecar puts the files of all namespaces into one folder.
      data: pulumi.output(namespace).apply((home) => ({
        [`${home}.json`]: JSON.stringify(dashboard(home), undefined, 2),
      })),
    },
    options(),
  );
}
