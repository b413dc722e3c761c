import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";

import { parseQuantity } from "../../config/quantity";
import { ToolError } from "../../lib/errors";
import {
  BACKUP_ANNOTATIONS,
  BACKUP_KIND_LABEL,
  BACKUP_LABELS,
  SNAPSHOT_GROUP,
  SNAPSHOTS_PATH,
  type VolumeSnapshot,
} from "../../runner/src/contract";
import { type ClusterClient, unlessAbsent } from "../cluster/client";
import type { Commands } from "../doctor/types";

/** A snapshot that backups have taken, as it is listed. */
export interface SnapshotRow {
  readonly name: string;
  /** `snapshot`, or `copy` in another region. */
  readonly kind: string;
  readonly claim: string;
  /** ISO 8601. */
  readonly taken: string;
  readonly ready: boolean;
  readonly size?: string;
  /** The driver's words. */
  readonly error?: string;
}

/** The snapshots of backups, newest first. */
export async function readSnapshots(client: ClusterClient, namespace: string): Promise<VolumeSnapshot[]> {
  const selector = encodeURIComponent(`app=${BACKUP_LABELS.app}`);
  const found = await unlessAbsent(
    client.list<VolumeSnapshot>(`${SNAPSHOTS_PATH(namespace)}?labelSelector=${selector}`),
  );
  if (found === undefined)
    throw new ToolError(
      `the cluster knows no kind VolumeSnapshot (${SNAPSHOT_GROUP}/v1), so it has no snapshots: docs/backup.md`,
    );
  return found.sort((one, other) => (takenAt(one) < takenAt(other) ? 1 : -1));
}

const takenAt = ({ metadata }: VolumeSnapshot): string => metadata.creationTimestamp ?? "";

export const rowOf = (snapshot: VolumeSnapshot): SnapshotRow => ({
  name: snapshot.metadata.name,
  kind: snapshot.metadata.labels?.[BACKUP_KIND_LABEL] ?? "",
  claim: snapshot.spec?.source?.persistentVolumeClaimName ?? "",
  taken: takenAt(snapshot),
  ready: snapshot.status?.readyToUse === true,
  ...(snapshot.status?.restoreSize === undefined ? {} : { size: snapshot.status.restoreSize }),
  ...(snapshot.status?.error?.message === undefined ? {} : { error: snapshot.status.error.message }),
});

/**
 * The snapshot to restore.
 *
 * @param from its name; by default the newest one that is ready
 */
export function chosen(
  snapshots: readonly VolumeSnapshot[],
  from: string | undefined,
  { namespace, kubectl }: Commands,
): VolumeSnapshot {
  const ready = snapshots.filter(({ status }) => status?.readyToUse === true);
  const found = from === undefined ? ready[0] : snapshots.find(({ metadata }) => metadata.name === from);
  if (found === undefined) {
    const names = ready.map(({ metadata }) => metadata.name).join(", ");
    throw new ToolError(
      from === undefined || names === ""
        ? `namespace ${namespace} has no snapshot that is ready: ${kubectl("get cronjobs,jobs -l app=ralph-backup")}`
        : `--from ${from}: there is no such snapshot; ready are: ${names}`,
    );
  }
  if (found.status?.readyToUse !== true)
    throw new ToolError(
      `--from ${from}: the snapshot is not ready${found.status?.error?.message === undefined ? "" : `: ${found.status.error.message}`}: ${kubectl(`describe volumesnapshot ${from}`)}`,
    );
  return found;
}

/** A claim like the one that the snapshot is of, whose fields are on the snapshot if it is gone, filled from the snapshot. */
export async function claimFrom(
  client: ClusterClient,
  namespace: string,
  { metadata, spec, status }: VolumeSnapshot,
): Promise<V1PersistentVolumeClaim["spec"]> {
  const source = await unlessAbsent(
    client.get<V1PersistentVolumeClaim>(
      `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${spec?.source?.persistentVolumeClaimName}`,
    ),
  );
  const { annotations = {} } = metadata;
  const accessModes = source?.spec?.accessModes ?? [annotations[BACKUP_ANNOTATIONS.accessMode] ?? ""];
  const storageClassName = source?.spec?.storageClassName ?? annotations[BACKUP_ANNOTATIONS.storageClass];
  const sizes = [
    source?.status?.capacity?.storage,
    source?.spec?.resources?.requests?.storage,
    status?.restoreSize,
    // Not every driver reports a size.
    annotations[BACKUP_ANNOTATIONS.size],
  ];
  const largest = sizes
    .filter((size) => size !== undefined)
    .sort((one, other) => (parseQuantity(other) ?? 0) - (parseQuantity(one) ?? 0))[0];
  if (storageClassName === undefined || storageClassName === "" || largest === undefined)
    throw new ToolError(
      `snapshot ${metadata.name} tells neither the class nor the size of a claim for it, and claim ${spec?.source?.persistentVolumeClaimName} does not exist`,
    );
  return {
    accessModes,
    storageClassName,
    resources: { requests: { storage: largest } },
    dataSource: { apiGroup: SNAPSHOT_GROUP, kind: "VolumeSnapshot", name: metadata.name },
  };
}
