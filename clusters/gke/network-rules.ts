import { bitsOf, canonical, isRange, overlaps, sizeOf } from "../cidr";
import { type Finding, found } from "../findings";
import type { Config } from "./config";
import {
  ADDRESSES_OF_A_NODE,
  CONTROL_PLANE_BITS,
  EXAMPLE,
  KEYS,
  MOST_SERVICES_BITS,
  offeredRanges,
  RESERVED_ADDRESSES,
} from "./offered-ranges";
import { nodesAtMost } from "./pools";

/** What the ranges of a cluster must keep, each and between them. */
export const NETWORK_RULES: readonly ((config: Config) => Finding[])[] = [
  ({ api: { cidrs } }) =>
    cidrs.flatMap((cidr, i) => {
      const range = isRange(cidr);
      return found(!range || canonical(cidr) !== cidr, () => ({
        at: ["api", "cidrs", i],
        rule: range ? `${cidr} has bits behind its prefix` : `${cidr} must be an IPv4 range`,
        ...(range ? { value: canonical(cidr) } : {}),
      }));
    }),
  (config) => {
    const offered = offeredRanges(config);
    return KEYS.flatMap((key) => {
      const text = config.network[key];
      if (text === undefined) return [];
      const mend = { at: ["network", key], value: offered[key] };
      if (!isRange(text))
        return [{ ...mend, rule: `${JSON.stringify(text)} must be a range such as ${EXAMPLE[key]}` }];
      return [
        ...found(canonical(text) !== text, () => ({ ...mend, rule: `${text} has bits behind its prefix` })),
        ...found(key === "services" && bitsOf(text) > MOST_SERVICES_BITS, () => ({
          ...mend,
          rule: `${text} must be at least a /${MOST_SERVICES_BITS}`,
        })),
        ...found(key === "controlPlane" && bitsOf(text) !== CONTROL_PLANE_BITS, () => ({
          ...mend,
          rule: `${text} must be a /${CONTROL_PLANE_BITS}`,
        })),
      ];
    });
  },
  (config) => {
    const offered = offeredRanges(config);
    const set = KEYS.flatMap((key) => {
      const text = config.network[key];
      return text !== undefined && isRange(text) ? [{ key, text }] : [];
    });
    return set.flatMap((a, i) =>
      set.slice(i + 1).flatMap((b) =>
        found(overlaps(a.text, b.text), () => ({
          at: ["network", b.key],
          rule: `${b.text} overlaps network.${a.key} ${a.text}`,
          value: offered[b.key],
        })),
      ),
    );
  },
  (config) => {
    const { nodes, network } = config;
    const most = nodesAtMost(config);
    const offered = offeredRanges(config);
    const room = {
      nodes: (cidr: string) => sizeOf(cidr) - RESERVED_ADDRESSES,
      pods: (cidr: string) => Math.floor(sizeOf(cidr) / ADDRESSES_OF_A_NODE),
    };
    return (["nodes", "pods"] as const).flatMap((key) => {
      const cidr = network[key];
      const nodesIn = isRange(cidr) ? room[key](cidr) : Infinity;
      return found(nodesIn < most, () => ({
        at: ["network", key],
        rule: `${cidr} has room for ${nodesIn} nodes; nodes.max ${nodes.max} needs ${most} in an upgrade`,
        value: offered[key],
      }));
    });
  },
];
