import type { networking } from "@pulumi/kubernetes/types/input";
import { LOGIN, STATUS_SERVICE } from "./names";
import type { Scope } from "./scope";

type Peer = networking.v1.NetworkPolicyPeer;

/** The port of both Services that an Ingress or a route can lead to. */
export const HTTP_PORT = 80;

/** Whether the status page can be reached from outside of the cluster. */
export const isPublished = ({ ingress, gateway }: Scope["config"]): boolean =>
  ingress.enabled || gateway.enabled;

/** The Service that an Ingress or a route leads to. */
export const entry = ({ login }: Scope["config"]): string => (login.enabled ? LOGIN : STATUS_SERVICE);

export const inNamespace = (namespace: string): Peer => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
});

/** Where requests from outside of the cluster come from: controllers, gateways, load balancers. */
export function publishers({ config: { ingress, gateway, namespace }, traits }: Scope): Peer[] {
  const { from } = traits.ingress;
  const namespaces = [
    ...(ingress.enabled ? [...from.namespaces, ...ingress.from.namespaces] : []),
    ...(gateway.enabled
      ? [...gateway.parentRefs.map((each) => each.namespace ?? namespace), ...gateway.from.namespaces]
      : []),
  ];
  const cidrs = [
    ...from.cidrs,
    ...(ingress.enabled ? ingress.from.cidrs : []),
    ...(gateway.enabled ? gateway.from.cidrs : []),
  ];
  return [
    ...[...new Set(namespaces)].map(inNamespace),
    ...[...new Set(cidrs)].map((cidr) => ({ ipBlock: { cidr } })),
  ];
}
