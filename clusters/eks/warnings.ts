import type { Architecture } from "../types";
import { versionWarnings, VERSIONS } from "../versions";
import type { Config } from "./config";
import { zoneKeys } from "./location";
import { architecture, memoryGiB } from "./machine-types";
import { hasZoneGroups } from "./zone-groups";

/** The guide's memory limit of a pod. */
const POD_LIMIT_GIB = 4;
/** What a small node reserves for its system and the eviction threshold. */
const RESERVED_GIB = 0.7;

/** The cheapest types with more memory. */
const LARGER: Readonly<Record<Architecture, string>> = { amd64: "t3.large", arm64: "t4g.large" };

/** Settings that are valid but unwise, each with its remedy. */
export function warnings(config: Config): string[] {
  const { nodes, version, auth, admins } = config;
  const memory = memoryGiB(nodes.machineType);
  const zones = zoneKeys(config).length;
  const shared = !hasZoneGroups(config);
  return [
    ...(!nodes.autoscaler && nodes.min < nodes.max
      ? [
          `The node group stays at ${nodes.count} nodes: nodes.autoscaler is false, so nodes.max ${nodes.max} has no ` +
            "effect unless you run another autoscaler.",
        ]
      : []),
    ...(nodes.spot && nodes.spotTypes.length === 0
      ? [
          `All spot nodes have the same type, ${nodes.machineType}, and are lost together when AWS runs short of it. ` +
            "Add a type: pulumi config set --path 'ralph:cluster.nodes.spotTypes[0]' <type of the same size>",
        ]
      : []),
    ...(memory !== undefined && memory - RESERVED_GIB < POD_LIMIT_GIB
      ? [
          `A node of type ${nodes.machineType} has about ${(memory - RESERVED_GIB).toFixed(1)} GiB for pods, less than a ` +
            `memory limit of ${POD_LIMIT_GIB}Gi: a pod that reaches its limit can take its node down. ` +
            `Lower the limit, or pulumi config set --path ralph:cluster.nodes.machineType ${LARGER[architecture(nodes.machineType)]}`,
        ]
      : []),
    ...(architecture(nodes.machineType) === "arm64"
      ? [`${nodes.machineType} is an Arm machine: every image must be built for linux/arm64.`]
      : []),
    ...(shared && nodes.perZone === undefined
      ? [
          `Node group ${nodes.name} spans ${zones} zones, as in earlier releases: a pod whose disk is in a zone without room ` +
            "stays pending, and AWS may end nodes at work to even out the zones. " +
            "One group per zone replaces the nodes: pulumi config set --path ralph:cluster.nodes.perZone true; " +
            "false keeps the group and this warning away.",
        ]
      : []),
    ...(shared && nodes.count < zones
      ? [
          `${nodes.count} nodes for ${zones} zones: a pod whose volume is in a zone without a node stays pending. ` +
            "Use at least one node per zone.",
        ]
      : []),
    ...versionWarnings(version, VERSIONS.eks),
    ...(auth.roleArn !== undefined && !admins.includes(auth.roleArn)
      ? [
          `The kubeconfig assumes ${auth.roleArn}, which has access only if it creates the cluster or is listed in ` +
            "ralph:cluster.admins.",
        ]
      : []),
  ];
}
