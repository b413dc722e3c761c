import type { V1Job, V1StorageClass } from "@kubernetes/client-node";

import { unlessAbsent } from "../../cluster/client";
import { programPod } from "../probe";
import { exchange, VOLUME } from "../programs";
import { type Check, type Context, failed, passed, type Result, skipped } from "../types";

/** A file share takes minutes to create, and a node may have to be added. */
const PATIENCE_SECONDS = 900;
/** Drivers round it up to the smallest volume of the class. */
const SIZE = "10Gi";
/** A share may keep what it has read for a minute. */
const EXCHANGE_MILLISECONDS = 150_000;

interface Reported {
  readonly node: string;
  readonly ms: number;
}

export const rwo: Check = {
  name: "volume",
  shows: "a disk of the stack's class is created, written, and read by a later pod",
  runsPods: true,
  run: (context) => onClass(context, context.traits.storageClass.rwo, oneAfterTheOther),
};

export const rwx: Check = {
  name: "shared volume",
  shows: "two pods have one volume of the stack's shared class at once, and read what the other writes",
  runsPods: true,
  async run(context) {
    const { rwx: name } = context.traits.storageClass;
    return name === undefined
      ? skipped("the stack has no class for shared volumes")
      : onClass(context, name, atOnce);
  },
};

async function onClass(
  { client, ...context }: Context,
  name: string,
  use: (context: Context, storageClass: string) => Promise<Result>,
): Promise<Result> {
  const found = await unlessAbsent(
    client.get<V1StorageClass>(`/apis/storage.k8s.io/v1/storageclasses/${name}`),
  );
  if (found === undefined)
    return failed(`the cluster has no storage class ${name}`, "kubectl get storageclasses");
  if ((found.reclaimPolicy ?? "Delete") !== "Delete")
    return skipped(`storage class ${name} keeps its volumes, so a test would leave one behind`);
  return use({ client, ...context }, name);
}

/** A probe that writes one file on the volume and reads another. */
const start = (
  { sandbox, workers }: Context,
  volume: string,
  [what, writes, reads]: readonly [what: string, writes: string, reads: string],
): Promise<V1Job> => {
  const pod = programPod(workers, {
    program: exchange,
    env: { WRITES: writes, READS: reads, TOKEN: sandbox.run, PATIENCE: String(EXCHANGE_MILLISECONDS) },
    volume: { claim: sandbox.name(volume), path: VOLUME },
  });
  return sandbox.start({ what, deadline: PATIENCE_SECONDS, pod });
};

const claimOf = (storageClassName: string, mode: string) => ({
  storageClassName,
  accessModes: [mode],
  resources: { requests: { storage: SIZE } },
});

async function oneAfterTheOther(context: Context, storageClass: string): Promise<Result> {
  const { sandbox } = context;
  const first = await start(context, "disk", ["disk-write", "a", "a"]);
  await sandbox.claim("disk", first, claimOf(storageClass, "ReadWriteOnce"));
  const { ended } = await sandbox.report<Reported>(first, PATIENCE_SECONDS);
  const second = await start(context, "disk", ["disk-read", "b", "a"]);
  await sandbox.report<Reported>(second, PATIENCE_SECONDS);
  return passed(`${storageClass}: mounted after ${ended.startedAfter} s, and its file outlived the pod`);
}

async function atOnce(context: Context, storageClass: string): Promise<Result> {
  const { sandbox } = context;
  const first = await start(context, "share", ["share-a", "a", "b"]);
  await sandbox.claim("share", first, claimOf(storageClass, "ReadWriteMany"));
  const second = await start(context, "share", ["share-b", "b", "a"]);
  const reports = await Promise.all(
    [first, second].map((job) => sandbox.report<Reported>(job, PATIENCE_SECONDS)),
  );
  const nodes = new Set(reports.map(({ node }) => node)).size;
  const slowest = Math.max(...reports.map(({ ended }) => ended.startedAfter));
  return passed(
    `${storageClass}: mounted after ${slowest} s by two pods on ${nodes === 1 ? "one node" : "two nodes"}`,
  );
}
