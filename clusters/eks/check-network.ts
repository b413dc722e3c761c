import { z } from "zod";
import type { Path } from "../../config/path";
import { CARRIER_NAT, RFC1918 } from "../../lib/private-ranges";
import type { Problem } from "../../config/problems";
import { bitsOf, canonical, contains, overlaps, sizeOf } from "../cidr";
import type { Config } from "./config";
import { zonesOf } from "./location";
import { subnetPlan } from "./subnets";
import { set, unset } from "./violation";

/** EKS limit: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html */
const MAX_API_CIDRS = 40;
/** AWS reserves five addresses per subnet, and EKS asks for sixteen free ones to upgrade the control plane. */
const RESERVED_ADDRESSES = 5 + 16;
/** A node gets prefixes of 16 addresses: three in use, one warm. */
const ADDRESSES_PER_NODE = 64;
/** A rolling update starts a new node before it stops an old one. */
const SURGE_NODES = 1;

const VPC = { within: [...RFC1918, CARRIER_NAT], widest: 16, narrowest: 20, example: "10.42.0.0/16" };
/** https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html */
const SERVICES = { within: [...RFC1918], widest: 12, narrowest: 24, example: "172.20.0.0/16" };

const isRange = (text: string) => z.cidrv4().safeParse(text).success;

/** The rules for the address ranges. */
export function checkNetwork(config: Config): Problem[] {
  const { cidr, serviceCidr } = config.network;
  const own = checkRange(["network", "cidr"], cidr, VPC);
  const services = checkRange(["network", "serviceCidr"], serviceCidr, SERVICES);
  return [
    ...own,
    ...services,
    ...(own.length + services.length === 0 && overlaps(cidr, serviceCidr)
      ? [
          set(
            ["network", "serviceCidr"],
            `${serviceCidr} overlaps network.cidr ${cidr}`,
            overlaps(cidr, SERVICES.example) ? "10.100.0.0/16" : SERVICES.example,
          ),
        ]
      : []),
    ...(own.length === 0 ? checkRoom(config) : []),
    ...checkApi(config),
  ];
}

function checkRange(at: Path, cidr: string, { within, widest, narrowest, example }: typeof VPC): Problem[] {
  if (!isRange(cidr)) return [set(at, `must be an IPv4 range such as ${example}; it is "${cidr}"`, example)];
  const bits = bitsOf(cidr);
  if (bits < widest || bits > narrowest) {
    return [set(at, `must be from /${widest} to /${narrowest}; it is ${cidr}`, example)];
  }
  if (!within.some((outer) => contains(outer, cidr))) {
    return [set(at, `must be within ${within.join(", ")}; it is ${cidr}`, example)];
  }
  return hostBits(at, cidr);
}

function hostBits(at: Path, cidr: string): Problem[] {
  const whole = canonical(cidr);
  return whole === cidr ? [] : [set(at, `${cidr} is an address within ${whole}`, whole)];
}

/** The private subnets must have addresses for all nodes and the pods on them. */
function checkRoom(config: Config): Problem[] {
  const { nodes, network } = config;
  // The region does not matter: the subnets have the same sizes in each.
  const plan = subnetPlan(network.cidr, zonesOf(config, ""));
  const inZone = ({ private: subnet }: (typeof plan)[number]) =>
    Math.floor((sizeOf(subnet) - RESERVED_ADDRESSES) / ADDRESSES_PER_NODE);
  const room = plan.reduce((sum, zone) => sum + inZone(zone), 0);
  return nodes.max + SURGE_NODES > room
    ? [
        set(
          ["nodes", "max"],
          `${nodes.max} and one in an update: network.cidr ${network.cidr} has addresses for ${room} nodes in ${plan.length} zones`,
          String(Math.max(room - SURGE_NODES, 1)),
        ),
      ]
    : [];
}

function checkApi({ api: { cidrs } }: Config): Problem[] {
  return cidrs.flatMap((cidr, i) => {
    const at = ["api", "cidrs", i];
    if (i >= MAX_API_CIDRS)
      return [unset(at, `is one of ${cidrs.length} ranges; EKS takes ${MAX_API_CIDRS}`)];
    if (!isRange(cidr)) return [unset(at, `${cidr} is no IPv4 range, and the API takes no other`)];
    if (cidr.endsWith("/0")) return [unset(at, `${cidr} is every address: that is api.public`)];
    return hostBits(at, cidr);
  });
}
