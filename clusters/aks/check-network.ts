import { bitsFor, bitsOf, canonical, contains, overlaps, rangeApart, resized, sizeOf } from "../cidr";
import { ANOTHER_RANGE, type Finding, found } from "../findings";
import { PRIVATE_RANGES } from "../../lib/private-ranges";
import type { Config } from "./config";
import { maxNodes } from "./nodes";

/** The rules of the ranges: the cluster's own, and those that may reach its API server. */

/** AKS itself uses these within a cluster. */
const TAKEN = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];
/** Azure keeps this many addresses of each subnet. */
const SUBNET_RESERVED = 5;
const NODE_PODS = "/24";
const LARGEST_SERVICES = 12;
/** The cluster's own services take a dozen addresses, and its resolver the tenth. */
const SMALLEST_SERVICES = 27;
/** Prefixes that are offered where no wider one is needed: AKS's own. */
const USUAL = { nodes: 22, pods: 16, services: 16 };
const MOST_AUTHORIZED = 200;

export function checkNetwork(config: Config): Finding[] {
  const offer = offered(config);
  return [...own(config, offer), ...resolver(config), ...room(config, offer)];
}

type Offer = Readonly<Record<"vnet" | "nodes" | "pods", string>>;

function own({ network: { vnet, nodes, pods, services } }: Config, offer: Offer): Finding[] {
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
          value: ANOTHER_RANGE,
        })),
      ),
    ),
    ...apart.flatMap(([key, range]) =>
      TAKEN.filter((taken) => overlaps(range, taken)).map((taken) => ({
        at: ["network", key],
        rule: `${range} overlaps ${taken}, which AKS uses itself`,
        value: ANOTHER_RANGE,
      })),
    ),
    // In the network that is offered where it has no room itself.
    ...found(!contains(offer.vnet, nodes), () => ({
      at: ["network", "nodes"],
      rule: `${nodes} is not within network.vnet ${vnet}`,
      value: offer.nodes,
    })),
    ...found(bitsOf(services) < LARGEST_SERVICES, () => ({
      at: ["network", "services"],
      rule: `${services} is larger than the /${LARGEST_SERVICES} that AKS takes`,
      value: offeredServices(services),
    })),
    ...found(bitsOf(services) > SMALLEST_SERVICES, () => ({
      at: ["network", "services"],
      rule: `${services} must be at least a /${SMALLEST_SERVICES}`,
      value: offeredServices(services),
    })),
  ];
}

/** Services of a size that AKS takes. */
const offeredServices = (services: string): string =>
  bitsOf(services) < LARGEST_SERVICES || bitsOf(services) > SMALLEST_SERVICES
    ? resized(services, USUAL.services)
    : canonical(services);

function resolver({ network: { services, dnsServiceIP } }: Config): Finding[] {
  const within = offeredServices(services);
  const first = within.split("/")[0] ?? "";
  const tenth = first.replace(/\d+$/, (octet) => String(Number(octet) + 10));
  const rule = !contains(within, dnsServiceIP)
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

function room(config: Config, offer: Offer): Finding[] {
  const { vnet, nodes, pods } = config.network;
  const most = maxNodes(config);
  const hosts = Math.max(0, sizeOf(nodes) - SUBNET_RESERVED);
  const shares = Math.floor(sizeOf(pods) / sizeOf(NODE_PODS));
  return [
    ...found(sizeOf(vnet) - SUBNET_RESERVED < most, () => ({
      at: ["network", "vnet"],
      rule: `${vnet} has no room for a subnet of ${most} nodes, those of an upgrade included`,
      value: offer.vnet,
    })),
    ...found(hosts < most, () => ({
      at: ["network", "nodes"],
      rule: `${nodes} has room for ${hosts} nodes; there may be ${most}, those of an upgrade included`,
      value: offer.nodes,
    })),
    ...found(shares < most, () => ({
      at: ["network", "pods"],
      rule: `${pods} has a ${NODE_PODS} for ${shares} nodes; there may be ${most}, those of an upgrade included`,
      value: offer.pods,
    })),
  ];
}

/** Ranges with room for all nodes: those that are there, made as wide, unless they would meet others then. */
function offered(config: Config): Offer {
  const { nodes, pods, services } = config.network;
  const most = maxNodes(config);
  const apart = (range: string, bits: number, others: readonly string[]) =>
    rangeApart(bits, [resized(range, bits)], [...others, services, ...TAKEN]) ?? ANOTHER_RANGE;
  const subnetBits = bitsFor(most + SUBNET_RESERVED);
  const podBits = Math.min(USUAL.pods, bitsFor(most * sizeOf(NODE_PODS)));
  const there = canonical(config.network.vnet);
  const vnet = bitsOf(there) > subnetBits ? apart(there, subnetBits, [pods]) : there;
  return {
    vnet,
    nodes:
      vnet === ANOTHER_RANGE
        ? ANOTHER_RANGE
        : resized(
            contains(vnet, nodes) ? nodes : vnet,
            Math.max(bitsOf(vnet), Math.min(USUAL.nodes, subnetBits)),
          ),
    pods: apart(
      pods,
      podBits,
      [config.network.vnet, vnet].filter((range) => range !== ANOTHER_RANGE),
    ),
  };
}

/** The ranges that may reach the API server. */
export const checkApiRanges = ({ api: { cidrs } }: Config): Finding[] => [
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
