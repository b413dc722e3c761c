import type { V1CronJob } from "@kubernetes/client-node";

import { longestPause } from "../../../config/cron";
import { BACKUP_KIND_LABEL, BACKUP_LABELS } from "../../../runner/src/contract";
import { BACKUP, BACKUP_COPY } from "../../../workload/names";
import { readSnapshots } from "../../restore/snapshots";
import { type Check, failed, passed, type Result, skipped } from "../types";

const KINDS: Readonly<Record<string, string>> = { [BACKUP]: "snapshot", [BACKUP_COPY]: "copy" };

/** That a CronJob succeeds does not show that its driver can restore what it took. */
export const backups: Check = {
  name: "backups",
  shows: "the newest snapshot of the workspace can be used, and is as young as its schedule promises",
  runsPods: false,
  async run({ client, namespace }) {
    const selector = encodeURIComponent(`app=${BACKUP_LABELS.app}`);
    const jobs = await client.list<V1CronJob>(
      `/apis/batch/v1/namespaces/${namespace}/cronjobs?labelSelector=${selector}`,
    );
    if (jobs.length === 0) return skipped("the stack has no backups (ralph:backup.enabled)");
    const snapshots = await readSnapshots(client, namespace);
    return judgeBackups(
      jobs.map(({ metadata, spec }) => {
        const name = metadata?.name ?? "";
        const taken = snapshots.filter((each) => each.metadata.labels?.[BACKUP_KIND_LABEL] === KINDS[name]);
        const ready = taken.find(({ status }) => status?.readyToUse === true);
        return {
          name,
          kind: KINDS[name] ?? name,
          pause: longestPause(spec?.schedule ?? "") ?? Infinity,
          exists: secondsSince(metadata?.creationTimestamp),
          age: ready === undefined ? undefined : secondsSince(ready.metadata.creationTimestamp),
          error: taken.find(({ status }) => status?.error !== undefined)?.status?.error?.message,
        };
      }),
      namespace,
    );
  },
};

const secondsSince = (time: Date | string | undefined): number =>
  (Date.now() - Number(new Date(time ?? Date.now()))) / 1000;

export interface Taken {
  /** Of the CronJob. */
  readonly name: string;
  readonly kind: string;
  /** Seconds between two runs, at most. */
  readonly pause: number;
  /** Seconds since the CronJob was created. */
  readonly exists: number;
  /** Seconds since the newest one that can be used was taken. */
  readonly age: number | undefined;
  /** The driver's words about one that cannot. */
  readonly error: string | undefined;
}

export function judgeBackups(all: readonly Taken[], namespace: string): Result {
  const again = ({ name }: Taken) =>
    `kubectl -n ${namespace} create job ${name}-again --from=cronjob/${name}`;
  // Taking one takes time too, and one run may be missed, as for the alert.
  const late = all.filter(({ age, exists, pause }) => (age ?? exists) > 2 * pause);
  if (late.length > 0)
    return failed(
      late
        .map(({ kind, age, error }) =>
          age === undefined
            ? `no ${kind} can be used${error === undefined ? "" : `: ${error}`}`
            : `the newest ${kind} that can be used is ${hours(age)} old`,
        )
        .join("; "),
      ...late.map(again),
      `kubectl -n ${namespace} describe volumesnapshots`,
    );
  const first = all.filter(({ age }) => age === undefined);
  return first.length > 0
    ? skipped(`the first ${first.map(({ kind }) => kind).join(", ")} is not due yet`, ...first.map(again))
    : passed(all.map(({ kind, age = 0 }) => `${kind}: ${hours(age)} old`).join("; "));
}

const hours = (seconds: number): string => `${(seconds / 3600).toFixed(1)} h`;
