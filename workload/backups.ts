import type { z } from "zod";
import type { BackupPlan, ClusterTraits } from "../clusters/types";
import type { BackupKind } from "../runner/src/contract";
import { type backup, snapshotsOf } from "./keys/backup";
import type { persistence } from "./keys/persistence";
import { WORKSPACE_CLAIM } from "./names";

interface Config {
  readonly backup: z.output<typeof backup>;
  readonly persistence: z.output<typeof persistence>;
}

/** The claim that is backed up. */
export const backedUpClaim = ({ persistence: { workspace } }: Config): string =>
  workspace.existingClaim ?? WORKSPACE_CLAIM;

/** What the cluster has to do for backups; undefined without any. */
export function backupPlan(config: Config & { readonly namespace: string }): BackupPlan | undefined {
  const { enabled, copy } = config.backup;
  if (!enabled) return undefined;
  const { region, schedule, retentionDays } = copy;
  return {
    volume: config.persistence.workspace.accessMode === "ReadWriteMany" ? "rwx" : "rwo",
    claim: { namespace: config.namespace, name: backedUpClaim(config) },
    ...(region === undefined ? {} : { copy: { region, schedule, retentionDays } }),
  };
}

/** Snapshots that a CronJob takes. */
export interface BackupSchedule {
  readonly kind: BackupKind;
  readonly schedule: string;
  readonly snapshotClass: string;
  /** The newest ones that are kept, or the days for which all are kept. */
  readonly retention: { readonly keep: number } | { readonly days: number };
}

/** One for snapshots, and one for copies, unless the cloud's own service makes those. */
export function backupSchedules(config: Config, traits: ClusterTraits): BackupSchedule[] {
  const { enabled, schedule, keep, snapshotClass, copy } = config.backup;
  if (!enabled) return [];
  const known = snapshotsOf(config.persistence, traits);
  const own = known === undefined || "none" in known ? undefined : known;
  const copies =
    copy.snapshotClass ??
    (copy.region === undefined || own === undefined || own.copies === "daily"
      ? undefined
      : own.copies.className);
  return [
    {
      kind: "snapshot",
      schedule,
      snapshotClass: snapshotClass ?? own?.className ?? "",
      retention: { keep },
    },
    ...(copies === undefined
      ? []
      : [
          {
            kind: "copy" as const,
            schedule: copy.schedule,
            snapshotClass: copies,
            retention: { days: copy.retentionDays },
          },
        ]),
  ];
}
