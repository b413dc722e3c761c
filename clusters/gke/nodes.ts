import type { Cluster } from "@pulumi/gcp/container/cluster";
import { NodePool } from "@pulumi/gcp/container/nodePool";
import type { container } from "@pulumi/gcp/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import { labels } from "./labels";
import { zoneCount } from "./location";
import { HYPERDISK, takesOnlyHyperdisk } from "./machine";
import { type Pool, pools, SPOT } from "./pools";

export const TIMEOUT = "45m";

/** What every node keeps, that of the temporary first pool too. */
export const hardened = (serviceAccount: pulumi.Input<string>) =>
  ({
    serviceAccount,
    // IAM decides what the nodes may do; a narrower scope would only hide a missing role.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    imageType: "COS_CONTAINERD",
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    metadata: { "disable-legacy-endpoints": "true" },
    // Pods get the identity of their service account, never the node's.
    workloadMetadataConfig: { mode: "GKE_METADATA" },
  }) satisfies container.ClusterNodeConfig;

/** The pools, each after the one before: GKE refuses two operations on a cluster at once. */
export function createNodePools(
  name: string,
  config: Config,
  cluster: Cluster,
  serviceAccount: pulumi.Input<string>,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
): NodePool[] {
  return pools(config).reduce<NodePool[]>(
    (before, pool) => [
      ...before,
      new NodePool(`${name}-${pool.suffix}`, poolArgs(pool, config, cluster, serviceAccount), {
        parent,
        dependsOn: [...dependsOn, ...before],
        // The count at first: a later edit of it would replace the pool.
        ignoreChanges: ["initialNodeCount"],
        customTimeouts: { create: TIMEOUT, update: TIMEOUT, delete: TIMEOUT },
      }),
    ],
    [],
  );
}

function poolArgs(
  { count, min, max, spot }: Pool,
  config: Config,
  cluster: Cluster,
  serviceAccount: pulumi.Input<string>,
) {
  return {
    cluster: cluster.name,
    location: cluster.location,
    // Of each zone.
    initialNodeCount: Math.ceil(count / zoneCount(config)),
    autoscaling: {
      totalMinNodeCount: min,
      totalMaxNodeCount: max,
      // Spot capacity is where it is.
      locationPolicy: spot ? "ANY" : "BALANCED",
    },
    management: { autoRepair: true, autoUpgrade: true },
    upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
    networkConfig: { enablePrivateNodes: true },
    nodeConfig: {
      ...hardened(serviceAccount),
      machineType: config.nodes.machineType,
      diskSizeGb: config.nodes.diskGb,
      // GKE's own default is a Persistent Disk on every machine.
      ...(takesOnlyHyperdisk(config.nodes.machineType) ? { diskType: HYPERDISK } : {}),
      kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
      resourceLabels: labels(config.tags),
      spot,
      ...(spot ? { taints: [{ ...SPOT, effect: "NO_SCHEDULE" }] } : {}),
    },
  };
}
