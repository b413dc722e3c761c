import { MaintenanceConfiguration, type ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { Config } from "./config";
import type { Scope } from "./scope";

/**
 * While AKS chooses the version, what it chose is not to be taken back. A stated one is obeyed all the same:
 * beside the channel `patch` it is a minor version, which only its owner raises.
 */
export const versionIsAzures = ({ channel, version }: Config): boolean =>
  channel !== "none" && version === undefined;

/** The windows have fixed names: of the cluster's upgrades, and of those of its nodes' system. */
const WINDOWS = {
  upgrades: "aksManagedAutoUpgradeSchedule",
  "node-os": "aksManagedNodeOSUpgradeSchedule",
} as const;

export function maintenance({ name, config, group, options }: Scope, cluster: ManagedCluster) {
  const { day, start, utcOffset, hours } = config.maintenance;
  return Object.entries(WINDOWS)
    .filter(([of]) => of !== "upgrades" || config.channel !== "none")
    .map(
      ([of, configName]) =>
        new MaintenanceConfiguration(
          `${name}-${of}`,
          {
            resourceGroupName: group.name,
            resourceName: cluster.name,
            configName,
            maintenanceWindow: {
              schedule: { weekly: { dayOfWeek: day, intervalWeeks: 1 } },
              startTime: start,
              utcOffset,
              durationHours: hours,
            },
          },
          options({ deleteBeforeReplace: true }),
        ),
    );
}
