/** What the CronJobs of backups, the runner that they start, and `./ralphctl restore` agree on. */

/** The argument by which the image takes a snapshot; followed by `check`, it compares a volume with its manifest. */
export const BACKUP = "backup";
export const BACKUP_CHECK = "check";

/** On every snapshot: `app` selects those that retention may delete, the other one the schedule that they are of. */
export const BACKUP_LABELS = { app: "ralph-backup" } as const;
export const BACKUP_KIND_LABEL = "ralph-orchestrator/backup";

/** Kept at the cluster for hours, or in another region for weeks. */
export const BACKUP_KINDS = ["snapshot", "copy"] as const;
export type BackupKind = (typeof BACKUP_KINDS)[number];

/** On every snapshot: what a claim needs that replaces the one that is gone, and the hash of the manifest. */
export const BACKUP_ANNOTATIONS = {
  manifest: "ralph-orchestrator/manifest",
  storageClass: "ralph-orchestrator/storage-class",
  accessMode: "ralph-orchestrator/access-mode",
  size: "ralph-orchestrator/size",
} as const;

export const SNAPSHOT_GROUP = "snapshot.storage.k8s.io";
export const SNAPSHOTS_PATH = (namespace: string): string =>
  `/apis/${SNAPSHOT_GROUP}/v1/namespaces/${namespace}/volumesnapshots`;

/** Variables of the CronJobs' pods. */
export interface BackupVariables {
  readonly RALPH_BACKUP_KIND: BackupKind;
  readonly RALPH_BACKUP_CLAIM: string;
  readonly RALPH_BACKUP_CLASS: string;
  readonly RALPH_BACKUP_STORAGE_CLASS: string;
  readonly RALPH_BACKUP_ACCESS_MODE: string;
  readonly RALPH_BACKUP_SIZE: string;
  /** The newest ones that are kept, or the days for which all are kept. */
  readonly RALPH_BACKUP_KEEP?: string;
  readonly RALPH_BACKUP_DAYS?: string;
  /** Seconds until a snapshot must be usable. */
  readonly RALPH_BACKUP_PATIENCE: string;
}

/** Variables of a check. */
export interface CheckVariables {
  readonly RALPH_BACKUP_KIND: string;
  readonly RALPH_BACKUP_MANIFEST: string;
}

/** A volume compared with its manifest. */
export interface ManifestReport {
  readonly files: number;
  readonly bytes: number;
  /** Files that were changed between the manifest and the snapshot. */
  readonly changed: number;
  readonly damaged: number;
  /** Some of the damaged files. */
  readonly names: readonly string[];
  /** Why nothing could be compared. */
  readonly error?: string;
}

export interface VolumeSnapshot {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly source?: { readonly persistentVolumeClaimName?: string } };
  readonly status?: {
    readonly readyToUse?: boolean;
    readonly restoreSize?: string;
    readonly error?: { readonly message?: string };
  };
}
