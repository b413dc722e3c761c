import type { Config } from "./config";

/** One node pool as data: its counts are of the whole cluster, not of a zone. */
export interface Pool {
  readonly suffix: string;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly spot: boolean;
}

/** What stays when every spot node is taken away: DNS, metrics, the monitoring stack. */
export const SYSTEM_POOL = { suffix: "nodes", count: 2, min: 1, max: 3, spot: false } as const;

/** Upgrades add one node to a pool before they take one away. */
const SURGE = 1;

/** As many nodes as there may be in an upgrade. */
export const nodesAtMost = ({ nodes }: Config): number =>
  nodes.max + SURGE + (nodes.spot ? SYSTEM_POOL.max : 0);

/** Spot nodes are a second pool: the cluster's own pods must not be on nodes that may all go at once. */
export const pools = ({ nodes: { count, min, max, spot } }: Config): readonly Pool[] =>
  spot
    ? [SYSTEM_POOL, { suffix: "spot", count, min, max, spot }]
    : [{ suffix: "nodes", count, min, max, spot }];

/** GKE labels spot nodes so by itself; the taint of the same name is ours. */
export const SPOT = { key: "cloud.google.com/gke-spot", value: "true" } as const;
