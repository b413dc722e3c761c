import type { Config } from "./config";
import { location } from "./location";
import { parseSize } from "./machine-types";

const NEWEST_MINOR = 37;
/** Of the regions that many use. */
const WITHOUT_ZONES = ["westus", "northcentralus", "westcentralus", "ukwest", "canadaeast"];

/** What AKS takes and an operator may not want, each with the way out. */
export function warnings({ nodes, system, zones, version }: Config): string[] {
  const pools = [
    { key: "nodes", machineType: nodes.machineType, min: nodes.min, system: !nodes.spot },
    ...(nodes.spot
      ? [{ key: "system", machineType: system.machineType, min: system.min, system: true }]
      : []),
  ];
  return [
    ...pools.flatMap(({ key, machineType, min, system }) => {
      const size = parseSize(machineType);
      const small =
        system && (size?.vcpus ?? 0) < 4 ? ["has less than the 4 processors advised for system pods"] : [];
      const old = size?.retiring === true ? ["is of a series that Azure retires in 2028"] : [];
      const faults = [...small, ...old];
      return [
        ...(faults.length > 0
          ? [
              `${machineType} ${faults.join(" and ")}: pulumi config set --path ralph:cluster.${key}.machineType Standard_D4s_v5`,
            ]
          : []),
        ...(size?.arm === true
          ? [`${machineType} has Arm processors: the image must be built for them`]
          : []),
        ...(system && min < 2
          ? [
              `With one system node AKS's own pods stop whenever it is replaced: pulumi config set --path ralph:cluster.${key}.min 2`,
            ]
          : []),
      ];
    }),
    ...(zones.length > nodes.count
      ? [
          `${nodes.count} nodes leave zones empty: pulumi config set --path ralph:cluster.nodes.count ${zones.length}`,
        ]
      : []),
    ...(zones.length > 0 && WITHOUT_ZONES.includes(location() ?? "")
      ? [`${location()} has no availability zones: pulumi config rm --path ralph:cluster.zones`]
      : []),
    ...(version !== undefined && Number(version.split(".")[1]) > NEWEST_MINOR
      ? [`Kubernetes ${version} is newer than 1.${NEWEST_MINOR}, the newest this program knows of`]
      : []),
  ];
}
