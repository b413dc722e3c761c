import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type * as pulumi from "@pulumi/pulumi";
import { RALPH, STATUS_SERVICE } from "../names";
import { DELETED_AT_ONCE, type Scope } from "../scope";
import { STATUS_SERVICE_PORT } from "./statusservice";

/** Access to the status page from outside of the cluster through Gateway API, the successor of Ingress. */
export function httpRoute(
  { name, config: { gateway }, metadata, options }: Scope,
  dependsOn: readonly pulumi.Resource[],
): CustomResource | undefined {
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
            backendRefs: [{ name: STATUS_SERVICE, port: STATUS_SERVICE_PORT }],
          },
        ],
      },
    },
    options({ dependsOn: [...dependsOn] }),
  );
}
