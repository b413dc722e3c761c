import { versionWarnings, VERSIONS } from "../versions";
import type { Config } from "./config";
import { MACHINE_TYPE } from "./formats";
import { location } from "./location";
import { parseMachineType } from "./machine-types";

/** Azure's recommendation for system pools. */
const MIN_SYSTEM_CPUS = 4;
/** The most used regions without availability zones. */
const WITHOUT_ZONES = ["westus", "northcentralus", "westcentralus", "ukwest", "canadaeast"];

/** What AKS accepts but a user may not want, each with its fix. */
export const warnings = (config: Config): string[] => [
  ...poolsOf(config).flatMap(poolWarnings),
  ...zoneWarnings(config),
  ...shareWarnings(config),
  ...keyWarnings(config),
  ...ingressWarnings(config),
  ...versionWarnings(config.version, VERSIONS.aks),
];

/** https://learn.microsoft.com/azure/aks/app-routing */
const ingressWarnings = ({ webAppRouting }: Config): string[] =>
  webAppRouting
    ? [
        "Microsoft ends its support of AKS's managed nginx in November 2026; once another controller serves the " +
          "Ingress: pulumi config rm --path ralph:cluster.webAppRouting",
      ]
    : [];

const shareWarnings = ({ zones, storage: { shares } }: Config): string[] =>
  zones.length > 1 && shares !== "Premium_ZRS"
    ? [
        `The nodes are in ${zones.length} zones, but a shared volume of ${shares} is in one, whose loss stops every worker. ` +
          "Where the region has it (https://learn.microsoft.com/azure/storage/files/redundancy-premium-file-shares): " +
          set("storage.shares", "Premium_ZRS"),
      ]
    : [];

/** https://github.com/kubernetes-sigs/azurefile-csi-driver/blob/v1.35.1/docs/driver-parameters.md */
const keyWarnings = ({ storage: { kmsKey } }: Config): string[] =>
  kmsKey === undefined
    ? []
    : [
        "Shared volumes stay encrypted with Azure's key: the driver of Azure Files accepts no other. " +
          "ralph:cluster.storage.kmsKey applies to disks.",
      ];

interface Pool {
  readonly key: "nodes" | "system";
  readonly machineType: string;
  readonly min: number;
  /** Whether it runs AKS's system pods. */
  readonly isSystem: boolean;
}

const poolsOf = ({ nodes, system }: Config): Pool[] =>
  nodes.spot
    ? [
        { key: "nodes", isSystem: false, ...nodes },
        { key: "system", isSystem: true, ...system },
      ]
    : [{ key: "nodes", isSystem: true, ...nodes }];

function poolWarnings({ key, machineType, min, isSystem }: Pool): string[] {
  const { cpus = 0, retiring = false, arm = false } = parseMachineType(machineType) ?? {};
  const faults = [
    ...(isSystem && cpus < MIN_SYSTEM_CPUS
      ? [`has fewer than the ${MIN_SYSTEM_CPUS} vCPUs recommended for system pools`]
      : []),
    ...(retiring ? ["belongs to a series that Azure retires in 2028"] : []),
  ];
  return [
    ...(faults.length > 0
      ? [`${machineType} ${faults.join(" and ")}: ${set(`${key}.machineType`, MACHINE_TYPE)}`]
      : []),
    ...(arm ? [`${machineType} has Arm processors: the image must be built for arm64`] : []),
    ...(isSystem && min < 2
      ? [`With a single system node, AKS's system pods stop whenever it is replaced: ${set(`${key}.min`, 2)}`]
      : []),
  ];
}

const zoneWarnings = ({ nodes, zones }: Config): string[] => [
  ...(zones.length > nodes.count
    ? [`${nodes.count} nodes cannot fill ${zones.length} zones: ${set("nodes.count", zones.length)}`]
    : []),
  ...(zones.length > 0 && WITHOUT_ZONES.includes(location() ?? "")
    ? [`${location()} has no availability zones: pulumi config rm --path ralph:cluster.zones`]
    : []),
];

const set = (key: string, value: string | number): string =>
  `pulumi config set --path ralph:cluster.${key} ${value}`;
