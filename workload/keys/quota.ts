import { z } from "zod";
import { findIf, invalid } from "../../config/findings";
import { matching, quantity } from "../../config/formats";
import { parseQuantity } from "../../config/quantity";
import type { ClusterTraits } from "../../clusters/types";
import { backupSchedules } from "../backups";
import { autoscaling, replicaCount } from "./autoscaling";
import { backup } from "./backup";
import { login } from "./login";
import { persistence } from "./persistence";
import { resources } from "./resources";
import { schedules, tasks } from "./runs";
import { clusterRule, section } from "./section";
import { smoke } from "./smoke";

export const quota = section({
  enabled: z.boolean().default(true).meta({
    description: "Creates the ResourceQuota, by default for twice the pods that the stack runs at most.",
  }),
  hard: z
    .record(matching(/^[a-z0-9][-a-z0-9./]*$/, "must be the name of a resource"), quantity)
    .default({})
    .meta({
      description: "Limits in place of the computed ones, or besides, such as `pods` or `requests.storage`.",
    }),
})
  .prefault({})
  .meta({ description: "The ResourceQuota `ralph-quota` of the namespace." });

export const limitRange = section({
  enabled: z.boolean().default(true).meta({
    description:
      "Gives requests and limits to containers without any, such as those that others add to pods. Without it the quota counts pods only.",
  }),
})
  .prefault({})
  .meta({ description: "The LimitRange `ralph-limits` of the namespace." });

const counted = { autoscaling, replicaCount, tasks, schedules, smoke, login, backup, persistence };
type Counted = { readonly [Key in keyof typeof counted]: z.output<(typeof counted)[Key]> };

/** Number of pods at most, while none terminates: Ralph's, which are workers and one for each run, and all. */
export function mostPods(
  config: Counted,
  traits: ClusterTraits,
): { readonly ralph: number; readonly all: number } {
  const { autoscaling: scaling, replicaCount: fixed, tasks: jobs, schedules: crons } = config;
  const workers = scaling.enabled ? scaling.maxReplicas : fixed;
  const ralph = workers + jobs.length + crons.length + (config.smoke.enabled ? 1 : 0);
  const others = (config.login.enabled ? 1 : 0) + backupSchedules(config, traits).length;
  return { ralph, all: ralph + others };
}

export const rules = [
  clusterRule(
    { ...counted, quota, resources },
    ({ quota: { enabled, hard }, resources: { requests, limits }, ...values }, traits) => {
      const { ralph, all } = mostPods(values, traits);
      // Those of the others are small, and not the user's to choose.
      const needed: Readonly<Record<string, number>> = {
        pods: all,
        "count/pods": all,
        ...Object.fromEntries(
          (["cpu", "memory", "ephemeral-storage"] as const).flatMap((kind) => [
            [kind, ralph * (parseQuantity(requests[kind]) ?? 0)],
            [`requests.${kind}`, ralph * (parseQuantity(requests[kind]) ?? 0)],
            [`limits.${kind}`, ralph * (parseQuantity(limits[kind]) ?? 0)],
          ]),
        ),
      };
      return Object.entries(hard).flatMap(([resource, value]) => {
        const least = needed[resource] ?? 0;
        return findIf(enabled && (parseQuantity(value) ?? 0) < least, () =>
          invalid(
            ["quota", "hard", resource],
            value,
            `must be enough for the stack's own pods, at most ${all}: ${least}`,
            String(least),
          ),
        );
      });
    },
  ),
];
