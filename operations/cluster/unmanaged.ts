import { BACKUP_KIND_LABEL, type BackupKind, SNAPSHOT_GROUP } from "../../runner/src/contract";
import type { Resource } from "../engine/state";
import { type ClusterObjects, type Kind, type Live, qualifiedName } from "./objects";
import { ownOperations } from "./own";

/** The part of a cluster that is deleted with a stack. */
export interface Scope {
  /** Namespaces that the stack created: everything in them is deleted. */
  readonly namespaces: ReadonlySet<string>;
  /** Whether the cluster itself is deleted, and with it everything that stands for a cloud resource. */
  readonly wholeCluster: boolean;
  /** Labels of the objects that the cloud recreates, and deletes with the cluster. */
  readonly addonLabels: Readonly<Record<string, string>>;
  /** URN of each object that the engine deletes itself, by its qualified name. */
  readonly managed: ReadonlyMap<string, string>;
}

/** A kind of object that blocks the deletion of the cloud's resources. */
interface Blocker extends Kind {
  /** Whether an object of the kind counts. Default: all do. */
  readonly where?: (object: Live) => boolean;
  /** Whether it counts outside the stack's namespaces too, if the whole cluster is deleted. */
  readonly everywhere: boolean;
}

const CLAIM = { apiVersion: "v1", kind: "PersistentVolumeClaim" };
const POD = { apiVersion: "v1", kind: "Pod" };
const VOLUME = { apiVersion: "v1", kind: "PersistentVolume" };
const SNAPSHOT = { apiVersion: `${SNAPSHOT_GROUP}/v1`, kind: "VolumeSnapshot" };
const SNAPSHOT_CONTENT = { ...SNAPSHOT, kind: "VolumeSnapshotContent" };

/** In the order of their deletion. */
const BLOCKERS: readonly Blocker[] = [
  // These would recreate what is deleted.
  { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", everywhere: false },
  { apiVersion: "batch/v1", kind: "CronJob", everywhere: false },
  // Nodes are drained before their pool is deleted, and a budget stops that. System ones are recreated at once.
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    where: ({ metadata: { namespace } }) => namespace?.startsWith("kube-") !== true,
    everywhere: true,
  },
  // These stand for a load balancer, which a controller in the cluster has to delete.
  { apiVersion: "networking.k8s.io/v1", kind: "Ingress", everywhere: true },
  {
    apiVersion: "v1",
    kind: "Service",
    where: ({ spec }) => spec?.type === "LoadBalancer",
    everywhere: true,
  },
  // A snapshot stands for one in the cloud, which its driver has to delete.
  { ...SNAPSHOT, everywhere: true },
  // A claim stands for a disk, which its driver has to delete.
  { ...CLAIM, everywhere: true },
];

/** What must be deleted and is not in the stack's state. */
export interface Unmanaged {
  /** In the order of their deletion. */
  readonly objects: readonly Live[];
  /** URNs of the stack's own resources that hold a claim, and so must be deleted first. */
  readonly holders: readonly string[];
}

export function scopeOf(resources: readonly Resource[]): Scope {
  const objects = resources.filter(({ type, id }) => type.startsWith("kubernetes:") && id !== undefined);
  const idOf = ({ id = "" }: Resource): string => id;
  const own = ownOperations(resources);
  return {
    namespaces: new Set(objects.filter(({ type }) => type === "kubernetes:core/v1:Namespace").map(idOf)),
    wholeCluster: own !== undefined,
    addonLabels: own?.addonLabels ?? {},
    managed: new Map(
      objects.map((resource) => [`${resource.type.split(":")[2]} ${idOf(resource)}`, resource.urn] as const),
    ),
  };
}

/** Finds what must be deleted and is not in the state. Changes nothing. */
export async function findUnmanaged(cluster: ClusterObjects, scope: Scope): Promise<Unmanaged> {
  const found = (await Promise.all(BLOCKERS.map((kind) => inScope(cluster, kind, scope)))).flat();
  const objects = found.filter((object) => !scope.managed.has(qualifiedName(object)));

  const claims = new Set(found.filter(({ kind }) => kind === CLAIM.kind).map(qualifiedName));
  const pods = (await cluster.list(POD)).filter((pod) => mounted(pod).some((claim) => claims.has(claim)));
  const holders = await Promise.all(pods.map((pod) => topOwner(cluster, pod, scope.managed)));
  const unmanaged = holders.flatMap((holder) => (typeof holder === "string" ? [] : [holder]));

  const last = objects.filter(({ kind }) => kind === CLAIM.kind);
  return {
    objects: unique([...objects.filter((object) => !last.includes(object)), ...unmanaged, ...last]),
    holders: [...new Set(holders.filter((holder) => typeof holder === "string"))],
  };
}

