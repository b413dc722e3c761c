import type { Resource } from "../engine/state";
import type { ClusterApi, Kind, Live } from "./api";
import { hasOwnCluster } from "./own";

/** What of a cluster a stack takes with it. */
export interface Scope {
  /** Namespaces that the stack made: whatever is in them goes. */
  readonly namespaces: ReadonlySet<string>;
  /** Whether the cluster itself goes: then everything in it that stands for something in the cloud does. */
  readonly wholeCluster: boolean;
  /** `Kind namespace/name` of each object that the engine itself deletes, with its URN. */
  readonly managed: ReadonlyMap<string, string>;
}

/** Made by somebody else, and in the way: in the order in which it goes. */
interface InTheWay extends Kind {
  /** Whether an object of the kind counts; all do by default. */
  readonly where?: (object: Live) => boolean;
  /** Whether it counts outside the stack's namespaces too, where the whole cluster goes. */
  readonly everywhere: boolean;
}

const CLAIM = { apiVersion: "v1", kind: "PersistentVolumeClaim" };
const POD = { apiVersion: "v1", kind: "Pod" };
const VOLUME = { apiVersion: "v1", kind: "PersistentVolume" };

const KINDS: readonly InTheWay[] = [
  // What would make anew what goes.
  { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", everywhere: false },
  { apiVersion: "batch/v1", kind: "CronJob", everywhere: false },
  // Nodes drain before their pool goes, and a budget stops them. Those of the system are made anew at once.
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    where: ({ metadata: { namespace } }) => namespace?.startsWith("kube-") !== true,
    everywhere: true,
  },
  // What stands for a load balancer: the cluster's controller has to take it down.
  { apiVersion: "networking.k8s.io/v1", kind: "Ingress", everywhere: true },
  {
    apiVersion: "v1",
    kind: "Service",
    where: ({ spec }) => spec?.type === "LoadBalancer",
    everywhere: true,
  },
  // What stands for a disk: its driver has to.
  { ...CLAIM, everywhere: true },
];

/** What has to go that the engine does not know of. */
export interface Outside {
  /** In the order of their deletion. */
  readonly objects: readonly Live[];
  /** URNs of what the engine knows and what has to go first, for it holds a claim that has to go. */
  readonly holders: readonly string[];
}

export function scopeOf(resources: readonly Resource[]): Scope {
  const objects = resources.filter(({ type, id }) => type.startsWith("kubernetes:") && id !== undefined);
  const idOf = ({ id = "" }: Resource): string => id;
  return {
    namespaces: new Set(objects.filter(({ type }) => type === "kubernetes:core/v1:Namespace").map(idOf)),
    wholeCluster: hasOwnCluster(resources),
    managed: new Map(
      objects.map((resource) => [`${resource.type.split(":")[2]} ${idOf(resource)}`, resource.urn] as const),
    ),
  };
}

/** Name of an object, as `kubectl` takes it, with its namespace. */
export const called = ({ kind, metadata: { name, namespace } }: Live): string =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

/** Finds them; nothing is changed. */
export async function findOutside(api: ClusterApi, scope: Scope): Promise<Outside> {
  const found = (await Promise.all(KINDS.map((kind) => inScope(api, kind, scope)))).flat();
  const objects = found.filter((object) => !scope.managed.has(called(object)));

  const claims = new Set(found.filter(({ kind }) => kind === CLAIM.kind).map(called));
  const pods = (await api.list(POD)).filter((pod) => mounted(pod).some((claim) => claims.has(claim)));
  const holders = await Promise.all(pods.map((pod) => topOwner(api, pod, scope.managed)));
  const unmanaged = holders.flatMap((holder) => (typeof holder === "string" ? [] : [holder]));

  const last = objects.filter(({ kind }) => kind === CLAIM.kind);
  return {
    objects: unique([...objects.filter((object) => !last.includes(object)), ...unmanaged, ...last]),
    holders: [...new Set(holders.filter((holder) => typeof holder === "string"))],
  };
}

const unique = (objects: readonly Live[]): Live[] => [
  ...new Map(objects.map((object) => [called(object), object])).values(),
];

async function inScope(api: ClusterApi, kind: InTheWay, scope: Scope): Promise<Live[]> {
  return (await api.list(kind)).filter(
    (object) =>
      (scope.namespaces.has(object.metadata.namespace ?? "") || (kind.everywhere && scope.wholeCluster)) &&
      (kind.where?.(object) ?? true),
  );
}

const mounted = ({ metadata: { namespace }, spec }: Live): string[] =>
  ((spec?.volumes ?? []) as { persistentVolumeClaim?: { claimName: string } }[]).flatMap(
    ({ persistentVolumeClaim: claim }) =>
      claim === undefined ? [] : [`${CLAIM.kind} ${namespace}/${claim.claimName}`],
  );

/** What would make the pod anew: an object, or the URN of one that the engine knows. */
async function topOwner(
  api: ClusterApi,
  object: Live,
  managed: ReadonlyMap<string, string>,
): Promise<Live | string> {
  const urn = managed.get(called(object));
  if (urn !== undefined) return urn;
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const above = owner && (await api.get(owner, owner.name, object.metadata.namespace));
  return above === undefined ? object : topOwner(api, above, managed);
}

/** What a controller of the cluster still has to take down in the cloud. */
export interface Remains {
  readonly objects: readonly Live[];
  /** Volumes whose class or owner wants them kept: their disks stay. */
  readonly kept: readonly Live[];
}

/** What is left of load balancers and disks, once claims and Services are deleted. */
export async function remains(api: ClusterApi, scope: Scope): Promise<Remains> {
  const ways = KINDS.filter(({ kind }) => ["Ingress", "Service", CLAIM.kind].includes(kind));
  const [volumes, ...lists] = await Promise.all([
    api.list(VOLUME),
    ...ways.map((kind) => inScope(api, kind, scope)),
  ]);
  const ours = volumes.filter(
    ({ spec }) => scope.wholeCluster || scope.namespaces.has(spec?.claimRef?.namespace as string),
  );
  const kept = ours.filter(({ spec }) => spec?.persistentVolumeReclaimPolicy !== "Delete");
  return { objects: [...lists.flat(), ...ours.filter((volume) => !kept.includes(volume))], kept };
}
