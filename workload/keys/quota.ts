import { z } from "zod";
import { findIf, invalid } from "../../config/findings";
import { matching, quantity } from "../../config/formats";
import { parseQuantity } from "../../config/quantity";
import { autoscaling, replicaCount } from "./autoscaling";
import { resources } from "./resources";
import { schedules, tasks } from "./runs";
import { rule, section } from "./section";

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

interface Pods {
  readonly autoscaling: z.output<typeof autoscaling>;
  readonly replicaCount: number;
  readonly tasks: readonly unknown[];
  readonly schedules: readonly unknown[];
}

/** Number of pods at most, while none terminates: workers, and one for each run. */
export const mostPods = ({
  autoscaling: scaling,
  replicaCount: fixed,
  tasks: jobs,
  schedules: crons,
}: Pods) => (scaling.enabled ? scaling.maxReplicas : fixed) + jobs.length + crons.length;

export const rules = [
  rule(
    { quota, autoscaling, replicaCount, tasks, schedules, resources },
    ({ quota: { enabled, hard }, ...values }) => {
      const count = mostPods(values);
      const { requests, limits } = values.resources;
      const needed: Readonly<Record<string, number>> = {
        pods: count,
        "count/pods": count,
        ...Object.fromEntries(
          (["cpu", "memory", "ephemeral-storage"] as const).flatMap((kind) => [
            [kind, count * (parseQuantity(requests[kind]) ?? 0)],
            [`requests.${kind}`, count * (parseQuantity(requests[kind]) ?? 0)],
            [`limits.${kind}`, count * (parseQuantity(limits[kind]) ?? 0)],
          ]),
        ),
      };
      return Object.entries(hard).flatMap(([resource, value]) => {
        const least = needed[resource] ?? 0;
        return findIf(enabled && (parseQuantity(value) ?? 0) < least, () =>
          invalid(
            ["quota", "hard", resource],
            value,
            `must be enough for the stack's own pods, at most ${count}: ${least}`,
            String(least),
          ),
        );
      });
    },
  ),
];
