import { Service } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { METRICS_PORT } from "../../runner/src/contract";
import { METRICS_SERVICE } from "../names";
import type { Scope } from "../scope";

/** Scrape target of all Ralph pods, including those of Jobs and CronJobs (guide, section 5). */
export function service({ name, metadata, selector, options }: Scope, dependsOn: pulumi.Resource[]): Service {
  return new Service(
    `${name}-metrics`,
    {
      // The Deployment has already waited for its pods, and without workers there are none.
      metadata: metadata(METRICS_SERVICE, undefined, { "pulumi.com/skipAwait": "true" }),
      spec: {
        type: "ClusterIP",
        selector: selector.all,
        ports: [{ name: "metrics", port: METRICS_PORT, targetPort: METRICS_PORT }],
      },
    },
    options({ dependsOn }),
  );
}
