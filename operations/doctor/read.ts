import type { V1PodSpec, V1Secret } from "@kubernetes/client-node";

import { type Server, Unreachable } from "./server";
import type { Kind, Objects } from "./types";

/** What could not be read, and why. */
export type Unreadable = ReadonlyMap<Kind, string>;

export interface Read {
  /** Of a kind that could not be read nothing is here: no check that needs it may look. */
  readonly objects: Partial<Objects>;
  readonly unreadable: Unreadable;
}

const RALPH = `labelSelector=${encodeURIComponent("app=ralph-orchestrator")}`;

/** Where the lists are; what is not a list is read below. */
const LISTS = (namespace: string): Partial<Record<Kind, string>> => {
  const own = (group: string, resource: string): string => `${group}/namespaces/${namespace}/${resource}`;
  return {
    deployments: own("/apis/apps/v1", "deployments"),
    pods: own("/api/v1", `pods?${RALPH}`),
    jobs: own("/apis/batch/v1", "jobs"),
    cronJobs: own("/apis/batch/v1", "cronjobs"),
    events: own("/api/v1", "events"),
    claims: own("/api/v1", "persistentvolumeclaims"),
    quotas: own("/api/v1", "resourcequotas"),
    autoscalers: own("/apis/autoscaling/v2", "horizontalpodautoscalers"),
    networkPolicies: own("/apis/networking.k8s.io/v1", "networkpolicies"),
    configMaps: own("/api/v1", `configmaps?${RALPH}`),
    storageClasses: "/apis/storage.k8s.io/v1/storageclasses",
    nodes: "/api/v1/nodes",
    systemPods: "/api/v1/namespaces/kube-system/pods",
    systemDaemonSets: "/apis/apps/v1/namespaces/kube-system/daemonsets",
  };
};

/** Objects of one answer. */
const PAGE = 500;

/**
 * Reads all of it at once.
 *
 * @throws Unreachable where the server does not answer, or knows nobody by these credentials
 */
export async function read(server: Server, namespace: string): Promise<Read> {
  // First alone: where nobody answers, this is said once.
  const { code } = await server.get("/version");
  if (code === 401) throw new Unreachable(`${server.address} does not accept the credentials (401)`);

  const objects: Record<string, unknown> = {};
  const unreadable = new Map<Kind, string>();
  const entries = Object.entries(LISTS(namespace)) as [Kind, string][];
  await Promise.all([
    ...entries.map(async ([kind, path]) => {
      const found = await list(server, path);
      if (typeof found === "string") unreadable.set(kind, found);
      else objects[kind] = found;
    }),
    // By name: that much a role in the namespace allows.
    server.get(`/api/v1/namespaces/${namespace}`).then(({ code, body }) => {
      if (code === 200 || code === 404) objects.namespaces = code === 200 ? [body] : [];
      else unreadable.set("namespaces", refusal(code, body));
    }),
    server.get("/apis/metrics.k8s.io/v1beta1").then((answer) => {
      objects.metricsApi = answer.code === 200;
    }),
  ]);

  const secrets = await readSecrets(server, namespace, objects as Partial<Objects>);
  if (typeof secrets === "string") unreadable.set("secrets", secrets);
  else objects.secrets = secrets;
  return { objects: objects as Partial<Objects>, unreadable };
}

const refusal = (code: number, body: unknown): string =>
  `${code} ${(body as { message?: string }).message ?? ""}`.trim();

/** All pages, or why there are none. */
async function list(server: Server, path: string): Promise<unknown[] | string> {
  const found: unknown[] = [];
  for (let next = ""; ;) {
    const more = `${path.includes("?") ? "&" : "?"}limit=${PAGE}${next === "" ? "" : `&continue=${encodeURIComponent(next)}`}`;
    const { code, body } = await server.get(path + more);
    const {
      items = [],
      metadata,
      message,
    } = body as {
      items?: unknown[];
      metadata?: { continue?: string };
      message?: string;
    };
    if (code !== 200) return `${code} ${message ?? ""}`.trim();
    found.push(...items);
    next = metadata?.continue ?? "";
    if (next === "") return found;
  }
}

/** The Secrets that pods and their templates name, one by one: nobody need let anybody list all of them. */
async function readSecrets(
  server: Server,
  namespace: string,
  objects: Partial<Objects>,
): Promise<Objects["secrets"] | string> {
  const secrets = new Map<string, V1Secret | undefined>();
  for (const name of secretNames(objects)) {
    const { code, body } = await server.get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
    if (code !== 200 && code !== 404) return refusal(code, body);
    secrets.set(name, code === 200 ? (body as V1Secret) : undefined);
  }
  return secrets;
}

/** The pods' specs: of those that there are, and of those to come. */
export const podSpecs = ({ pods, deployments, jobs, cronJobs }: Partial<Objects>): V1PodSpec[] =>
  [
    ...(deployments ?? []).map(({ spec }) => spec?.template.spec),
    ...(jobs ?? []).map(({ spec }) => spec?.template.spec),
    ...(cronJobs ?? []).map(({ spec }) => spec?.jobTemplate.spec?.template.spec),
    ...(pods ?? []).map(({ spec }) => spec),
  ].filter((spec) => spec !== undefined);

/** Names of the Secrets that a pod reads its variables from. */
export const variableSecrets = (spec: V1PodSpec): string[] =>
  spec.containers.flatMap(({ envFrom = [] }) => envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []));

/** Names of the Secrets with which its image is pulled. */
export const pullSecrets = (spec: V1PodSpec): string[] =>
  (spec.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);

const secretNames = (objects: Partial<Objects>): Set<string> =>
  new Set(podSpecs(objects).flatMap((spec) => [...variableSecrets(spec), ...pullSecrets(spec)]));
