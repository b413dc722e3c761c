import type { Cluster } from "@pulumi/gcp/container/cluster";
import { NodePool } from "@pulumi/gcp/container/nodePool";
import type { container } from "@pulumi/gcp/types/input";
import type { ClusterTraits } from "../types";
import type { Config } from "./config";
import type { Identity } from "./identity";
import { zoneCount } from "./location";
import { HYPERDISK, needsHyperdisk } from "./machine-types";
import type { Network } from "./network";
import type { Scope } from "./scope";

/** One node pool as data. The counts are those of the whole cluster, not of each zone. */
interface Pool {
  readonly suffix: string;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly spot: boolean;
}

/** The nodes that remain when all spot nodes are preempted: for DNS, metrics and the monitoring stack. */
const SYSTEM_POOL: Pool = { suffix: "nodes", count: 2, min: 1, max: 3, spot: false };

/** Spot nodes are a separate pool: the cluster's own pods must not run on nodes that may all disappear at once. */
const pools = ({ nodes: { count, min, max, spot } }: Config): readonly Pool[] =>
  spot
    ? [SYSTEM_POOL, { suffix: "spot", count, min, max, spot }]
    : [{ suffix: "nodes", count, min, max, spot }];

/** An upgrade adds a node before it removes one, in one pool at a time. */
const SURGE = 1;

/** The number of nodes during an upgrade of pools at their maximum size. */
export const maxNodes = (config: Config): number => pools(config).reduce((sum, { max }) => sum + max, SURGE);

/** GKE sets this label on spot nodes itself; the taint of the same name is ours. */
const SPOT = { key: "cloud.google.com/gke-spot", value: "true" } as const;

/** What a pod needs to run on spot nodes; undefined without them. */
export const scheduling = ({ nodes }: Config): ClusterTraits["scheduling"] =>
  nodes.spot
    ? {
        nodeSelector: { [SPOT.key]: SPOT.value },
        tolerations: [{ ...SPOT, operator: "Equal", effect: "NoSchedule" }],
      }
    : undefined;

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
  { count, min, max, spot }: Pool,
  { identity, controlPlane }: NodesArgs,
) {
  const { machineType, diskGb } = config.nodes;
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
      // GKE's default is a Persistent Disk, whatever the machine.
      ...(needsHyperdisk(machineType) ? { diskType: HYPERDISK } : {}),
      kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
      resourceLabels: labels,
      spot,
      ...(spot ? { taints: [{ ...SPOT, effect: "NO_SCHEDULE" }] } : {}),
    },
  };
}
