import { Ingress } from "@pulumi/kubernetes/networking/v1";
import type * as pulumi from "@pulumi/pulumi";
import { METRICS_PORT } from "../../runner/src/contract";
import { METRICS_SERVICE, RALPH } from "../names";
import type { Scope } from "../scope";

/** Kubernetes rejects an Ingress that names its class both here and in its spec. */
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

/** External access to the status page and the metrics. */
export function ingress(
  { name, config: { ingress: wanted }, traits, metadata, options }: Scope,
  service: pulumi.Resource,
): Ingress | undefined {
  if (!wanted.enabled) return undefined;
  const className = wanted.className ?? traits.ingress.className;
  const annotations = {
    // The cluster's annotations are for its own controller, and so for its class only.
    ...(className === traits.ingress.className ? traits.ingress.annotations : {}),
    ...wanted.annotations,
  };
  return new Ingress(
    `${name}-ingress`,
    {
      metadata: metadata(RALPH, undefined, {
        ...annotations,
        // `up` does not wait for the address: the controller that assigns it is not part of this program.
        "pulumi.com/skipAwait": "true",
      }),
      spec: {
        ...(CLASS_ANNOTATION in annotations ? {} : { ingressClassName: className }),
        ...(wanted.tls.length > 0 ? { tls: wanted.tls } : {}),
        rules: wanted.hosts.map(({ host, paths }) => ({
          host,
          http: {
            paths: paths.map(({ path, pathType }) => ({
              path,
              pathType,
              backend: { service: { name: METRICS_SERVICE, port: { number: METRICS_PORT } } },
            })),
          },
        })),
      },
    },
    options({ dependsOn: service }),
  );
}
