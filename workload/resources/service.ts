import { Service } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { METRICS_PORT } from "../../runner/src/contract";
import type { Scope } from "../scope";

export const SERVICE_NAME = "ralph-metrics";

/** Scrape target of every Ralph pod, the Jobs' and the CronJobs' too (guide, section 5). */
export function service({ name, metadata, selector, options }: Scope, dependsOn: pulumi.Resource[]): Service {
  return new Service(
    `${name}-metrics`,
    {
      metadata: {
        ...metadata(SERVICE_NAME),
        // The Deployment has waited for its pods already, and without a worker there is none to wait for.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "ClusterIP",
        selector: selector.all,
        ports: [{ name: "metrics", port: METRICS_PORT, targetPort: METRICS_PORT }],
      },
    },
    options({ dependsOn }),
  );
}
