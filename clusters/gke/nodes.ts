import type { Cluster } from "@pulumi/gcp/container/cluster";
import { NodePool } from "@pulumi/gcp/container/nodePool";
import type { container } from "@pulumi/gcp/types/input";
import type { Identity } from "./identity";
import { zoneCount } from "./location";
import type { Network } from "./network";
import { type Pool, pools, SURGE } from "./pools";
import type { Scope } from "./scope";

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
          dependsOn: [...network.routes, ...identity.roles, ...earlier],
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
  { count, min, max, spot, machineType, diskGb, diskType, labels: nodeLabels, taints, sandbox }: Pool,
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
      ...(sandbox ? { sandboxConfig: { type: "GVISOR" } } : {}),
      ...(Object.keys(nodeLabels).length > 0 ? { labels: nodeLabels } : {}),
      ...(taints.length > 0 ? { taints: [...taints] } : {}),
    },
  };
}
