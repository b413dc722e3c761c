import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import type { OwnCluster } from "./cluster";
import {
  BACKUP_ANNOTATIONS,
  BACKUP_KIND_LABEL,
  BACKUP_LABELS,
  type BackupVariables,
  type CheckVariables,
  type End,
  SNAPSHOT_GROUP,
  SNAPSHOTS_PATH,
  type VolumeSnapshot,
} from "./contract";
import type { Log } from "./log";
import { checkManifest, writeManifest } from "./manifest";

/** Where a container reports how it ended. */
const REPORT = "/dev/termination-log";
const DAY = 86_400_000;

/**
 * Takes a snapshot of the workspace, once its manifest is on it, waits until the snapshot can be used, and deletes those
 * of the same schedule that are no longer kept.
 */
export async function backup(
  variables: BackupVariables,
  { cluster, workspace, log, interval = 5000 }: Surroundings,
): Promise<End> {
  const { RALPH_BACKUP_KIND: kind, RALPH_BACKUP_CLAIM: claim } = variables;
  const path = SNAPSHOTS_PATH(cluster.namespace);
  const labels = { ...BACKUP_LABELS, [BACKUP_KIND_LABEL]: kind };
  const manifest = await writeManifest(workspace, kind);
  const { metadata } = await cluster.send<VolumeSnapshot>("POST", path, {
    apiVersion: `${SNAPSHOT_GROUP}/v1`,
    kind: "VolumeSnapshot",
    metadata: {
      name: nameOf(claim, kind, new Date()),
      labels,
      annotations: {
        [BACKUP_ANNOTATIONS.manifest]: manifest,
        [BACKUP_ANNOTATIONS.storageClass]: variables.RALPH_BACKUP_STORAGE_CLASS,
        [BACKUP_ANNOTATIONS.accessMode]: variables.RALPH_BACKUP_ACCESS_MODE,
        [BACKUP_ANNOTATIONS.size]: variables.RALPH_BACKUP_SIZE,
      },
    },
    spec: {
      volumeSnapshotClassName: variables.RALPH_BACKUP_CLASS,
      source: { persistentVolumeClaimName: claim },
    },
  });
  log("snapshot taken", { snapshot: metadata.name });

  const selector = new URLSearchParams({
    labelSelector: Object.entries(labels)
      .map((pair) => pair.join("="))
      .join(),
  });
  const all = async (): Promise<readonly VolumeSnapshot[]> =>
    (await cluster.send<{ items: VolumeSnapshot[] }>("GET", `${path}?${selector}`)).items;
  const end = Date.now() + Number(variables.RALPH_BACKUP_PATIENCE) * 1000;
  for (;;) {
    const snapshots = await all();
    const own = snapshots.find((each) => each.metadata.name === metadata.name);
    if (own?.status?.readyToUse === true) {
      for (const old of expired(snapshots, variables, Date.now())) {
        await cluster.send("DELETE", `${path}/${old.metadata.name}`);
        log("snapshot deleted", { snapshot: old.metadata.name });
      }
      log("snapshot ready", { snapshot: metadata.name });
      return "completed";
    }
    if (own === undefined || Date.now() > end) {
      log("the snapshot cannot be used", {
        snapshot: metadata.name,
        error: own?.status?.error?.message ?? (own === undefined ? "it was deleted" : "it is not ready yet"),
      });
      return "failed";
    }
    await delay(interval);
  }
}

export interface Surroundings {
  readonly cluster: OwnCluster;
  readonly workspace: string;
  readonly log: Log;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/** Compares the volume with its manifest, and reports the result as the container's message. */
export async function check(variables: CheckVariables, workspace: string, report = REPORT): Promise<End> {
  const { RALPH_BACKUP_KIND: kind, RALPH_BACKUP_MANIFEST: manifest } = variables;
  writeFileSync(report, JSON.stringify(await checkManifest(workspace, kind, manifest)));
  return "completed";
}

/** Sorted by name, they are sorted by time. */
const nameOf = (claim: string, kind: string, now: Date): string =>
  `${claim}-${kind}-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}`;

/**
 * The snapshots to delete: those that became ready and are not kept, and those that did not within a day. The newest one
 * that is ready is kept, whatever its age.
 */
export function expired(
  snapshots: readonly VolumeSnapshot[],
  {
    RALPH_BACKUP_KEEP: keep,
    RALPH_BACKUP_DAYS: days,
  }: Pick<BackupVariables, "RALPH_BACKUP_KEEP" | "RALPH_BACKUP_DAYS">,
  now: number,
): VolumeSnapshot[] {
  const age = ({ metadata }: VolumeSnapshot): number => now - Date.parse(metadata.creationTimestamp ?? "");
  const present = snapshots.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const isReady = ({ status }: VolumeSnapshot): boolean => status?.readyToUse === true;
  const ready = present.filter(isReady).sort((one, other) => age(one) - age(other));
  const old = ready.filter((each, i) =>
    days === undefined ? i >= Number(keep) : i > 0 && age(each) > Number(days) * DAY,
  );
  return [...old, ...present.filter((each) => !isReady(each) && age(each) > DAY)];
}
