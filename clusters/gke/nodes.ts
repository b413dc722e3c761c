import type { Cluster } from "@pulumi/gcp/container/cluster";
import { NodePool } from "@pulumi/gcp/container/nodePool";
import type { container } from "@pulumi/gcp/types/input";
import type { ClusterTraits, Toleration } from "../types";
import type { Config } from "./config";
import type { Identity } from "./identity";
import { zoneCount } from "./location";
import { architecture, HYPERDISK, needsHyperdisk } from "./machine-types";
import type { Network } from "./network";
import type { Scope } from "./scope";

/** One node pool as data. The counts are those of the whole cluster, not of each zone. */
interface Pool {
  readonly suffix: string;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly spot: boolean;
  readonly machineType: string;
  readonly diskGb: number;
  readonly diskType: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

/** The nodes that remain when all spot nodes are preempted: for DNS, metrics and the monitoring stack. */
const SYSTEM_POOL = { suffix: "nodes", count: 2, min: 1, max: 3, spot: false, taints: [] } as const;

/** GKE sets this label on spot nodes itself; the taint of the same name is ours. */
const SPOT = { key: "cloud.google.com/gke-spot", value: "true" } as const;

/** GKE sets this label on every node, and the taint of the same name on Arm nodes. */
const ARM = { key: "kubernetes.io/arch", value: "arm64" } as const;

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
  const own = { ...nodes, ...machine, labels: labelsOfOwn };
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
const SURGE = 1;

/** The number of nodes during an upgrade of pools at their maximum size. */
export const maxNodes = (config: Config): number => pools(config).reduce((sum, { max }) => sum + max, SURGE);

/** What a pod needs to run on Ralph's nodes; undefined if any pod can. */
export function scheduling({ nodes, nodePools }: Config): ClusterTraits["scheduling"] {
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

export const TIMEOUT = "45m";

/** Properties of every node, those of the temporary default pool included. */
export const hardened = ({ account }: Identity) =>
  ({
    serviceAccount: account.email,
    // IAM limits what the nodes may do; a narrower scope would only hide a missing role.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    imageType: "COS_CONTAINERD",
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    metadata: { "disable-legacy-endpoints": "true" },
    // Pods get the identity of their Kubernetes service account, never the node's.
    workloadMetadataConfig: { mode: "GKE_METADATA" },
  }) satisfies container.ClusterNodeConfig;

/** What nodes need. */
interface NodesArgs {
  readonly network: Network;
  readonly identity: Identity;
  readonly controlPlane: Cluster;
}

/** Creates the pools one after the other: GKE refuses two operations on a cluster at once. */
export function createNodes(scope: Scope, args: NodesArgs): NodePool[] {
  const { name, config, options } = scope;
  const { network, identity } = args;
  return pools(config).reduce<NodePool[]>(
    (earlier, pool) => [
      ...earlier,
      new NodePool(
        `${name}-${pool.suffix}`,
        poolArgs(scope, pool, args),
        options({
          // Nodes pull images from their start on, and as long as there are pods.
          dependsOn: [network.nat, ...identity.roles, ...earlier],
          // The autoscaler manages the count, and an edit of the initial one would replace the pool.
          ignoreChanges: ["initialNodeCount"],
          customTimeouts: { create: TIMEOUT, update: TIMEOUT, delete: TIMEOUT },
        }),
      ),
    ],
    [],
  );
}

function poolArgs(
  { config, labels }: Scope,
  { count, min, max, spot, machineType, diskGb, diskType, labels: nodeLabels, taints }: Pool,
  { identity, controlPlane }: NodesArgs,
) {
  return {
    cluster: controlPlane.name,
    location: controlPlane.location,
    // Per zone.
    initialNodeCount: Math.ceil(count / zoneCount(config)),
    autoscaling: {
      totalMinNodeCount: min,
      totalMaxNodeCount: max,
      // Spot capacity is not spread evenly over the zones.
      locationPolicy: spot ? "ANY" : "BALANCED",
    },
    management: { autoRepair: true, autoUpgrade: true },
    upgradeSettings: { strategy: "SURGE", maxSurge: SURGE, maxUnavailable: 0 },
    networkConfig: { enablePrivateNodes: true },
    nodeConfig: {
      ...hardened(identity),
      machineType,
      diskSizeGb: diskGb,
      ...(diskType === undefined ? {} : { diskType }),
      kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
      resourceLabels: labels,
      spot,
      ...(Object.keys(nodeLabels).length > 0 ? { labels: nodeLabels } : {}),
      ...(taints.length > 0 ? { taints: [...taints] } : {}),
    },
  };
}
