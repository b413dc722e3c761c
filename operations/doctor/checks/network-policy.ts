import type { V1NetworkPolicy } from "@kubernetes/client-node";

import { APP_LABELS, NETWORK_POLICY } from "../../../workload/names";
import { called } from "../pods";
import { check, type Finding } from "../types";

/** DaemonSets of the data planes that enforce NetworkPolicy objects. */
const ENFORCERS =
  /^(cilium|anetd|calico-node|canal|azure-npm|antrea-agent|kube-router|weave-net|ovnkube-node|kindnet|kube-network-policies)$/;
/** The VPC CNI enforces them by a container of its own, which is there where it is switched on. */
const AWS_NODE = { daemonSet: "aws-node", container: "aws-eks-nodeagent" };

const selectsRalph = ({ spec }: V1NetworkPolicy): boolean => {
  const { matchLabels = {}, matchExpressions = [] } = spec?.podSelector ?? {};
  return (
    matchExpressions.length === 0 &&
    Object.entries(matchLabels).every(([name, value]) => name === "app" && value === APP_LABELS.app)
  );
};

/** Policies that nobody enforces, or that close Ralph in. */
export const networkPolicy = check({
  name: "network policy",
  needs: ["networkPolicies", "systemDaemonSets"],
  look({ networkPolicies, systemDaemonSets }, { set, up, kubectl }) {
    const policies = networkPolicies.filter(selectsRalph);
    const [first] = policies;
    if (first === undefined) return [];

    const enforced = systemDaemonSets.some(
      ({ metadata, spec }) =>
        ENFORCERS.test(metadata?.name ?? "") ||
        (metadata?.name === AWS_NODE.daemonSet &&
          spec?.template.spec?.containers.some(
            ({ name, args = [] }) =>
              name === AWS_NODE.container && args.includes("--enable-network-policy=true"),
          )),
    );
    const unenforced: Finding[] = enforced
      ? []
      : [
          {
            object: called("NetworkPolicy", first),
            what: "is not enforced: no known network plugin that does it is in kube-system",
            cause: "The server accepts policies everywhere; here pods reach, and are reached by, everybody.",
            fix: [
              "kubectl get daemonsets -n kube-system",
              set("cluster.networkPolicy.enforced", "false"),
              up,
            ],
          },
        ];

    // Policies add up: what one of them opens, no other closes.
    const open = policies.some(
      ({ spec }) =>
        !(spec?.policyTypes ?? ["Ingress"]).includes("Egress") ||
        spec?.egress?.some(({ to = [], ports = [] }) => to.length === 0 || covers(ports, 443)),
    );
    const closed = policies.every(({ spec }) => (spec?.policyTypes ?? []).includes("Egress"));
    const shut: Finding[] =
      closed && !open
        ? [
            {
              object: called("NetworkPolicy", first),
              what: "lets pods reach nobody by HTTPS",
              cause:
                "No agent can call its model: a policy that denies everything is there, and not the program's own.",
              fix: [set("networkPolicy.enabled", "true"), up, kubectl("get networkpolicy")],
            },
          ]
        : [];
    return [...unenforced, ...shut];
  },
});

const covers = (ports: readonly { port?: unknown; endPort?: number }[], wanted: number): boolean =>
  ports.length === 0 ||
  ports.some(
    ({ port, endPort }) => Number(port) === wanted || (Number(port) <= wanted && wanted <= (endPort ?? -1)),
  );

/** Names that pods cannot look up: the policy knows the resolvers by their labels. */
export const nameResolution = check({
  name: "name resolution",
  needs: ["networkPolicies", "systemPods"],
  look({ networkPolicies, systemPods }, { set, up }) {
    const policy = networkPolicies.find(({ metadata }) => metadata?.name === NETWORK_POLICY);
    const rule = policy?.spec?.egress?.find(({ ports = [] }) =>
      ports.some(({ port }) => Number(port) === 53),
    );
    if (policy === undefined || rule?.to === undefined) return [];
    const byAddress = rule.to.some(({ ipBlock }) => ipBlock !== undefined);
    const resolvers = rule.to.flatMap(({ podSelector }) =>
      podSelector?.matchLabels === undefined ? [] : [podSelector.matchLabels],
    );
    const there = systemPods.some(({ metadata }) =>
      resolvers.some((labels) =>
        Object.entries(labels).every(([name, value]) => metadata?.labels?.[name] === value),
      ),
    );
    if (byAddress || there) return [];
    return [
      {
        object: called("NetworkPolicy", policy),
        what: "opens port 53 to k8s-app kube-dns or node-local-dns in kube-system, and no pod there is one of them",
        cause: "The cluster's resolver has other labels, or is elsewhere: pods cannot look up any name.",
        fix: [
          "kubectl get service -n kube-system",
          set("cluster.networkPolicy.dnsCidrs[0]", "<address of the resolver>/32"),
          up,
        ],
      },
    ];
  },
});
