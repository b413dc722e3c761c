import { AgentPool, type ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { ClusterTraits } from "../types";
import type { Config } from "./config";
import { isVersionManagedByAks } from "./maintenance";
import type { Network } from "./network";
import { type Scope, SLOW } from "./scope";

interface PoolSize {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly machineType: string;
}

/** The pool that runs system pods, and Ralph's too unless they run on spot nodes. */
const systemSize = ({ nodes, system }: Config): PoolSize =>
  nodes.spot ? { count: system.min, ...system } : nodes;

/** The label and taint that Azure puts on spot nodes in any case. */
const SPOT = { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" } as const;
const MAX_SURGE_PERCENT = 33;

/** The number of nodes while every pool is upgraded at its maximum size. */
export function maxNodes(config: Config): number {
  const pools = config.nodes.spot ? [systemSize(config), config.nodes] : [config.nodes];
  return pools.reduce((sum, { max }) => sum + max + Math.ceil((max * MAX_SURGE_PERCENT) / 100), 0);
}

/** AKS's default for overlay networking; a node's /24 fits no more. */
const MAX_PODS = 250;

/** Properties of every pool. The first pool is a part of the cluster, any other is a separate resource. */
const profile = ({ config, tags }: Scope, pool: PoolSize, { subnetId }: Network) => ({
  type: "VirtualMachineScaleSets",
  vmSize: pool.machineType,
  count: pool.count,
  enableAutoScaling: true,
  minCount: pool.min,
  maxCount: pool.max,
  maxPods: MAX_PODS,
  osType: "Linux",
  osSKU: "AzureLinux",
  osDiskSizeGB: config.nodes.diskGb,
  vnetSubnetID: subnetId,
  enableNodePublicIP: false,
  orchestratorVersion: config.version,
  ...(config.zones.length > 0 ? { availabilityZones: config.zones } : {}),
  tags,
});

/** The pool that every cluster must have. */
export const systemPool = (scope: Scope, network: Network) => ({
  name: scope.config.pools.system,
  mode: "System",
  ...profile(scope, systemSize(scope.config), network),
  upgradeSettings: { maxSurge: `${MAX_SURGE_PERCENT}%` },
});

/** Properties that AKS cannot change on an existing pool. */
export const REPLACE_ON = ["vmSize", "osDiskSizeGB", "availabilityZones"];

/** The autoscaler manages the number of nodes; and AKS the version, unless one is configured. */
export const ignoredPoolChanges = (config: Config): string[] => [
  "count",
  ...(isVersionManagedByAks(config) ? ["orchestratorVersion"] : []),
];

/** The pools besides the system pool: one of spot nodes, if `nodes.spot` is on. */
export function createNodes(scope: Scope, cluster: ManagedCluster, network: Network): AgentPool[] {
  const { name, config, group, options } = scope;
  if (!config.nodes.spot) return [];
  return [
    new AgentPool(
      `${name}-spot`,
      {
        resourceGroupName: group.name,
        resourceName: cluster.name,
        agentPoolName: config.pools.spot,
        mode: "User",
        ...profile(scope, config.nodes, network),
        scaleSetPriority: "Spot",
        scaleSetEvictionPolicy: "Delete",
        // Up to the price of an on-demand node, so that only missing capacity evicts it.
        spotMaxPrice: -1,
        nodeLabels: { [SPOT.key]: SPOT.value },
        nodeTaints: [`${SPOT.key}=${SPOT.value}:${SPOT.effect}`],
      },
      options({
        customTimeouts: SLOW,
        deleteBeforeReplace: true,
        replaceOnChanges: REPLACE_ON,
        ignoreChanges: ignoredPoolChanges(config),
      }),
    ),
  ];
}

/** What a pod needs to run on spot nodes; undefined without them. */
export const scheduling = ({ nodes }: Config): ClusterTraits["scheduling"] =>
  nodes.spot
    ? {
        nodeSelector: { [SPOT.key]: SPOT.value },
        tolerations: [{ key: SPOT.key, operator: "Equal", value: SPOT.value, effect: SPOT.effect }],
      }
    : undefined;
