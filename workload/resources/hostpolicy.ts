import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { isPattern } from "../../lib/host-pattern";
import { repositoriesOf, serverOf } from "../git-server";
import { HOST_POLICY, HOST_POLICY_KINDS } from "../names";
import { DELETED_AT_ONCE, type Scope } from "../scope";

export const HTTPS = 443;

/** The ports on which Ralph's agents reach the internet. */
export const internetPorts = ({ config }: Scope): number[] => [
  ...new Set([HTTPS, ...repositoriesOf(config).map((address) => serverOf(address).port)]),
];

/**
 * The hosts that Ralph's agents can reach, by their names, in place of the whole internet. Policies are additive, so the
 * NetworkPolicy has no rule for the internet beside this one.
 */
export function hostPolicy(scope: Scope): CustomResource | undefined {
  const { name, config, traits, metadata, options } = scope;
  const { enabled, hosts } = config.networkPolicy;
  const kind = traits.networkPolicy.hosts?.kind;
  if (!enabled || hosts.length === 0 || kind === undefined) return undefined;
  return new CustomResource(
    `${name}-host-policy`,
    {
      apiVersion: HOST_POLICY_KINDS[kind],
      kind,
      metadata: metadata(HOST_POLICY, undefined, DELETED_AT_ONCE),
      spec: SPECS[kind](scope, internetPorts(scope)),
    },
    options(),
  );
}

const SPECS = {
  /** https://docs.cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies */
  FQDNNetworkPolicy: ({ config, selector }: Scope, ports: readonly number[]): object => ({
    podSelector: { matchLabels: selector.all },
    egress: [
      {
        matches: config.networkPolicy.hosts.map((host) =>
          isPattern(host) ? { pattern: host } : { name: host },
        ),
        ports: ports.map((port) => ({ protocol: "TCP", port })),
      },
    ],
  }),
  /** https://docs.cilium.io/en/stable/security/policy/language/#dns-based */
  CiliumNetworkPolicy: ({ config, selector }: Scope, ports: readonly number[]): object => ({
    endpointSelector: { matchLabels: selector.all },
    egress: [
      // Cilium learns the addresses of a name from the answers that it passes on.
      {
        toEndpoints: [
          { matchLabels: { "k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns" } },
        ],
        toPorts: [{ ports: [{ port: "53", protocol: "ANY" }], rules: { dns: [{ matchPattern: "*" }] } }],
      },
      {
        toFQDNs: config.networkPolicy.hosts.map((host) =>
          isPattern(host) ? { matchPattern: host } : { matchName: host },
        ),
        toPorts: [{ ports: ports.map((port) => ({ port: String(port), protocol: "TCP" })) }],
      },
    ],
  }),
};
