import { type Finding, findIf, forbidden, invalid, required } from "../../config/findings";
import { covers } from "../../lib/cidr";
import { CARRIER_NAT, RFC1918 } from "../../lib/private-ranges";
import { checkApiCidrs, checkOverlaps, checkWholeRange } from "../checks";
import { bitsOf, isRange, overlaps, sizeOf } from "../cidr";
import { type Config, VPC_CIDR } from "./config";
import { maxNodes } from "./node-groups";
import { zonesOf } from "./location";
import { subnetPlan, type ZonePlan } from "./subnets";

/** EKS limit: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html */
const MAX_API_CIDRS = 40;
/** AWS reserves five addresses per subnet, and EKS asks for sixteen free ones to upgrade the control plane. */
const RESERVED_ADDRESSES = 5 + 16;
/** A node gets prefixes of 16 addresses: three in use, one warm. */
const ADDRESSES_PER_NODE = 64;
/** A rolling update starts a new node before it stops an old one. */
const SURGE_NODES = 1;

interface RangeRules {
  readonly within: readonly string[];
  /** Lengths of the prefix. */
  readonly shortest: number;
  readonly longest: number;
  readonly example: string;
}

const VPC: RangeRules = {
  within: [...RFC1918, CARRIER_NAT],
  shortest: 16,
  longest: 20,
  example: VPC_CIDR,
};
/** https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html */
const SERVICES: RangeRules = { within: RFC1918, shortest: 12, longest: 24, example: "172.20.0.0/16" };

/** The rules for the address ranges. */
export const checkNetwork = (config: Config): readonly Finding[] => [
  ...(config.network.existing === undefined ? checkOwn(config) : checkBesideExisting(config)),
  ...checkApiCidrs(config.api.cidrs, { max: MAX_API_CIDRS }),
];

function checkOwn(config: Config): readonly Finding[] {
  const { cidr, serviceCidr } = config.network;
  const vpc = checkRange("cidr", cidr, VPC);
  const services = checkRange("serviceCidr", serviceCidr, SERVICES);
  const apart = overlaps(cidr, SERVICES.example) ? "10.100.0.0/16" : SERVICES.example;
  return [
    ...vpc,
    ...services,
    ...(vpc.length + services.length === 0 ? checkOverlaps({ cidr, serviceCidr }, () => apart) : []),
    ...(vpc.length === 0 ? checkRoom(config) : []),
  ];
}

/** The program knows no range of an existing network: offers.ts asks for them. */
function checkBesideExisting({ zones, network }: Config): readonly Finding[] {
  const { existing, cidr, natPerZone, serviceCidr } = network;
  const beside = { zones: zones !== undefined, cidr: cidr !== VPC_CIDR, natPerZone };
  const { subnetIds = [], loadBalancerCidrs = [] } = existing ?? {};
  const at = ["network", "existing"];
  return [
    ...Object.entries(beside).flatMap(([key, isSet]) =>
      findIf(isSet, () =>
        forbidden(key === "zones" ? [key] : ["network", key], "it has no effect with network.existing"),
      ),
    ),
    ...findIf(subnetIds.length < 2, () =>
      required(
        [...at, "subnetIds", subnetIds.length],
        "<subnet of another zone>",
        "a control plane needs two zones",
      ),
    ),
    ...loadBalancerCidrs.flatMap((range, i) =>
      isRange(range)
        ? checkWholeRange([...at, "loadBalancerCidrs", i], range)
        : [invalid([...at, "loadBalancerCidrs", i], range, "must be an IPv4 range")],
    ),
    ...checkRange("serviceCidr", serviceCidr, SERVICES),
  ];
}

function checkRange(
  key: string,
  cidr: string,
  { within, shortest, longest, example }: RangeRules,
): readonly Finding[] {
  const at = ["network", key];
  if (!isRange(cidr)) return [invalid(at, cidr, `must be an IPv4 range such as ${example}`, example)];
  if (bitsOf(cidr) < shortest || bitsOf(cidr) > longest) {
    return [invalid(at, cidr, `must be from /${shortest} to /${longest}`, example)];
  }
  if (!within.some((outer) => covers(outer, cidr))) {
    return [invalid(at, cidr, `must be within ${within.join(", ")}`, example)];
  }
  return checkWholeRange(at, cidr);
}

/** The private subnets must have addresses for all nodes and the pods on them. */
function checkRoom(config: Config): readonly Finding[] {
  const { nodes, network } = config;
  // The region does not matter: the subnets have the same sizes in each.
  const plan = subnetPlan(network.cidr, zonesOf(config, ""));
  const room = plan.reduce((sum, zone) => sum + roomIn(zone), 0);
  const others = maxNodes(config) - nodes.max;
  const max = Math.max(room - SURGE_NODES - others, 1);
  return findIf(nodes.max > max, () =>
    invalid(
      ["nodes", "max"],
      nodes.max,
      `must be at most ${max}, because network.cidr ${network.cidr} has addresses for ${room} nodes in ` +
        `${plan.length} zones${others > 0 ? `, other node groups need ${others},` : ""} and an update needs one more`,
      String(max),
    ),
  );
}

const roomIn = ({ private: subnet }: ZonePlan): number =>
  Math.floor((sizeOf(subnet) - RESERVED_ADDRESSES) / ADDRESSES_PER_NODE);
