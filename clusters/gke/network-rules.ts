import { canonical, overlaps, sizeOf } from "../cidr";
import { type Finding, found } from "../findings";
import type { Config } from "./config";
import { SYSTEM_POOL } from "./pools";
import { bitsOf, isRange } from "./ranges";

/** Pods of one node get a /24, and Google keeps four addresses of a subnet. */
const ADDRESSES_OF_A_NODE = 256;
const RESERVED_ADDRESSES = 4;
/** Upgrades add one node to a pool before they take one away. */
const SURGE = 1;
const CONTROL_PLANE_BITS = 28;
/** The cluster's own services take a dozen addresses, and kube-dns the tenth. */
const MOST_SERVICES_BITS = 27;

const KEYS = ["nodes", "pods", "services", "controlPlane"] as const;
const EXAMPLE = {
  nodes: "10.0.0.0/20",
  pods: "10.4.0.0/14",
  services: "10.8.0.0/20",
  controlPlane: "172.16.0.0/28",
} as const;

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
  ({ network }) =>
    KEYS.flatMap((key) => {
      const text = network[key];
      if (text === undefined) return [];
      const at = ["network", key];
      if (!isRange(text))
        return [
          {
            at,
            rule: `${JSON.stringify(text)} must be a range such as ${EXAMPLE[key]}`,
            value: EXAMPLE[key],
          },
        ];
      return [
        ...found(canonical(text) !== text, () => ({
          at,
          rule: `${text} has bits behind its prefix`,
          value: canonical(text),
        })),
        ...found(key === "services" && bitsOf(text) > MOST_SERVICES_BITS, () => ({
          at,
          rule: `${text} must be at least a /${MOST_SERVICES_BITS}`,
          value: EXAMPLE[key],
        })),
        ...found(key === "controlPlane" && bitsOf(text) !== CONTROL_PLANE_BITS, () => ({
          at,
          rule: `${text} must be a /${CONTROL_PLANE_BITS}`,
          value: EXAMPLE[key],
        })),
      ];
    }),
  ({ network }) => {
    const set = KEYS.flatMap((key) => {
      const text = network[key];
      return text !== undefined && isRange(text) ? [{ key, text }] : [];
    });
    return set.flatMap((a, i) =>
      set.slice(i + 1).flatMap((b) =>
        found(overlaps(a.text, b.text), () => ({
          at: ["network", b.key],
          rule: `${b.text} overlaps network.${a.key} ${a.text}`,
          value: EXAMPLE[b.key],
        })),
      ),
    );
  },
  ({ nodes, network }) => {
    const most = nodes.max + SURGE + (nodes.spot ? SYSTEM_POOL.max : 0);
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
        value: EXAMPLE[key],
      }));
    });
  },
];
