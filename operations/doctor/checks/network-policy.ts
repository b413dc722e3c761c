import type { V1NetworkPolicy } from "@kubernetes/client-node";

import { enforcesPolicies } from "../../../clusters/policy-agents";
import { APP_LABELS, NETWORK_POLICY } from "../../../workload/names";
import { objectName } from "../pods";
import { check, type Finding } from "../types";

const selectsRalph = ({ spec }: V1NetworkPolicy): boolean => {
  const { matchLabels = {}, matchExpressions = [] } = spec?.podSelector ?? {};
  return (
    matchExpressions.length === 0 &&
    Object.entries(matchLabels).every(([name, value]) => name === "app" && value === APP_LABELS.app)
  );
};

/** Policies that are not enforced, or that block all of Ralph's traffic. */
export const networkPolicy = check({
  name: "network policy",
  needs: ["networkPolicies", "systemDaemonSets"],
  look({ networkPolicies, systemDaemonSets }, { set, up, kubectl }) {
    const policies = networkPolicies.filter(selectsRalph);
    const [first] = policies;
    if (first === undefined) return [];

    const enforced = systemDaemonSets.some(enforcesPolicies);
    const unenforced: Finding[] = enforced
      ? []
      : [
          {
            object: objectName("NetworkPolicy", first),
            what: "is not enforced: kube-system has no known network plugin that enforces policies",
            cause:
              "Every API server accepts policies; in this cluster they have no effect, so pods can reach, and be reached by, anything.",
            fix: [
              "kubectl get daemonsets -n kube-system",
              set("cluster.networkPolicy.enforced", "false"),
              up,
            ],
          },
        ];

    // Policies are additive: what one of them allows, no other denies.
    const open = policies.some(
      ({ spec }) =>
        !(spec?.policyTypes ?? ["Ingress"]).includes("Egress") ||
        spec?.egress?.some(({ to = [], ports = [] }) => to.length === 0 || covers(ports, 443)),
    );
    const closed = policies.every(({ spec }) => (spec?.policyTypes ?? []).includes("Egress"));
    const blocked: Finding[] =
      closed && !open
        ? [
            {
              object: objectName("NetworkPolicy", first),
              what: "blocks all HTTPS traffic of the pods",
              cause:
                "No agent can call its model: a policy denies everything, and the program's own policy is missing.",
              fix: [set("networkPolicy.enabled", "true"), up, kubectl("get networkpolicy")],
            },
          ]
        : [];
    return [...unenforced, ...blocked];
  },
});

const covers = (ports: readonly { port?: unknown; endPort?: number }[], wanted: number): boolean =>
  ports.length === 0 ||
  ports.some(
    ({ port, endPort }) => Number(port) === wanted || (Number(port) <= wanted && wanted <= (endPort ?? -1)),
  );

/** DNS that the policy blocks, because it selects the resolvers by their labels. */
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
    const found = systemPods.some(({ metadata }) =>
      resolvers.some((labels) =>
        Object.entries(labels).every(([name, value]) => metadata?.labels?.[name] === value),
      ),
    );
    if (byAddress || found) return [];
    return [
      {
        object: objectName("NetworkPolicy", policy),
        what: "allows DNS only to pods labelled k8s-app kube-dns or node-local-dns in kube-system, and none has that label",
        cause: "The cluster's DNS server has other labels, or runs elsewhere: pods cannot resolve any name.",
        fix: [
          "kubectl get service -n kube-system",
          set("cluster.networkPolicy.dnsCidrs[0]", "<address of the DNS server>/32"),
          up,
        ],
      },
    ];
  },
});
