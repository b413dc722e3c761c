import { setTimeout as delay } from "node:timers/promises";
import type { RoleAssignment } from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";

/**
 * Seconds after which Azure has usually applied a role. Nothing tells when, and AKS refuses a cluster whose identity
 * does not have its roles yet: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
 */
const APPLIED_AFTER = 90;

/** Seconds until roles that were assigned at these times (ISO 8601) have an effect. */
export const secondsUntilApplied = (assigned: readonly (string | undefined)[], now: number): number => {
  const last = Math.max(
    ...assigned.map((time) => Date.parse(time ?? "")).filter((time) => !Number.isNaN(time)),
  );
  // The clocks of this machine and of Azure may differ.
  return Math.min(APPLIED_AFTER, Math.max(0, APPLIED_AFTER - (now - last) / 1000));
};

/**
 * `resources`, but not before the roles have an effect. It costs time only in the run that assigns them: a hook of the
 * cluster's, which would repeat a refused request, needs a newer language host than this repository can build.
 */
export const onceApplied = (
  roles: readonly RoleAssignment[],
  resources: readonly pulumi.Resource[],
): pulumi.Input<pulumi.Resource[]> =>
  pulumi.runtime.isDryRun()
    ? [...resources]
    : pulumi.all(roles.map(({ createdOn }) => createdOn)).apply(async (assigned) => {
        const seconds = Math.ceil(secondsUntilApplied(assigned, Date.now()));
        if (seconds > 0) {
          void pulumi.log.info(`Waiting ${seconds} s, in which Azure applies the cluster's roles.`);
          await delay(seconds * 1000);
        }
        return [...resources];
      });
