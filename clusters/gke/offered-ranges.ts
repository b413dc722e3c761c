import { bitsFor, bitsOf, canonical, isRange, overlaps, rangeApart, resized } from "../cidr";
import { ANOTHER_RANGE } from "../findings";
import type { Config } from "./config";
import { nodesAtMost } from "./pools";

/** Pods of one node get a /24, and Google keeps four addresses of a subnet. */
export const ADDRESSES_OF_A_NODE = 256;
export const RESERVED_ADDRESSES = 4;
export const CONTROL_PLANE_BITS = 28;
/** The cluster's own services take a dozen addresses, and kube-dns the tenth. */
export const MOST_SERVICES_BITS = 27;

export const KEYS = ["nodes", "pods", "services", "controlPlane"] as const;
export type Key = (typeof KEYS)[number];

export const EXAMPLE: Readonly<Record<Key, string>> = {
  nodes: "10.0.0.0/20",
  pods: "10.4.0.0/14",
  services: "10.8.0.0/20",
  controlPlane: "172.16.0.0/28",
};

/** Ranges that keep every rule together: those that are there where they can stay, others where they cannot. */
export function offeredRanges(config: Config): Readonly<Partial<Record<Key, string>>> {
  const most = nodesAtMost(config);
  const narrowest: Readonly<Record<Key, number>> = {
    nodes: bitsFor(most + RESERVED_ADDRESSES),
    pods: bitsFor(most * ADDRESSES_OF_A_NODE),
    services: MOST_SERVICES_BITS,
    controlPlane: CONTROL_PLANE_BITS,
  };
  const there = KEYS.flatMap((key) => {
    const text = config.network[key];
    return text !== undefined && isRange(text) ? [{ key, range: canonical(text) }] : [];
  });
  return KEYS.reduce<Partial<Record<Key, string>>>((offered, key) => {
    const own = there.find((each) => each.key === key)?.range;
    const others = there.filter((each) => each.key !== key);
    const earlier = [
      ...Object.values(offered),
      ...others.filter((each) => KEYS.indexOf(each.key) < KEYS.indexOf(key)).map(({ range }) => range),
    ];
    const fits = (range: string) =>
      key === "controlPlane" ? bitsOf(range) === narrowest[key] : bitsOf(range) <= narrowest[key];
    if (own !== undefined && fits(own) && !earlier.some((range) => overlaps(range, own)))
      return { ...offered, [key]: own };
    const bits = Math.min(bitsOf(EXAMPLE[key]), narrowest[key]);
    const wishes = [...(own === undefined ? [] : [own]), EXAMPLE[key]].map((range) => resized(range, bits));
    const apart = rangeApart(bits, wishes, [...earlier, ...others.map(({ range }) => range)]);
    return { ...offered, [key]: apart ?? ANOTHER_RANGE };
  }, {});
}
