import { z } from "zod";
import { checkUnique } from "../../config/checks";
import { findIf, forbidden, invalid, required } from "../../config/findings";
import { dnsLabel, ingressHost, labels, port, wholeCidr } from "../../config/formats";
import { covers } from "../../lib/cidr";
import { clusterRule, rule, section, warning } from "./section";

const ports = z.array(port).min(1).meta({ description: "TCP ports." });

export const networkPolicy = section({
  enabled: z
    .boolean()
    .default(true)
    .meta({ description: "If false, Ralph's agents can reach whatever the nodes can reach." }),
  internet: z.boolean().default(true).meta({
    description:
      "Whether Ralph's agents can reach the internet by HTTPS, and the git remote. If false: only `allow`, `allowPods` and DNS.",
  }),
  hosts: z.array(ingressHost).default([]).meta({
    description:
      "The only hosts that Ralph's agents can reach by HTTPS and git, such as `api.anthropic.com` or `*.example.com`. On GKE and AKS, with `cluster.hostPolicies`.",
  }),
  allow: z
    .array(
      section({
        cidr: wholeCidr.meta({ description: "Address range; closed ranges within it stay closed." }),
        ports,
      }),
    )
    .default([])
    .meta({
      description: "Destinations besides DNS and HTTPS on the internet, such as `0.0.0.0/0` port 22 for git.",
    }),
  allowPods: z
    .array(
      section({
        namespace: dnsLabel().meta({ description: "Their namespace." }),
        podLabels: labels.default({}).meta({ description: "Their labels; without any, all pods there." }),
        ports,
      }),
    )
    .default([])
    .meta({ description: "Pods of the cluster that Ralph's agents can reach, such as a proxy." }),
  deny: z.array(wholeCidr).default([]).meta({
    description: "Ranges to close besides private and metadata addresses; takes precedence over `allow`.",
  }),
})
  .prefault({})
  .meta({ description: "The NetworkPolicy of every Ralph pod." });

export const rules = [
  rule({ networkPolicy }, (config) => checkUnique(config, "networkPolicy.hosts[]")),
  clusterRule({ networkPolicy }, ({ networkPolicy: { enabled, internet, hosts } }, traits) => {
    if (hosts.length === 0) return [];
    const known = traits.networkPolicy.hosts;
    const at = ["networkPolicy", "hosts"];
    return [
      ...findIf(!enabled, () => forbidden(at, "networkPolicy.enabled is false, and no host is closed")),
      ...findIf(!internet, () =>
        invalid(["networkPolicy", "internet"], false, "must be true with networkPolicy.hosts", "true"),
      ),
      ...findIf(known === undefined, () =>
        forbidden(
          at,
          "this cluster's policies know addresses only: set networkPolicy.internet to false, and proxy.https to a proxy with that list (docs/policy.md)",
        ),
      ),
      ...findIf(known?.enabled === false, () =>
        required(["cluster", "hostPolicies"], "true", "networkPolicy.hosts needs it"),
      ),
    ];
  }),
  rule({ networkPolicy }, ({ networkPolicy: { allow, deny } }) =>
    allow.flatMap(({ cidr: allowed }, i) => {
      const range = deny.find((each) => covers(each, allowed));
      const at = ["networkPolicy", "allow", i];
      return range === undefined ? [] : [forbidden(at, `${allowed} lies in ${range}, which \`deny\` closes`)];
    }),
  ),
];

export const warnings = [
  warning({ networkPolicy }, ({ networkPolicy: { enabled, internet, allow, allowPods } }) =>
    enabled && !internet && allow.length + allowPods.length === 0
      ? ["networkPolicy.internet is false and nothing is allowed: Ralph's agents cannot reach their models."]
      : [],
  ),
  warning({ networkPolicy }, ({ networkPolicy: { enabled } }, { networkPolicy: { enforced } }) =>
    enabled && !enforced
      ? [
          "The cluster does not enforce network policies: Ralph's agents can reach whatever its nodes can reach.",
        ]
      : [],
  ),
];
