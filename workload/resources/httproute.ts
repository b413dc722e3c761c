import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type * as pulumi from "@pulumi/pulumi";
import { RALPH } from "../names";
import { DELETED_AT_ONCE, type Scope } from "../scope";
import { entry, HTTP_PORT } from "../way-in";

/** Access to the status page from outside of the cluster through Gateway API, the successor of Ingress. */
export function httpRoute(
  { name, config, metadata, options }: Scope,
  dependsOn: readonly pulumi.Resource[],
): CustomResource | undefined {
  const { gateway } = config;
  if (!gateway.enabled) return undefined;
  return new CustomResource(
    `${name}-httproute`,
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: metadata(RALPH, undefined, { ...gateway.annotations, ...DELETED_AT_ONCE }),
      spec: {
        parentRefs: gateway.parentRefs,
        ...(gateway.hosts.length > 0 ? { hostnames: gateway.hosts } : {}),
        rules: [
          {
            matches: [{ path: { type: "PathPrefix", value: "/" } }],
            backendRefs: [{ name: entry(config), port: HTTP_PORT }],
          },
        ],
      },
    },
    options({ dependsOn: [...dependsOn] }),
  );
}
