import { canonical, contains, overlaps, PRIVATE_RANGES, sizeOf } from "../cidr";
import { type Finding, found } from "../findings";
import type { Config } from "./config";
import { nodesAtMost } from "./nodes";

/** The rules of the ranges: the cluster's own, and those that may reach its API server. */

/** AKS itself uses these within a cluster. */
const TAKEN = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];
/** Azure keeps this many addresses of each subnet. */
const SUBNET_RESERVED = 5;
const NODE_PODS = "/24";
const LARGEST_SERVICES = 12;
const MOST_AUTHORIZED = 200;

export const networks = (config: Config): Finding[] => [...own(config), ...resolver(config), ...room(config)];

function own({ network: { vnet, nodes, pods, services } }: Config): Finding[] {
  const ranges = Object.entries({ vnet, nodes, pods, services });
  const apart = Object.entries({ vnet, pods, services });
  return [
    ...ranges.flatMap(([key, range]) =>
      found(canonical(range) !== range, () => ({
        at: ["network", key],
        rule: `${range} has bits beyond its prefix`,
        value: canonical(range),
      })),
    ),
    ...apart.flatMap(([key, range], i) =>
      apart.slice(0, i).flatMap(([earlier, other]) =>
        found(overlaps(range, other), () => ({
          at: ["network", key],
          rule: `${range} overlaps network.${earlier} ${other}`,
          value: "<another range>",
        })),
      ),
    ),
    ...apart.flatMap(([key, range]) =>
      TAKEN.filter((taken) => overlaps(range, taken)).map((taken) => ({
        at: ["network", key],
        rule: `${range} overlaps ${taken}, which AKS uses itself`,
        value: "<another range>",
      })),
    ),
    ...found(!contains(vnet, nodes), () => ({
      at: ["network", "nodes"],
      rule: `${nodes} is not within network.vnet ${vnet}`,
      value: `${vnet.split("/")[0]}/22`,
    })),
    ...found(Number(services.split("/")[1]) < LARGEST_SERVICES, () => ({
      at: ["network", "services"],
      rule: `${services} is larger than the /${LARGEST_SERVICES} that AKS takes`,
      value: `${services.split("/")[0]}/16`,
    })),
  ];
}

function resolver({ network: { services, dnsServiceIP } }: Config): Finding[] {
  const first = canonical(services).split("/")[0] ?? "";
  const tenth = first.replace(/\d+$/, (octet) => String(Number(octet) + 10));
  const rule = !contains(services, dnsServiceIP)
    ? `is not within network.services ${services}`
    : dnsServiceIP === first
      ? `is the first address of network.services`
      : dnsServiceIP === first.replace(/\d+$/, (octet) => String(Number(octet) + 1))
        ? `is the address of the Kubernetes API in network.services`
        : undefined;
  return found(rule !== undefined, () => ({
    at: ["network", "dnsServiceIP"],
    rule: `${dnsServiceIP} ${rule}`,
    value: tenth,
  }));
}

function room(config: Config): Finding[] {
  const { nodes, pods } = config.network;
  const most = nodesAtMost(config);
  const hosts = Math.max(0, sizeOf(nodes) - SUBNET_RESERVED);
  const shares = Math.floor(sizeOf(pods) / sizeOf(NODE_PODS));
  return [
    ...found(hosts < most, () => ({
      at: ["network", "nodes"],
      rule: `${nodes} has room for ${hosts} nodes; there may be ${most}, those of an upgrade included`,
      value: `${nodes.split("/")[0]}/22`,
    })),
    ...found(shares < most, () => ({
      at: ["network", "pods"],
      rule: `${pods} has a ${NODE_PODS} for ${shares} nodes; there may be ${most}, those of an upgrade included`,
      value: `${pods.split("/")[0]}/16`,
    })),
  ];
}

/** The ranges that may reach the API server. */
export const authorized = ({ api: { cidrs } }: Config): Finding[] => [
  ...found(cidrs.length > MOST_AUTHORIZED, () => ({
    at: ["api", "cidrs"],
    rule: `are ${cidrs.length} ranges; AKS takes ${MOST_AUTHORIZED}`,
  })),
  ...cidrs.flatMap((range, i) => {
    const at = ["api", "cidrs", i];
    if (range.includes(":")) return [{ at, rule: `${range} is IPv6, which AKS does not take here` }];
    if (range.endsWith("/0")) return [{ at, rule: `${range} is everybody: say so with api.public` }];
    if (PRIVATE_RANGES.some((known) => overlaps(known, range))) {
      return [{ at, rule: `${range} is private: AKS sees the public address that requests come from` }];
    }
    return found(canonical(range) !== range, () => ({
      at,
      rule: `${range} has bits beyond its prefix`,
      value: canonical(range),
    }));
  }),
];
