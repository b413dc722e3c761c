import type { V1CronJob, V1Job } from "@kubernetes/client-node";

import { BACKUP_LABELS } from "../../../runner/src/contract";
import { objectName, containers } from "../pods";
import { check, type Commands, type Finding } from "../types";
import { EXIT_CODES } from "./crashes";

const failure = ({ status }: V1Job) =>
  status?.conditions?.find(({ type, status: is }) => type === "Failed" && is === "True");

/** Why a Job has failed; undefined if it has not. */
export const failedJob = (job: V1Job): string | undefined => {
  const found = failure(job);
  return found === undefined ? undefined : `${found.reason}: ${found.message}`;
};

/** A Job does not run twice: once deleted from cluster and state, the next `up` recreates a task's. */
export function runAgain({ metadata }: V1Job, { kubectl, refresh, up }: Commands): string[] {
  const schedule = metadata?.ownerReferences?.find(({ kind }) => kind === "CronJob")?.name;
  return schedule === undefined
    ? [kubectl(`delete job ${metadata?.name}`), refresh, up]
    : [kubectl(`create job ${metadata?.name}-again --from=cronjob/${schedule}`)];
}

/** Whether the stack's configuration suspends it: then Pulumi or a GitOps tool has applied the field, by a manifest. */
const isConfigured = ({ metadata }: V1CronJob): boolean =>
  (metadata?.managedFields ?? []).some(
    ({ operation, fieldsV1 }) =>
      operation === "Apply" &&
      (fieldsV1 as SuspendField | undefined)?.["f:spec"]?.["f:suspend"] !== undefined,
  );
interface SuspendField {
  readonly "f:spec"?: { readonly "f:suspend"?: object };
}

/** Failed tasks, failed runs of schedules, and schedules that something else than the configuration has suspended. */
export const jobs = check({
  name: "jobs",
  alert: "RalphTaskFailed",
  needs: ["jobs", "cronJobs", "pods"],
  look({ jobs, cronJobs, pods }, commands) {
    const { kubectl, set, up } = commands;
    const failed = jobs.flatMap((job): Finding[] => {
      const condition = failure(job);
      // A backup that failed is followed by the next one: `backups` reports the age of the newest.
      if (condition === undefined || job.metadata?.labels?.app === BACKUP_LABELS.app) return [];
      const name = job.metadata?.name ?? "";
      const code = pods
        .filter(({ metadata }) => metadata?.labels?.["batch.kubernetes.io/job-name"] === name)
        .flatMap(containers)
        .map(({ state }) => state?.terminated?.exitCode)
        .filter((each) => each !== undefined && each !== 0)
        .at(-1);
      const known = EXIT_CODES[code ?? -1];
      const late = condition.reason === "DeadlineExceeded";
      return [
        {
          object: objectName("Job", job),
          what: `${condition.reason}: ${condition.message}${code === undefined ? "" : ` Exit code ${code}.`}`,
          cause: late
            ? "It ran longer than its deadline allows."
            : (known?.cause ?? "Its pods failed; their log says why."),
          fix: [
            kubectl(`logs job/${name}`),
            ...(late ? [set("tasks[0].activeDeadlineSeconds", "28800")] : []),
            ...(known?.fix?.(commands) ?? []).filter((line) => line !== up),
            ...(job.metadata?.ownerReferences === undefined ? runAgain(job, commands) : []),
          ],
        },
      ];
    });
    const suspended = cronJobs
      .filter((each) => each.spec?.suspend === true && !isConfigured(each))
      .map((each) => ({
        object: objectName("CronJob", each),
        what: "is suspended",
        cause: "It was suspended by hand, or by a destroy that did not finish.",
        fix: [kubectl(`patch cronjob ${each.metadata?.name} --patch '{"spec":{"suspend":false}}'`)],
      }));
    return [...failed, ...suspended];
  },
});
