import { CronJob } from "@pulumi/kubernetes/batch/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { Scope } from "../scope";
import { jobSpec } from "./job";

/** A run missed by more than this, as by a cluster that was down, waits for its next time. */
const START_WITHIN_SECONDS = 3600;

/** One CronJob for each schedule (guide, scheduled tasks). */
export function cronJobs(scope: Scope, dependsOn: pulumi.Resource[]): CronJob[] {
  const { name, config, metadata, options } = scope;
  return config.schedules.map(
    (schedule) =>
      new CronJob(
        `${name}-schedule-${schedule.name}`,
        {
          metadata: metadata(schedule.name, "schedule"),
          spec: {
            schedule: schedule.schedule,
            ...(schedule.timeZone === undefined ? {} : { timeZone: schedule.timeZone }),
            suspend: schedule.suspend,
            // Two runs of one prompt would pay twice for the same work.
            concurrencyPolicy: "Forbid",
            startingDeadlineSeconds: START_WITHIN_SECONDS,
            successfulJobsHistoryLimit: 3,
            failedJobsHistoryLimit: 3,
            jobTemplate: {
              metadata: { labels: metadata(undefined, "schedule").labels },
              spec: jobSpec(scope, schedule, "schedule"),
            },
          },
        },
        options({ dependsOn }),
      ),
  );
}
