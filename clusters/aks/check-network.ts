import { type Finding, findIf, forbidden, invalid } from "../../config/findings";
import { covers } from "../../lib/cidr";
import { PRIVATE_RANGES } from "../../lib/private-ranges";
import { ANOTHER_RANGE, checkApiCidrs, checkOverlaps, checkRoom, checkWholeRange } from "../checks";
import { addressAt, bitsFor, bitsOf, canonical, overlaps, rangeApart, resized, sizeOf } from "../cidr";
import { type Config, NODES, VNET } from "./config";
import { maxNodes } from "./nodes";

/** The rules for address ranges: the cluster's own, and those that may reach its API server. */

/** AKS uses these itself within a cluster. */
const RESERVED = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];
/** Azure reserves this many addresses of each subnet. */
const SUBNET_RESERVED = 5;
const NODE_PODS = "/24";
/** The shortest and longest prefix of services. The cluster itself has a dozen, its DNS service at the tenth address. */
const SERVICES_BITS = { min: 12, max: 27 };
/** Prefixes to offer if the nodes do not need a shorter one: AKS's defaults. */
const DEFAULT_BITS = { nodes: 22, pods: 16, services: 16 };
const MAX_API_RANGES = 200;

export function checkNetwork(config: Config): readonly Finding[] {
  if (config.network.existing !== undefined) return checkBesideExisting(config);
  const offer = offered(config);
  return [...checkRanges(config, offer), ...checkDns(config), ...checkNodeRoom(config, offer)];
}

/** The program knows no range of an existing network, so only those of the cluster's overlay can be checked. */
const checkBesideExisting = (config: Config): readonly Finding[] => [
  ...Object.entries({ vnet: VNET, nodes: NODES }).flatMap(([key, unset]) =>
    findIf(config.network[key as "vnet" | "nodes"] !== unset, () =>
      forbidden(["network", key], "it has no effect with network.existing"),
    ),
  ),
  ...checkDns(config),
];

type Offer = Readonly<Record<"vnet" | "nodes" | "pods", string>>;

function checkRanges({ network: { vnet, nodes, pods, services } }: Config, offer: Offer): readonly Finding[] {
  const apart = { vnet, pods, services };
  return [
    ...Object.entries({ vnet, nodes, pods, services }).flatMap(([key, range]) =>
      checkWholeRange(["network", key], range),
    ),
    ...checkOverlaps(apart, () => ANOTHER_RANGE),
    ...Object.entries(apart).flatMap(([key, range]) =>
      RESERVED.filter((reserved) => overlaps(range, reserved)).map((reserved) =>
        invalid(["network", key], range, `must not overlap ${reserved}, which AKS reserves`, ANOTHER_RANGE),
      ),
    ),
    // If the network has no room itself, the subnet must be within the one that is offered instead.
    ...findIf(!covers(offer.vnet, nodes), () =>
      invalid(["network", "nodes"], nodes, `must be within network.vnet, ${vnet}`, offer.nodes),
    ),
    ...findIf(!isServicesSize(services), () =>
      invalid(
        ["network", "services"],
        services,
        `must have a prefix from /${SERVICES_BITS.min} to /${SERVICES_BITS.max}`,
        offeredServices(services),
      ),
    ),
  ];
}

const isServicesSize = (services: string): boolean =>
  SERVICES_BITS.min <= bitsOf(services) && bitsOf(services) <= SERVICES_BITS.max;

const offeredServices = (services: string): string =>
  isServicesSize(services) ? canonical(services) : resized(services, DEFAULT_BITS.services);

function checkDns({ network: { services, dnsServiceIP } }: Config): readonly Finding[] {
  const within = offeredServices(services);
  const rule = !covers(within, dnsServiceIP)
    ? `must be within network.services, ${services}`
    : dnsServiceIP === addressAt(within, 0)
      ? "must not be the first address of network.services"
      : dnsServiceIP === addressAt(within, 1)
        ? "must not be the second address of network.services, which is the Kubernetes API's"
        : undefined;
  return rule === undefined
    ? []
    : [invalid(["network", "dnsServiceIP"], dnsServiceIP, rule, addressAt(within, 10))];
}

function checkNodeRoom(config: Config, offer: Offer): readonly Finding[] {
  const nodes = maxNodes(config);
  const room = {
    vnet: subnetRoom(config.network.vnet),
    nodes: subnetRoom(config.network.nodes),
    pods: Math.floor(sizeOf(config.network.pods) / sizeOf(NODE_PODS)),
  };
  return (["vnet", "nodes", "pods"] as const).flatMap((key) =>
    checkRoom(key, config.network[key], { room: room[key], nodes }, offer[key]),
  );
}

const subnetRoom = (range: string): number => Math.max(0, sizeOf(range) - SUBNET_RESERVED);

/** Ranges with room for all nodes: the configured ones, enlarged unless they would then overlap others. */
function offered(config: Config): Offer {
  const { nodes, pods, services } = config.network;
  const count = maxNodes(config);
  const apart = (range: string, bits: number, others: readonly string[]) =>
    rangeApart(bits, [resized(range, bits)], [...others, services, ...RESERVED]) ?? ANOTHER_RANGE;
  const subnetBits = bitsFor(count + SUBNET_RESERVED);
  const podBits = Math.min(DEFAULT_BITS.pods, bitsFor(count * sizeOf(NODE_PODS)));
  const configured = canonical(config.network.vnet);
  const vnet = bitsOf(configured) > subnetBits ? apart(configured, subnetBits, [pods]) : configured;
  return {
    vnet,
    nodes:
      vnet === ANOTHER_RANGE
        ? ANOTHER_RANGE
        : resized(
            covers(vnet, nodes) ? nodes : vnet,
            Math.max(bitsOf(vnet), Math.min(DEFAULT_BITS.nodes, subnetBits)),
          ),
    pods: apart(
      pods,
      podBits,
      [config.network.vnet, vnet].filter((range) => range !== ANOTHER_RANGE),
    ),
  };
}

/** The rules for the ranges that may reach the API server. */
export const checkApiRanges = ({ api: { cidrs } }: Config): readonly Finding[] =>
  checkApiCidrs(cidrs, {
    max: MAX_API_RANGES,
    broken: (range) =>
      PRIVATE_RANGES.some((other) => overlaps(other, range))
        ? "must be public, because AKS sees the public address of each request"
        : undefined,
  });
