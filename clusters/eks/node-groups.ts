import type { Path } from "../../config/path";
import type { NodePoolConfig } from "../schema";
import type { Config } from "./config";
import { zoneKeys } from "./location";

/** Nodes of one kind, as the configuration describes them. */
export interface PoolSpec {
  /** Suffix of its logical names, which a release must not change. */
  readonly suffix: string;
  /** Name of its node group; those of its zones begin with it. */
  readonly groupName: string;
  /** The section that has its range. */
  readonly at: Path;
  /** Several if any of them will do. */
  readonly machineTypes: readonly [string, ...string[]];
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly diskGb: number;
  readonly spot: boolean;
  readonly labels: NodePoolConfig["labels"];
  readonly taints: NodePoolConfig["taints"];
}

/** One node group: a whole pool, or a zone's share of it. */
export interface NodeGroupSpec extends Pick<PoolSpec, "suffix" | "groupName" | "count" | "min" | "max"> {
  readonly pool: PoolSpec;
  readonly zone?: ZoneShare;
}

export interface ZoneShare {
  /** The zone's letter, or the id of its existing subnet. */
  readonly key: string;
  readonly index: number;
  /** Number of zones. */
  readonly of: number;
}

/** EKS sets the label on spot nodes; the taint is ours, and keeps system pods on the nodes that stay. */
export const SPOT_LABEL = { "eks.amazonaws.com/capacityType": "SPOT" };
export const SPOT_TAINT = { key: "spot", value: "true", effect: "NoSchedule" } as const;

const SYSTEM = "system";

/** All pools of a cluster. */
export const pools = (config: Config): readonly PoolSpec[] => [
  ralphNodes(config),
  ...(config.nodes.spot ? [systemNodes(config)] : []),
  ...config.nodePools.map(pool),
];

/** The nodes for Ralph's pods, and without spot nodes for everything else. */
const ralphNodes = ({ nodes }: Config): PoolSpec => ({
  suffix: "nodes",
  groupName: nodes.name,
  at: ["nodes"],
  machineTypes: [nodes.machineType, ...nodes.spotTypes],
  count: nodes.count,
  min: nodes.min,
  max: nodes.max,
  diskGb: nodes.diskGb,
  spot: nodes.spot,
  labels: {},
  taints: nodes.spot ? [SPOT_TAINT] : [],
});

/** The nodes that remain when all spot nodes are reclaimed: for DNS, drivers, the autoscaler and monitoring. */
const systemNodes = ({ system, nodes }: Config): PoolSpec => ({
  suffix: SYSTEM,
  groupName: SYSTEM,
  at: ["system"],
  machineTypes: [system.machineType],
  count: system.min,
  min: system.min,
  max: system.max,
  diskGb: nodes.diskGb,
  spot: false,
  labels: {},
  taints: [],
});

const pool = ({ name, machineType, ...rest }: Config["nodePools"][number], index: number): PoolSpec => ({
  ...rest,
  suffix: `pool-${name}`,
  groupName: name,
  at: ["nodePools", index],
  machineTypes: [machineType],
  count: rest.min,
});

/**
 * The node groups of a pool: one, or one in each zone. The autoscaler cannot choose the zone of a new node within a
 * group, so a pod whose disk is in a full zone would wait indefinitely; and AWS would end nodes at work to even out the
 * zones of a group. A zone that the pool's maximum does not reach has no group.
 */
export const nodeGroups = (pool: PoolSpec, config: Config, perZone: boolean): readonly NodeGroupSpec[] =>
  perZone
    ? zoneKeys(config)
        .map((key, index, { length }) => inZone(pool, { key, index, of: length }))
        .filter(({ max }) => max > 0)
    : [{ ...pool, pool }];

const inZone = (pool: PoolSpec, zone: ZoneShare): NodeGroupSpec => ({
  pool,
  suffix: `${pool.suffix}-${zone.key}`,
  groupName: zoneGroupName(pool.groupName, zone.key),
  count: share(pool.count, zone),
  min: share(pool.min, zone),
  max: share(pool.max, zone),
  zone,
});

export const zoneGroupName = (groupName: string, key: string): string => `${groupName}-${key}`;

/** A zone's part of a pool's number; the first zones get what remains. */
const share = (total: number, { index, of }: ZoneShare): number =>
  Math.floor(total / of) + (index < total % of ? 1 : 0);

/** The smallest number of a pool of which a group's share is `nodes`, which is at least one. */
export const totalOf = ({ zone }: Pick<NodeGroupSpec, "zone">, nodes: number): number =>
  zone === undefined ? nodes : (nodes - 1) * zone.of + zone.index + 1;

/** The number of nodes while every pool has its maximum. */
export const maxNodes = (config: Config): number => pools(config).reduce((sum, { max }) => sum + max, 0);
