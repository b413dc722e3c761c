import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ENDPOINTS } from "../../runner/src/contract";
import { RALPH } from "../names";
import { DELETED_AT_ONCE, type Scope } from "../scope";

/** Makes the Prometheus Operator scrape the Service (guide, section 5). Requires its CRD. */
export function serviceMonitor({
  name,
  config,
  metadata,
  selector,
  options,
}: Scope): CustomResource | undefined {
  const { enabled, serviceMonitor } = config.monitoring;
  if (!enabled || !serviceMonitor.enabled) return undefined;
  return new CustomResource(
    `${name}-servicemonitor`,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: metadata(RALPH, undefined, DELETED_AT_ONCE),
      spec: {
        selector: { matchLabels: selector.all },
        endpoints: [{ port: "metrics", interval: serviceMonitor.interval, path: ENDPOINTS.metrics }],
      },
    },
    options(),
  );
}
