import { AgentPool, type ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { Subnet } from "@pulumi/azure-native/network";
import type { ClusterTraits } from "../types";
import type { Config } from "./config";
import { type Scope, SLOW } from "./scope";

interface Pool {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly machineType: string;
}

/** The pool of the system's pods, and of Ralph's unless those run on spot nodes. */
const systemPool = ({ nodes, system }: Config): Pool =>
  nodes.spot ? { count: system.min, ...system } : nodes;

/** Azure taints spot nodes so, asked or not. */
const SPOT = { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" } as const;
const MAX_SURGE_PERCENT = 33;

/** As many nodes as there may be while every pool is upgraded at its largest. */
export function nodesAtMost(config: Config): number {
  const pools = config.nodes.spot ? [systemPool(config), config.nodes] : [config.nodes];
  return pools.reduce((sum, { max }) => sum + max + Math.ceil((max * MAX_SURGE_PERCENT) / 100), 0);
}

/** As many as AKS takes in an overlay by itself: the range of a node, a /24, has no more. */
const MAX_PODS = 250;

/** What both pools say; the first one's lies within the cluster, any other is a resource of its own. */
const profile = ({ config, tags }: Scope, pool: Pool, subnet: Subnet) => ({
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
  vnetSubnetID: subnet.id,
  enableNodePublicIP: false,
  securityProfile: { sshAccess: "Disabled" },
  orchestratorVersion: config.version,
  ...(config.zones.length > 0 ? { availabilityZones: config.zones } : {}),
  tags,
});

export const systemProfile = (scope: Scope, subnet: Subnet) => ({
  name: scope.config.pools.system,
  mode: "System",
  ...profile(scope, systemPool(scope.config), subnet),
  upgradeSettings: { maxSurge: `${MAX_SURGE_PERCENT}%` },
});

/** What AKS cannot change of a pool that is there. */
export const FIXED = ["vmSize", "osDiskSizeGB", "availabilityZones"];

export function spotPool(
  scope: Scope,
  cluster: ManagedCluster,
  subnet: Subnet,
  ignored: readonly string[],
): AgentPool[] {
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
        ...profile(scope, config.nodes, subnet),
        scaleSetPriority: "Spot",
        scaleSetEvictionPolicy: "Delete",
        // Up to the price of an ordinary node: evicted for capacity only.
        spotMaxPrice: -1,
        nodeLabels: { [SPOT.key]: SPOT.value },
        nodeTaints: [`${SPOT.key}=${SPOT.value}:${SPOT.effect}`],
      },
      options({
        customTimeouts: SLOW,
        deleteBeforeReplace: true,
        replaceOnChanges: FIXED,
        ignoreChanges: [...ignored],
      }),
    ),
  ];
}

export const scheduling = ({ nodes }: Config): ClusterTraits["scheduling"] =>
  nodes.spot
    ? {
        nodeSelector: { [SPOT.key]: SPOT.value },
        tolerations: [{ key: SPOT.key, operator: "Equal", value: SPOT.value, effect: SPOT.effect }],
      }
    : undefined;
