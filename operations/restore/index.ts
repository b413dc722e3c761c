import { randomBytes } from "node:crypto";
import type { V1Deployment, V1PersistentVolumeClaim, V1PodSpec } from "@kubernetes/client-node";

import { ToolError } from "../../lib/errors";
import { interruption } from "../../lib/process";
import {
  BACKUP,
  BACKUP_ANNOTATIONS,
  BACKUP_CHECK,
  BACKUP_KIND_LABEL,
  BACKUP_LABELS,
  type CheckVariables,
  type ManifestReport,
  MOUNTS,
  type VolumeSnapshot,
} from "../../runner/src/contract";
import { RALPH } from "../../workload/names";
import { type ClusterAccess, type ClusterClient, openCluster, unlessAbsent } from "../cluster/client";
import { commandsFor } from "../doctor";
import { programPod } from "../verify/probe";
import { ProbeFailure, Sandbox } from "../verify/sandbox";
import { chosen, claimFrom, readSnapshots, rowOf, type SnapshotRow } from "./snapshots";

/** Seconds for the driver to fill the volume, a node to mount it, and all files to be read: the RTO of the guide. */
const PATIENCE = 4 * 3600;

export interface RestoreOptions extends ClusterAccess {
  /** Default: the context's, then the program's own. */
  readonly namespace?: string;
  /** Stack that the suggested commands configure. Default: the selected one. */
  readonly stack?: string;
  /** Name of a snapshot. Default: for a drill the newest one; else none is restored. */
  readonly from?: string;
  /** Whether what is restored is only tried, and deleted again. */
  readonly drill: boolean;
  readonly say: (text: string) => void;
  /** Milliseconds between two looks at the cluster. */
  readonly interval?: number;
}

export interface Restored {
  readonly snapshot: string;
  /** ISO 8601. */
  readonly taken: string;
  /** Seconds until the volume was mounted, and until all files had been compared. */
  readonly mountedAfter: number;
  readonly seconds: number;
  readonly files: ManifestReport;
  /** The claim, unless it was a drill or files are damaged. */
  readonly claim?: string;
  /** The commands that put the claim to use. */
  readonly next: readonly string[];
}

export interface RestoreReport {
  readonly namespace: string;
  /** Newest first. */
  readonly snapshots: readonly SnapshotRow[];
  readonly restored?: Restored;
}

/**
 * Lists the snapshots of the workspace, or makes a claim from one and compares its files with the manifest that was written
 * with it. A restore then stops the workers; a drill deletes everything again.
 *
 * @throws Unreachable if the API server does not answer, or rejects the credentials
 * @throws ToolError if the snapshot cannot be restored
 */
