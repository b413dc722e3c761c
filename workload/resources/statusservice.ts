import { Service } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { STATUS_PORT } from "../../runner/src/contract";
import { STATUS_SERVICE } from "../names";
import type { Scope } from "../scope";
import { HTTP_PORT, isPublished } from "../way-in";

/** The workers' status page alone: what an Ingress or a Gateway routes to, so that no path leads to the metrics. */
export function statusService(
  { name, config, metadata, selector, options }: Scope,
  dependsOn: pulumi.Resource[],
): Service | undefined {
  if (!isPublished(config)) return undefined;
  return new Service(
    `${name}-status`,
    {
      // As of ralph-metrics: without workers there are no pods to wait for.
      metadata: metadata(STATUS_SERVICE, undefined, { "pulumi.com/skipAwait": "true" }),
      spec: {
        type: "ClusterIP",
        selector: selector.worker,
        ports: [{ name: "status", port: HTTP_PORT, targetPort: STATUS_PORT }],
      },
    },
    options({ dependsOn }),
  );
}
