import { CronJob } from "@pulumi/kubernetes/batch/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { Scope } from "../scope";
import { jobLabels, jobSpec } from "./job";

/** A run that is later than this, because the cluster was down for example, is skipped. */
const START_WITHIN_SECONDS = 3600;

/** One CronJob per schedule (guide, scheduled tasks). */
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
              metadata: { labels: jobLabels(scope, schedule, "schedule") },
              spec: jobSpec(scope, schedule, "schedule"),
            },
          },
        },
        options({ dependsOn }),
      ),
  );
}
