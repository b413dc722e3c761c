import { Service } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { METRICS_PORT } from "../../runner/src/contract";
import { METRICS_SERVICE } from "../names";
import type { Scope } from "../scope";

/** Scrape target of every Ralph pod, the Jobs' and the CronJobs' too (guide, section 5). */
export function service({ name, metadata, selector, options }: Scope, dependsOn: pulumi.Resource[]): Service {
  return new Service(
    `${name}-metrics`,
    {
      metadata: {
        ...metadata(METRICS_SERVICE),
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
