import { Ingress } from "@pulumi/kubernetes/networking/v1";
import type * as pulumi from "@pulumi/pulumi";
import { RALPH } from "../names";
import type { Scope } from "../scope";
import { entry, HTTP_PORT } from "../way-in";

/** Kubernetes rejects an Ingress that names its class both here and in its spec. */
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

/** Makes cert-manager keep the certificates in the Secrets of `ingress.tls`. */
const issuerAnnotation = ({ clusterIssuer, issuer }: Scope["config"]["ingress"]["certManager"]) => ({
  ...(clusterIssuer === undefined ? {} : { "cert-manager.io/cluster-issuer": clusterIssuer }),
  ...(issuer === undefined ? {} : { "cert-manager.io/issuer": issuer }),
});

/** Access to the status page from outside of the cluster. */
export function ingress(
  { name, config, traits, metadata, options }: Scope,
  dependsOn: readonly pulumi.Resource[],
): Ingress | undefined {
  const wanted = config.ingress;
  if (!wanted.enabled) return undefined;
  const className = wanted.className ?? traits.ingress.className;
  const annotations = {
    // The cluster's annotations are for its own controller, and so for its class only.
    ...(className === traits.ingress.className ? traits.ingress.annotations : {}),
    ...issuerAnnotation(wanted.certManager),
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
              backend: { service: { name: entry(config), port: { number: HTTP_PORT } } },
            })),
          },
        })),
      },
    },
    options({ dependsOn: [...dependsOn] }),
  );
}