export async function restore({
  namespace: wanted,
  stack,
  from,
  drill,
  say,
  interval,
  ...access
}: RestoreOptions): Promise<RestoreReport> {
  const client = await openCluster(access);
  const namespace = wanted ?? client.namespace ?? RALPH;
  const commands = commandsFor(namespace, stack);
  const snapshots = await readSnapshots(client, namespace);
  const report = { namespace, snapshots: snapshots.map(rowOf) };
  if (!drill && from === undefined) return report;

  const snapshot = chosen(snapshots, from, commands);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${RALPH}`;
  const workers = await unlessAbsent(client.get<V1Deployment>(path));
  if (workers === undefined)
    throw new ToolError(
      `namespace ${namespace} has no Deployment ${RALPH}, whose image reads the volume: ${commands.up}`,
    );
  const tried = await tryOut({ client, namespace, snapshot, workers, drill, say, interval });
  if (tried.claim === undefined) return { ...report, restored: { ...tried, next: [] } };

  const { replicas = 1 } = workers.spec ?? {};
  if (replicas > 0) {
    say("Stopping the workers, whose work on the old volume would be lost.");
    await client.patch(path, { spec: { replicas: 0 } });
  }
  const next = [
    commands.set("persistence.workspace.existingClaim", tried.claim),
    commands.up,
    commands.kubectl(`scale deployment ${RALPH} --replicas=${Math.max(1, replicas)}`),
  ];
  return { ...report, restored: { ...tried, next } };
}

interface Trial {
  readonly client: ClusterClient;
  readonly namespace: string;
  readonly snapshot: VolumeSnapshot;
  readonly workers: V1Deployment;
  readonly drill: boolean;
  readonly say: (text: string) => void;
  readonly interval?: number;
}

/** Makes a claim from the snapshot and reads it. What is not to be kept is deleted, on Ctrl-C too. */
async function tryOut(trial: Trial): Promise<Omit<Restored, "next">> {
  const { client, namespace, snapshot, drill, say, interval } = trial;
  const began = Date.now();
  const sandbox = new Sandbox(client, namespace, randomBytes(3).toString("hex"), interval);
  const spec = await claimFrom(client, namespace, snapshot);
  const kept = drill ? undefined : await keptClaim(trial, spec);
  const name = kept?.name ?? sandbox.name("restore");
  let good = false;
  try {
    say(`Restoring ${snapshot.metadata.name} to claim ${name} ...`);
    const job = await sandbox.start({
      what: "restore",
      labels: BACKUP_LABELS,
      deadline: PATIENCE,
      pod: checkPod(trial, name),
    });
    if (drill) await sandbox.claim("restore", job, spec);
    const { ended, ...files } = await sandbox.report<ManifestReport>(job, PATIENCE);
    good = files.damaged === 0;
    return {
      snapshot: snapshot.metadata.name,
      taken: snapshot.metadata.creationTimestamp ?? "",
      mountedAfter: ended.startedAfter,
      seconds: Math.round((Date.now() - began) / 1000),
      files,
      ...(drill || !good ? {} : { claim: name }),
    };
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error;
    throw new ToolError(`snapshot ${snapshot.metadata.name} was not restored: ${error.message}`);
  } finally {
    const left = await sandbox.close({ wait: drill && !interruption.aborted });
    for (const volume of left)
      say(`Volume ${volume} still exists: kubectl describe persistentvolume ${volume}`);
    // One that was there before, from an earlier call, may be in use.
    if (kept?.isNew === true && !good) await unlessAbsent(client.delete(kept.path));
  }
}

/** The claim of a restore. It has the snapshot's name, so that a repeated call finds it. */
async function keptClaim(
  { client, namespace, snapshot }: Trial,
  spec: V1PersistentVolumeClaim["spec"],
): Promise<{ readonly name: string; readonly path: string; readonly isNew: boolean }> {
  const { name } = snapshot.metadata;
  const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  const path = `${claims}/${name}`;
  const existing = await unlessAbsent(client.get<V1PersistentVolumeClaim>(path));
  if (existing === undefined) {
    await client.create(claims, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace },
      spec,
    });
    return { name, path, isNew: true };
  }
  if (existing.spec?.dataSource?.name !== name)
    throw new ToolError(`claim ${name} exists, and is not made from the snapshot of that name`);
  return { name, path, isNew: false };
}

/** A pod of the workers' image that compares the volume with its manifest. */
function checkPod({ workers, snapshot }: Trial, claim: string): V1PodSpec {
  const { labels = {}, annotations = {} } = snapshot.metadata;
  const variables: CheckVariables = {
    RALPH_BACKUP_KIND: labels[BACKUP_KIND_LABEL] ?? "",
    RALPH_BACKUP_MANIFEST: annotations[BACKUP_ANNOTATIONS.manifest] ?? "",
  };
  const pod = programPod(workers, {
    program: "",
    env: { ...variables },
    volume: { claim, path: MOUNTS.workspace },
  });
  return {
    ...pod,
    containers: pod.containers.map((container) => ({
      ...container,
      command: undefined,
      args: [BACKUP, BACKUP_CHECK],
    })),
  };
}
