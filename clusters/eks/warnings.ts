import { NEWEST_MINOR } from "./check";
import { type Config, zones } from "./config";
import { architecture, memoryGiB } from "./instances";

/** Guide: the memory limit of a pod. */
const POD_LIMIT_GIB = 4;
/** What the system of a small node keeps for itself and its eviction threshold. */
const KEPT_GIB = 0.7;

/** What is allowed and unwise, each with the way out. */
export function warnings(config: Config): string[] {
  const { nodes, version, auth, admins } = config;
  const memory = memoryGiB(nodes.machineType);
  const zoneCount = zones(config, "").length;
  return [
    ...(!nodes.autoscaler && nodes.min < nodes.max
      ? [
          `Nothing here makes ${nodes.max} nodes of ${nodes.count}: nodes.autoscaler is false, so that is for ` +
            "an autoscaler of yours.",
        ]
      : []),
    ...(nodes.spot && nodes.spotTypes.length === 0
      ? [
          `Spot nodes of one type, ${nodes.machineType}, all go away when that type is short: ` +
            "pulumi config set --path 'ralph:cluster.nodes.spotTypes[0]' <type of the same size>",
        ]
      : []),
    ...(memory !== undefined && memory - KEPT_GIB < POD_LIMIT_GIB
      ? [
          `A node of type ${nodes.machineType} has about ${(memory - KEPT_GIB).toFixed(1)} GiB for pods, less than ` +
            `a memory limit of ${POD_LIMIT_GIB}Gi: a pod that uses it takes its node along. ` +
            "Lower the limit, or pulumi config set --path ralph:cluster.nodes.machineType t3.large",
        ]
      : []),
    ...(architecture(nodes.machineType) === "ARM"
      ? [`${nodes.machineType} is an ARM machine: every image must be built for linux/arm64.`]
      : []),
    ...(nodes.count < zoneCount
      ? [`${nodes.count} nodes in ${zoneCount} zones: a volume waits for ever in a zone that has no node.`]
      : []),
    ...(version !== undefined && Number(version.split(".")[1]) > NEWEST_MINOR
      ? [`Kubernetes ${version} is newer than what this program was tried with, 1.${NEWEST_MINOR}.`]
      : []),
    ...(auth.roleArn !== undefined && !admins.includes(auth.roleArn)
      ? [
          `The kubeconfig takes on ${auth.roleArn}, which gets in only where it makes the cluster, ` +
            "or is one of ralph:cluster.admins.",
        ]
      : []),
  ];
}
