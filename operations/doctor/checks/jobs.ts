import { objectName, containers } from "../pods";
import { check, type Finding } from "../types";
import { EXIT_CODES } from "./crashes";

/** Failed tasks, failed runs of schedules, and suspended schedules. */
export const jobs = check({
  name: "jobs",
  alert: "RalphTaskFailed",
  needs: ["jobs", "cronJobs", "pods"],
  look({ jobs, cronJobs, pods }, commands) {
    const { kubectl, set, up, refresh } = commands;
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
          object: objectName("Job", job),
          what: `${condition.reason}: ${condition.message}${code === undefined ? "" : ` Exit code ${code}.`}`,
          cause: late
            ? "It ran longer than its deadline allows."
            : (known?.cause ?? "Its pods failed; their log says why."),
          fix: [
            kubectl(`logs job/${name}`),
            ...(late ? [set("tasks[0].activeDeadlineSeconds", "28800")] : []),
            ...(known?.fix?.(commands) ?? []).filter((line) => line !== up),
            // A Job does not run twice: once deleted from cluster and state, the next `up` recreates it.
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
        object: objectName("CronJob", each),
        what: "is suspended",
        cause: "It was suspended by hand, or by a destroy that did not finish.",
        fix: [kubectl(`patch cronjob ${each.metadata?.name} --patch '{"spec":{"suspend":false}}'`)],
      }));
    return [...failed, ...suspended];
  },
});
