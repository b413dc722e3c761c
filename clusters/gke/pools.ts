import type { ClusterTraits, Toleration } from "../types";
import type { Config } from "./config";
import { architecture, HYPERDISK, needsHyperdisk } from "./machine-types";

/** One node pool as data. The counts are those of the whole cluster, not of each zone. */
export interface Pool {
  readonly suffix: string;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly spot: boolean;
  readonly machineType: string;
  readonly diskGb: number;
  readonly diskType: string | undefined;
  readonly sandbox: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

/** The nodes that remain when all spot nodes are preempted: for DNS, metrics and the monitoring stack. */
const SYSTEM_POOL = {
  suffix: "nodes",
  count: 2,
  min: 1,
  max: 3,
  spot: false,
  taints: [],
  sandbox: false,
} as const;

/** GKE sets this label on spot nodes itself; the taint of the same name is ours. */
const SPOT = { key: "cloud.google.com/gke-spot", value: "true" } as const;

/** GKE sets this label on every node, and the taint of the same name on Arm nodes. */
const ARM = { key: "kubernetes.io/arch", value: "arm64" } as const;

/** GKE sets this label and taint on the nodes of a sandbox, and has a RuntimeClass of the same name. */
const SANDBOX = { key: "sandbox.gke.io/runtime", value: "gvisor" } as const;

/** Marks the nodes for Ralph's pods, if there are others. */
const OWN = { key: "ralph-nodes", value: "true" } as const;

const EFFECTS = {
  NoSchedule: "NO_SCHEDULE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
} as const satisfies Readonly<Record<Toleration["effect"], string>>;

/** GKE's default is a Persistent Disk, whatever the machine. */
const diskOf = (nodes: { readonly machineType: string; readonly diskType?: string | undefined }) =>
  nodes.diskType ?? (needsHyperdisk(nodes.machineType) ? HYPERDISK : undefined);

/** Spot nodes are a separate pool: the cluster's own pods must not run on nodes that may all disappear at once. */
export function pools({ nodes, nodePools }: Config): readonly Pool[] {
  const { spot, machineType, diskGb } = nodes;
  const labelsOfOwn: Pool["labels"] = nodePools.length > 0 ? { [OWN.key]: OWN.value } : {};
  const machine = { machineType, diskGb, diskType: diskOf(nodes) };
  const own = { ...nodes, ...machine, labels: labelsOfOwn, sandbox: false };
  return [
    ...(spot
      ? [
          { ...machine, ...SYSTEM_POOL, labels: {} },
          { ...own, suffix: "spot", taints: [{ ...SPOT, effect: EFFECTS.NoSchedule }] },
        ]
      : [{ ...own, suffix: "nodes", taints: [] }]),
    ...nodePools.map(furtherPool),
  ];
}

const furtherPool = ({ name, taints, ...pool }: Config["nodePools"][number]): Pool => ({
  ...pool,
  suffix: `pool-${name}`,
  count: pool.min,
  diskType: diskOf(pool),
  taints: taints.map((taint) => ({ ...taint, effect: EFFECTS[taint.effect] })),
});

/** An upgrade adds a node before it removes one, in one pool at a time. */
export const SURGE = 1;

/** The number of nodes during an upgrade of pools at their maximum size. */
export const maxNodes = (config: Config): number => pools(config).reduce((sum, { max }) => sum + max, SURGE);

/** The machine types of the nodes that run Ralph's pods. */
export function machineTypes({ nodes, nodePools }: Config): readonly string[] {
  const sandboxed = nodePools.filter(({ sandbox }) => sandbox).map(({ machineType }) => machineType);
  return sandboxed.length > 0 ? sandboxed : [nodes.machineType];
}

/** What a pod needs to run on Ralph's nodes; undefined if any pod can. */
export function scheduling({ nodes, nodePools }: Config): ClusterTraits["scheduling"] {
  const sandboxed = nodePools.filter(({ sandbox }) => sandbox);
  if (sandboxed.length > 0) return inSandbox(sandboxed);
  const tainted = [
    ...(nodes.spot ? [SPOT] : []),
    ...(architecture(nodes.machineType) === ARM.value ? [ARM] : []),
  ];
  const selected = [...tainted, ...(nodePools.length > 0 ? [OWN] : [])];
  return selected.length === 0
    ? undefined
    : {
        nodeSelector: Object.fromEntries(selected.map(({ key, value }) => [key, value])),
        tolerations: tainted.map((taint) => ({ ...taint, operator: "Equal", effect: "NoSchedule" })),
      };
}

/** Nodes of a sandbox with Arm processors have the taint of both. */
const inSandbox = (sandboxed: Config["nodePools"]): ClusterTraits["scheduling"] => ({
  nodeSelector: { [SANDBOX.key]: SANDBOX.value },
  tolerations: [
    { ...SANDBOX, operator: "Equal", effect: "NoSchedule" },
    ...(sandboxed.some(({ machineType }) => architecture(machineType) === ARM.value)
      ? [{ ...ARM, operator: "Equal", effect: "NoSchedule" } as const]
      : []),
    ...sandboxed.flatMap(({ taints }) => taints.map((taint) => ({ ...taint, operator: "Equal" }) as const)),
  ],
  runtimeClassName: SANDBOX.value,
});
