import { AgentPool, type ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { NodePoolConfig } from "../schema";
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
  readonly diskGb: number;
}

/** The pool that runs system pods, and Ralph's too unless they run on spot nodes. */
const systemSize = ({ nodes, system }: Config): PoolSize =>
  nodes.spot ? { count: system.min, diskGb: nodes.diskGb, ...system } : nodes;

/** The label and taint that Azure puts on spot nodes in any case. */
const SPOT = { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" } as const;
/** Marks the nodes of a sandbox; AKS reserves labels of its own prefix. */
const SANDBOX = { key: "ralph-sandbox", value: "true" } as const;
/** AKS has this RuntimeClass on such nodes: https://learn.microsoft.com/azure/aks/use-pod-sandboxing */
const KATA = { workloadRuntime: "KataVmIsolation", runtimeClassName: "kata-vm-isolation" } as const;
const MAX_SURGE_PERCENT = 33;

/** The number of nodes while every pool is upgraded at its maximum size. */
export function maxNodes(config: Config): number {
  const own = config.nodes.spot ? [systemSize(config), config.nodes] : [config.nodes];
  return [...own, ...config.nodePools].reduce(
    (sum, { max }) => sum + max + Math.ceil((max * MAX_SURGE_PERCENT) / 100),
    0,
  );
}

/** Properties of every pool. The first pool is a part of the cluster, any other is a separate resource. */
const profile = ({ config, tags }: Scope, pool: PoolSize, { subnetId }: Network) => ({
  type: "VirtualMachineScaleSets",
  vmSize: pool.machineType,
  count: pool.count,
  enableAutoScaling: true,
  minCount: pool.min,
  maxCount: pool.max,
  maxPods: config.maxPods,
  osType: "Linux",
  osSKU: "AzureLinux",
  osDiskSizeGB: pool.diskGb,
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

/** The autoscaler manages the number of nodes; and AKS the version, unless one is configured. `maxPods` is fixed. */
export const ignoredPoolChanges = (config: Config): string[] => [
  "count",
  "maxPods",
  ...(isVersionManagedByAks(config) ? ["orchestratorVersion"] : []),
];

/** The pools besides the system pool: one of spot nodes, if `nodes.spot` is on, and those of `nodePools`. */
export function createNodes(scope: Scope, cluster: ManagedCluster, network: Network): AgentPool[] {
  const { name, config, group, options } = scope;
  const create = (suffix: string, poolName: string, pool: UserPool, replaceOn: readonly string[] = []) =>
    new AgentPool(
      `${name}-${suffix}`,
      {
        resourceGroupName: group.name,
        resourceName: cluster.name,
        agentPoolName: poolName,
        mode: "User",
        ...profile(scope, pool, network),
        ...priority(pool),
        ...(pool.sandbox === true ? { workloadRuntime: KATA.workloadRuntime } : {}),
      },
      options({
        customTimeouts: SLOW,
        deleteBeforeReplace: true,
        replaceOnChanges: [...REPLACE_ON, ...replaceOn],
        ignoreChanges: ignoredPoolChanges(config),
      }),
    );
  return [
    ...(config.nodes.spot ? [create("spot", config.pools.spot, config.nodes)] : []),
    ...config.nodePools.map((pool) =>
      create(`pool-${pool.name}`, pool.name, { ...pool, count: pool.min }, [
        "scaleSetPriority",
        "workloadRuntime",
      ]),
    ),
  ];
}

interface UserPool extends PoolSize {
  readonly spot: boolean;
  readonly sandbox?: boolean;
  readonly labels?: NodePoolConfig["labels"];
  readonly taints?: NodePoolConfig["taints"];
}

/** Labels, taints and, on spot nodes, the price: up to that of an on-demand node, so that only capacity evicts it. */
function priority({ spot, sandbox = false, labels = {}, taints = [] }: UserPool) {
  const nodeLabels = {
    ...labels,
    ...(sandbox ? { [SANDBOX.key]: SANDBOX.value } : {}),
    ...(spot ? { [SPOT.key]: SPOT.value } : {}),
  };
  const nodeTaints = [...taints, ...(spot ? [SPOT] : [])].map(
    ({ key, value, effect }) => `${key}=${value}:${effect}`,
  );
  return {
    ...(spot ? { scaleSetPriority: "Spot", scaleSetEvictionPolicy: "Delete", spotMaxPrice: -1 } : {}),
    ...(Object.keys(nodeLabels).length > 0 ? { nodeLabels } : {}),
    ...(nodeTaints.length > 0 ? { nodeTaints } : {}),
  };
}

/** What a pod needs to run on the nodes of a sandbox, or on spot nodes; undefined without them. */
export function scheduling({ nodes, nodePools }: Config): ClusterTraits["scheduling"] {
  const sandboxed = nodePools.filter(({ sandbox }) => sandbox);
  const onSpot = { ...SPOT, operator: "Equal" } as const;
  if (sandboxed.length > 0)
    return {
      nodeSelector: { [SANDBOX.key]: SANDBOX.value },
      tolerations: [
        ...(sandboxed.some(({ spot }) => spot) ? [onSpot] : []),
        ...sandboxed.flatMap(({ taints }) =>
          taints.map((taint) => ({ ...taint, operator: "Equal" }) as const),
        ),
      ],
      runtimeClassName: KATA.runtimeClassName,
    };
  return nodes.spot ? { nodeSelector: { [SPOT.key]: SPOT.value }, tolerations: [onSpot] } : undefined;
}

/** The VM sizes of the nodes that run Ralph's pods. */
export function machineTypes({ nodes, nodePools }: Config): readonly string[] {
  const sandboxed = nodePools.filter(({ sandbox }) => sandbox).map(({ machineType }) => machineType);
  return sandboxed.length > 0 ? sandboxed : [nodes.machineType];
}
