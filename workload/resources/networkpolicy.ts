import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { networking } from "@pulumi/kubernetes/types/input";
import { covers } from "../../lib/cidr";
import { PRIVATE_RANGES } from "../../lib/private-ranges";
import { METRICS_PORT, STATUS_PORT } from "../../runner/src/contract";
import { addressOf, rangeOf } from "../keys/telemetry";
import { identityOf } from "../models";
import { LOGIN_LABELS, MONITORING_NAMESPACE, NETWORK_POLICY } from "../names";
import type { Scope } from "../scope";
import { internetPorts } from "./hostpolicy";
import { inNamespace, isPublished, publishers } from "../way-in";

/** IPv6 ranges that are not the internet: unique local (RFC 4193; EC2's metadata server is in it) and link-local. */
const CLOSED_V6 = ["fc00::/7", "fe80::/10"];
const INTERNET = ["0.0.0.0/0", "::/0"];

/**
 * Connections to and from Ralph's pods. They may reach DNS, and on the internet, which no namespace selector matches
 * (guide, network policy), HTTPS and the port of the git remote. Policies are additive, so there is only this one.
 */
export function networkPolicy(scope: Scope): NetworkPolicy | undefined {
  const { name, config, metadata, selector, options } = scope;
  if (!config.networkPolicy.enabled) return undefined;
  return new NetworkPolicy(
    `${name}-network-policy`,
    {
      metadata: metadata(NETWORK_POLICY),
      spec: {
        podSelector: { matchLabels: selector.all },
        policyTypes: ["Ingress", "Egress"],
        ingress: ingress(scope),
        egress: egress(scope),
      },
    },
    options(),
  );
}

type Peer = networking.v1.NetworkPolicyPeer;
const tcp = (port: number) => ({ protocol: "TCP", port });

/** Prometheus reads the metrics; what publishes the status page, or the login before it, reaches that page alone. */
function ingress(scope: Scope): networking.v1.NetworkPolicyIngressRule[] {
  const { config } = scope;
  const page: Peer[] = !isPublished(config)
    ? []
    : config.login.enabled
      ? [{ podSelector: { matchLabels: LOGIN_LABELS } }]
      : publishers(scope);
  return [
    { from: [inNamespace(MONITORING_NAMESPACE)], ports: [tcp(METRICS_PORT)] },
    ...(page.length > 0 ? [{ from: page, ports: [tcp(STATUS_PORT)] }] : []),
  ];
}

/** To the cluster's DNS resolvers. */
export const resolvers = ({ traits }: Scope) => ({
  to: [
    ...["kube-dns", "node-local-dns"].map((app) => ({
      ...inNamespace("kube-system"),
      podSelector: { matchLabels: { "k8s-app": app } },
    })),
    ...traits.networkPolicy.dnsCidrs.map((cidr) => ({ ipBlock: { cidr } })),
  ],
  ports: [{ protocol: "UDP", port: 53 }, tcp(53)],
});

/** The collector of traces, if its address is known: a name is opened by `allow` or `allowPods`. */
function collector({ telemetry: { otlp } }: Scope["config"]) {
  const cidr = otlp === undefined ? undefined : rangeOf(otlp);
  return otlp === undefined || cidr === undefined ? [] : [{ cidr, port: addressOf(otlp).port }];
}

function egress(scope: Scope): networking.v1.NetworkPolicyEgressRule[] {
  const { config, traits } = scope;
  const { internet, hosts, allow, allowPods, deny } = config.networkPolicy;
  const closed = [...PRIVATE_RANGES, ...CLOSED_V6, ...traits.networkPolicy.blockedCidrs, ...deny];
  const block = (cidr: string): Peer[] => {
    if (deny.some((range) => covers(range, cidr))) return [];
    const except = closed.filter((range) => range !== cidr && covers(cidr, range));
    return [{ ipBlock: except.length > 0 ? { cidr, except } : { cidr } }];
  };
  return [
    resolvers(scope),
    ...(internet && hosts.length === 0
      ? [{ to: INTERNET.flatMap(block), ports: internetPorts(scope).map(tcp) }]
      : []),
    ...(identityOf(config, traits)?.egress ?? []).map(({ cidr, ports }) => ({
      to: block(cidr),
      ports: ports.map(tcp),
    })),
    ...collector(config).map(({ cidr, port }) => ({ to: block(cidr), ports: [tcp(port)] })),
    ...allow.map(({ cidr, ports }) => ({ to: block(cidr), ports: ports.map(tcp) })),
    ...allowPods.map(({ namespace, podLabels, ports }) => ({
      to: [
        {
          ...inNamespace(namespace),
          ...(Object.keys(podLabels).length > 0 ? { podSelector: { matchLabels: podLabels } } : {}),
        },
      ],
      ports: ports.map(tcp),
    })),
  ].filter(({ to }) => to.length > 0); // no peers would mean all peers
}
