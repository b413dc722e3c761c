import type { Path } from "../../config/path";
import type { NodePoolConfig } from "../schema";
import type { Config } from "./config";

/** One node group as data. */
export interface NodeGroupSpec {
  /** Suffix of its logical names, which a release must not change. */
  readonly suffix: string;
  /** Name in EKS. */
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

/** EKS sets the label on spot nodes; the taint is ours, and keeps system pods on the nodes that stay. */
export const SPOT_LABEL = { "eks.amazonaws.com/capacityType": "SPOT" };
export const SPOT_TAINT = { key: "spot", value: "true", effect: "NoSchedule" } as const;

const SYSTEM = "system";

/** All node groups of a cluster. */
export const nodeGroups = (config: Config): readonly NodeGroupSpec[] => [
  ralphNodes(config),
  ...(config.nodes.spot ? [systemNodes(config)] : []),
  ...config.nodePools.map(pool),
];

/** The nodes for Ralph's pods, and without spot nodes for everything else. */
const ralphNodes = ({ nodes }: Config): NodeGroupSpec => ({
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
const systemNodes = ({ system, nodes }: Config): NodeGroupSpec => ({
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

const pool = ({ name, machineType, ...rest }: Config["nodePools"][number], index: number): NodeGroupSpec => ({
  ...rest,
  suffix: `pool-${name}`,
  groupName: name,
  at: ["nodePools", index],
  machineTypes: [machineType],
  count: rest.min,
});

/** The number of nodes while every group has its maximum. */
export const maxNodes = (config: Config): number => nodeGroups(config).reduce((sum, { max }) => sum + max, 0);
