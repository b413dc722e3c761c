import type { Restored, RestoreReport } from "../../operations/restore";
import type { SnapshotRow } from "../../operations/restore/snapshots";

/** What `restore` found and did, for people. */
export function restoreText({ namespace, snapshots, restored }: RestoreReport): string {
  if (restored !== undefined) return restoredText(restored).join("\n");
  if (snapshots.length === 0)
    return `Namespace ${namespace} has no snapshots: docs/backup.md says how to have them taken.`;
  return [...snapshots.map(line), "Try one with --drill, or restore it with --from <snapshot>."].join("\n");
}

const line = ({ name, kind, taken, ready, size, error }: SnapshotRow): string =>
  [name, kind, taken, size ?? "", ready ? "ready" : `not ready${error === undefined ? "" : `: ${error}`}`]
    .filter((part) => part !== "")
    .join("  ");

function restoredText({ snapshot, taken, mountedAfter, seconds, files, claim, next }: Restored): string[] {
  const { files: count, bytes, changed, damaged, names, error } = files;
  const compared =
    error === undefined
      ? `${count} files (${megabytes(bytes)} MB) compared: ${count - changed - damaged} equal, ${changed} changed while the snapshot was taken, ${damaged} damaged.`
      : `The files could not be compared: ${error}.`;
  return [
    `${snapshot}, taken ${taken}: mounted after ${mountedAfter} s, read after ${seconds} s.`,
    compared,
    ...names.map((name) => `  damaged: ${name}`),
    ...(damaged > 0 ? ["Nothing was restored from it: try an older one."] : []),
    ...(claim === undefined
      ? []
      : [
          `It is in claim ${claim}, and the workers are stopped. Use it, which deletes the claim ralph-workspace of the stack:`,
          ...next.map((command) => `    ${command}`),
        ]),
  ];
}

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);
