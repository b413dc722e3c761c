import { duplicate, type Finding, findIf, forbidden, invalid } from "../../config/findings";
import { ANOTHER_RANGE, checkApiCidrs, checkOverlaps, checkRoom, checkWholeRange } from "../checks";
import { bitsFor, bitsOf, canonical, isRange, overlaps, rangeApart, resized, sizeOf } from "../cidr";
import { type Config, RANGES } from "./config";
import { maxNodes } from "./pools";

/** The rules for address ranges: the cluster's own, and those that may reach its API server. */

/** The pods of a node get a /24, and Google reserves four addresses of a subnet. */
export const ADDRESSES_PER_NODE = 256;
export const RESERVED_ADDRESSES = 4;
const CONTROL_PLANE_BITS = 28;
/** The cluster's own Services need a dozen addresses, kube-dns the tenth. */
const MAX_SERVICES_BITS = 27;

const KEYS = ["nodes", "pods", "services", "controlPlane"] as const;
type Key = (typeof KEYS)[number];
type Ranges = Readonly<Record<Key, string>>;

const EXAMPLE: Ranges = { ...RANGES, controlPlane: "172.16.0.0/28" };

export const checkNetwork = (config: Config): readonly Finding[] => [
  ...(config.network.existing === undefined ? checkRanges(config) : checkExisting(config)),
  // A warning covers a range of all addresses.
  ...checkApiCidrs(config.api.cidrs, { allowAll: true }),
];

function checkRanges(config: Config): readonly Finding[] {
  const offered = offeredRanges(config);
  return [
    ...KEYS.flatMap((key) => checkRange(key, config.network[key], offered[key])),
    ...checkOverlaps(validRanges(config), (key) => offered[key as Key]),
    ...checkNodeRoom(config, offered),
  ];
}

/** What can be known of an existing network without asking Google; existing-network.ts asks. */
function checkExisting({ name, network: { existing, ...ranges } }: Config): readonly Finding[] {
  const { network, podsRange, servicesRange } = existing ?? {};
  const at = (key: string) => ["network", "existing", key];
  return [
    ...KEYS.flatMap((key) =>
      findIf(ranges[key] !== (key === "controlPlane" ? undefined : RANGES[key]), () =>
        forbidden(
          ["network", key],
          key === "controlPlane"
            ? "GKE would add a subnet to network.existing"
            : "it has no effect with network.existing",
        ),
      ),
    ),
    ...findIf(podsRange === servicesRange, () => duplicate(at("servicesRange"), servicesRange, "services")),
    ...findIf(network === name, () =>
      invalid(
        at("network"),
        network,
        "must differ from cluster.name, because `leaks` takes a network of that name for the cluster's own",
        { at: ["name"], value: `${name}-1` },
      ),
    ),
  ];
}

/** The configured ranges that are ranges at all. */
const validRanges = ({ network }: Config): Readonly<Partial<Ranges>> =>
  Object.fromEntries(
    KEYS.map((key) => [key, network[key]] as const).filter(([, range]) => isRange(range ?? "")),
  );

function checkRange(key: Key, range: string | undefined, offered: string): readonly Finding[] {
  if (range === undefined) return [];
  const at = ["network", key];
  if (!isRange(range)) return [invalid(at, range, `must be an IPv4 range such as ${EXAMPLE[key]}`, offered)];
  return [
    ...checkWholeRange(at, range, offered),
    ...findIf(key === "services" && bitsOf(range) > MAX_SERVICES_BITS, () =>
      invalid(at, range, `must be a /${MAX_SERVICES_BITS} or larger`, offered),
    ),
    ...findIf(key === "controlPlane" && bitsOf(range) !== CONTROL_PLANE_BITS, () =>
      invalid(at, range, `must be a /${CONTROL_PLANE_BITS}`, offered),
    ),
  ];
}

function checkNodeRoom(config: Config, offered: Ranges): readonly Finding[] {
  const nodes = maxNodes(config);
  const room = {
    nodes: (range: string) => sizeOf(range) - RESERVED_ADDRESSES,
    pods: (range: string) => Math.floor(sizeOf(range) / ADDRESSES_PER_NODE),
  };
  return (["nodes", "pods"] as const).flatMap((key) => {
    const range = config.network[key];
    return isRange(range) ? checkRoom(key, range, { room: room[key](range), nodes }, offered[key]) : [];
  });
}

/** Ranges that keep all rules together: the configured ones where they can stay, others elsewhere. */
function offeredRanges(config: Config): Ranges {
  const nodes = maxNodes(config);
  const maxBits: Readonly<Record<Key, number>> = {
    nodes: bitsFor(nodes + RESERVED_ADDRESSES),
    pods: bitsFor(nodes * ADDRESSES_PER_NODE),
    services: MAX_SERVICES_BITS,
    controlPlane: CONTROL_PLANE_BITS,
  };
  const configured = Object.entries(validRanges(config)).map(([key, range]) => ({
    key,
    range: canonical(range),
  }));
  return KEYS.reduce<Partial<Record<Key, string>>>((offered, key, i) => {
    const own = configured.find((each) => each.key === key)?.range;
    const others = configured.filter((each) => each.key !== key);
    const earlier = [
      ...Object.values(offered),
      ...others.filter((each) => KEYS.indexOf(each.key as Key) < i).map(({ range }) => range),
    ];
    const fits = (range: string) =>
      key === "controlPlane" ? bitsOf(range) === maxBits[key] : bitsOf(range) <= maxBits[key];
    if (own !== undefined && fits(own) && !earlier.some((range) => overlaps(range, own)))
      return { ...offered, [key]: own };
    const bits = Math.min(bitsOf(EXAMPLE[key]), maxBits[key]);
    const wishes = [...(own === undefined ? [] : [own]), EXAMPLE[key]].map((range) => resized(range, bits));
    const apart = rangeApart(bits, wishes, [...earlier, ...others.map(({ range }) => range)]);
    return { ...offered, [key]: apart ?? ANOTHER_RANGE };
  }, {}) as Ranges;
}
