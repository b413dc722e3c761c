import { longestPause } from "../../../config/cron";
import { BACKUP_LABELS } from "../../../runner/src/contract";
import { objectName } from "../pods";
import { check, type Finding } from "../types";

/** Backups that are late: what the alert reports, without a Prometheus. */
export const backups = check({
  name: "backups",
  alert: "RalphBackupOld",
  needs: ["cronJobs"],
  look({ cronJobs }, { kubectl }) {
    return cronJobs.flatMap((each): Finding[] => {
      if (each.metadata?.labels?.app !== BACKUP_LABELS.app || each.spec?.suspend === true) return [];
      const pause = longestPause(each.spec?.schedule ?? "");
      const succeeded = time(each.status?.lastSuccessfulTime);
      const age = (Date.now() - (succeeded ?? time(each.metadata.creationTimestamp) ?? Date.now())) / 1000;
      if (pause === undefined || age <= 2 * pause) return [];
      const hours = Math.floor(age / 3600);
      return [
        {
          object: objectName("CronJob", each),
          what:
            succeeded === undefined
              ? `no backup has succeeded in the ${hours} h since it exists`
              : `the newest backup that succeeded is ${hours} h old`,
          cause: "Its last run failed, did not start, or its driver could not take the snapshot.",
          fix: [
            kubectl(`create job ${each.metadata.name}-again --from=cronjob/${each.metadata.name}`),
            kubectl(`logs -f job/${each.metadata.name}-again`),
            kubectl(`describe volumesnapshots -l app=${BACKUP_LABELS.app}`),
          ],
        },
      ];
    });
  },
});

/** Milliseconds. The client's types say Date, but the server sends text. */
const time = (at: Date | undefined): number | undefined =>
  at === undefined ? undefined : Number(new Date(at));
