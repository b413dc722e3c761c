import { MaintenanceConfiguration, type ManagedCluster } from "@pulumi/azure-native/containerservice";
import type { Config } from "./config";
import type { Scope } from "./scope";

/**
 * Whether AKS chooses the version, so that an update must not revert its choice. A configured version always
 * applies: with the channel `patch` it is a minor version, which only the user raises.
 */
export const isVersionManagedByAks = ({ channel, version }: Config): boolean =>
  channel !== "none" && version === undefined;

/** AKS fixes the names of the windows: one for upgrades of the cluster, one for the nodes' operating system. */
const WINDOWS = {
  upgrades: "aksManagedAutoUpgradeSchedule",
  "node-os": "aksManagedNodeOSUpgradeSchedule",
} as const;

/** The weekly windows in which AKS may upgrade the cluster and its nodes. */
export function createMaintenance(
  { name, config, group, options }: Scope,
  cluster: ManagedCluster,
): MaintenanceConfiguration[] {
  const { day, start, utcOffset, hours } = config.maintenance;
  return Object.entries(WINDOWS)
    .filter(([suffix]) => suffix !== "upgrades" || config.channel !== "none")
    .map(
      ([suffix, configName]) =>
        new MaintenanceConfiguration(
          `${name}-${suffix}`,
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
