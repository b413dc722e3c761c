import type { Live } from "./kubectl";
import { everything, get, list } from "./kubectl";

/** Name of a stack's object in a namespace that all stacks share. */
const elsewhere = (name: string, namespace: string): string =>
  namespace === "ralph-orchestrator" ? name : `${name}-${namespace}`;

/**
 * Objects without what a server, its controllers or the client add to them: what is left is the meaning of the
 * manifest. Objects that controllers own are left out.
 */
export async function meaning(namespace: string): Promise<Map<string, Normal>> {
  const objects = [
    ...(await list("namespaces")).filter(({ metadata }) => metadata.name === namespace),
    ...(await everything(namespace)),
    await get("configmap", elsewhere("prometheus-config", namespace), "monitoring"),
    await get("application", elsewhere("ralph-orchestrator", namespace), "argocd"),
  ].filter((object) => object !== undefined);
  return new Map(objects.filter(isOurs).map((object) => [key(object), normal(object)]));
}

export type Normal = Readonly<Record<string, unknown>>;

/** Kind and name. */
export const key = ({ kind, metadata }: Pick<Live, "kind" | "metadata">): string =>
  `${kind}/${metadata.name}`;

/** What every namespace or Service has automatically. */
const AUTOMATIC = [
  "ConfigMap/kube-root-ca.crt",
  "ServiceAccount/default",
  "Endpoints/ralph-metrics",
  "Endpoints/ralph-status",
];

const isOurs = (object: Live): boolean =>
  object.metadata.ownerReferences === undefined && !AUTOMATIC.includes(key(object));

/** Patterns of dotted paths; a key that contains dots counts as one step. */
const WRITTEN_BY_THE_SERVER = [
  /^status$/,
  /^metadata\.(uid|resourceVersion|creationTimestamp|generation|managedFields|finalizers)$/,
  /^metadata\.annotations\.(deployment\.kubernetes\.io|(pv|volume)(\.beta)?\.kubernetes\.io)\/.*/,
  // A namespace's finalizers.
  /^spec\.finalizers$/,
  // Assigned: an address, a disk.
  /^spec\.(clusterIPs?|volumeName)$/,
  // A Job finds its pods by its own uid.
  /^spec\.selector\.matchLabels\.batch\.kubernetes\.io\/controller-uid$/,
  /^(spec\.template\.)?metadata\.labels\.(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/,
];

/** An object without what the server writes, and without the maps that this leaves empty. */
export function normal(object: object, also: readonly RegExp[] = []): Normal {
  return strip(object, "", [...WRITTEN_BY_THE_SERVER, ...also]) as Normal;
}

function strip(value: unknown, at: string, patterns: readonly RegExp[]): unknown {
  if (Array.isArray(value)) return value.map((entry, i) => strip(entry, `${at}[${i}]`, patterns));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const path = at === "" ? key : `${at}.${key}`;
      if (patterns.some((pattern) => pattern.test(path))) return [];
      const kept = strip(inner, path, patterns);
      const emptied = isEmpty(kept) && !isEmpty(inner);
      return emptied ? [] : [[key, kept]];
    }),
  );
}

const isEmpty = (value: unknown): boolean =>
  value !== null && typeof value === "object" && Object.keys(value).length === 0;
