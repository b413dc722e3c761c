import { called, containers } from "../pods";
import { check, type Finding } from "../types";
import { EXIT_CODES } from "./crashes";

/** Tasks and runs of schedules that failed, and schedules that stand still. */
export const jobs = check({
  name: "jobs",
  needs: ["jobs", "cronJobs", "pods"],
  look({ jobs, cronJobs, pods }, context) {
    const { kubectl, set, up, refresh } = context;
    const failed = jobs.flatMap((job): Finding[] => {
      const condition = job.status?.conditions?.find(
        ({ type, status }) => type === "Failed" && status === "True",
      );
      if (condition === undefined) return [];
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
          object: called("Job", job),
          what: `${condition.reason}: ${condition.message}${code === undefined ? "" : ` Exit code ${code}.`}`,
          cause: late
            ? "It ran longer than it may."
            : (known?.cause ?? "Its pods failed; what they said is in their log."),
          fix: [
            kubectl(`logs job/${name}`),
            ...(late ? [set("tasks[0].activeDeadlineSeconds", "28800")] : []),
            ...(known?.fix?.(context) ?? []).filter((line) => line !== up),
            // A Job does not run twice: gone from cluster and state, the next `up` makes it anew.
            ...(job.metadata?.ownerReferences === undefined
              ? [kubectl(`delete job ${name}`), refresh, up]
              : []),
          ],
        },
      ];
    });
    const suspended = cronJobs
      .filter(({ spec }) => spec?.suspend === true)
      .map((each) => ({
        object: called("CronJob", each),
        what: "is suspended",
        cause: "Somebody has stopped it, or a destroy that was not carried to its end.",
        fix: [kubectl(`patch cronjob ${each.metadata?.name} --patch '{"spec":{"suspend":false}}'`)],
      }));
    return [...failed, ...suspended];
  },
});