const unique = (objects: readonly Live[]): Live[] => [
  ...new Map(objects.map((object) => [qualifiedName(object), object])).values(),
];

async function inScope(cluster: ClusterObjects, kind: Blocker, scope: Scope): Promise<Live[]> {
  return (await cluster.list(kind)).filter(
    (object) =>
      (scope.namespaces.has(object.metadata.namespace ?? "") || (kind.everywhere && scope.wholeCluster)) &&
      !isOfAddon(object, scope) &&
      (kind.where?.(object) ?? true),
  );
}

const isOfAddon = ({ metadata: { labels } }: Live, { addonLabels }: Scope): boolean => {
  const needed = Object.entries(addonLabels);
  return needed.length > 0 && needed.every(([key, value]) => labels?.[key] === value);
};

/** Qualified names of the claims that a pod mounts. */
const mounted = ({ metadata: { namespace }, spec }: Live): string[] =>
  ((spec?.volumes ?? []) as { persistentVolumeClaim?: { claimName: string } }[]).flatMap(
    ({ persistentVolumeClaim: claim }) =>
      claim === undefined ? [] : [`${CLAIM.kind} ${namespace}/${claim.claimName}`],
  );

/** What would recreate the pod: an object, or the URN of one that the engine manages. */
async function topOwner(
  cluster: ClusterObjects,
  object: Live,
  managed: ReadonlyMap<string, string>,
): Promise<Live | string> {
  const urn = managed.get(qualifiedName(object));
  if (urn !== undefined) return urn;
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const above = owner && (await cluster.get(owner, owner.name, object.metadata.namespace));
  return above === undefined ? object : topOwner(cluster, above, managed);
}

/** What the cluster's controllers have not deleted in the cloud yet. */
export interface PendingDeletions {
  readonly objects: readonly Live[];
  /** Volumes that are retained by their class or their owner: their disks are kept. */
  readonly kept: readonly Live[];
}

/** Finds the load balancers and disks that still exist after claims and Services have been deleted. */
export async function pendingDeletions(cluster: ClusterObjects, scope: Scope): Promise<PendingDeletions> {
  const kinds = BLOCKERS.filter(({ kind }) =>
    ["Ingress", "Service", SNAPSHOT.kind, CLAIM.kind].includes(kind),
  );
  const [volumes, contents, ...lists] = await Promise.all([
    cluster.list(VOLUME),
    cluster.list(SNAPSHOT_CONTENT),
    ...kinds.map((kind) => inScope(cluster, kind, scope)),
  ]);
  const isOurs = (namespace: unknown): boolean =>
    scope.wholeCluster || scope.namespaces.has(namespace as string);
  const ours = volumes.filter(({ spec }) => isOurs(spec?.claimRef?.namespace));
  const kept = ours.filter(({ spec }) => spec?.persistentVolumeReclaimPolicy !== "Delete");
  const snapshots = contents.filter(
    ({ spec }) => isOurs(spec?.volumeSnapshotRef?.namespace) && spec?.deletionPolicy === "Delete",
  );
  return {
    objects: [...lists.flat(), ...snapshots, ...ours.filter((volume) => !kept.includes(volume))],
    kept,
  };
}

/**
 * Has the driver keep copies of backups when their objects are deleted.
 *
 * @param objects what will be deleted
 * @returns their contents
 */
export async function keepCopies(cluster: ClusterObjects, objects: readonly Live[]): Promise<Live[]> {
  const copies = objects.filter(
    ({ kind, metadata: { labels } }) =>
      kind === SNAPSHOT.kind && labels?.[BACKUP_KIND_LABEL] === ("copy" satisfies BackupKind),
  );
  const contents: Live[] = [];
  for (const { status } of copies) {
    const name = status?.boundVolumeSnapshotContentName as string | undefined;
    const content = name === undefined ? undefined : await cluster.get(SNAPSHOT_CONTENT, name);
    if (content === undefined) continue;
    await cluster.patch(content, { spec: { deletionPolicy: "Retain" } });
    contents.push(content);
  }
  return contents;
}
