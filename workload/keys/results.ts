import { git } from "./git";
import { persistence } from "./persistence";
import { brief, type Run, runsOf, schedules, tasks } from "./runs";
import { warning } from "./section";
import { source } from "./source";

const isSuspended = (run: Run): boolean => "suspend" in run && run.suspend;

export const warnings = [
  warning(
    { tasks, schedules, persistence, git, source },
    ({ persistence: { enabled, workspace }, git: { remote }, source: { repository }, ...values }) => {
      const isKept = enabled && workspace.accessMode === "ReadWriteMany";
      if (isKept || remote !== undefined || repository !== undefined) return [];
      const lost = runsOf(values)
        .map(({ run }) => run)
        .filter(
          (run) => run.source?.repository === undefined && run.output === undefined && !isSuspended(run),
        );
      return lost.length === 0
        ? []
        : [
            `The result of ${brief(lost)} is lost with its pod, except the log: set source.repository to work on a ` +
              "repository, git.remote to push the result to one, its own output to keep it in a claim, or persistence.workspace.accessMode to ReadWriteMany " +
              "to keep it on the workers' volume.",
          ];
    },
  ),
];
