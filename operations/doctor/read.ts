import type { V1PodSpec, V1Secret } from "@kubernetes/client-node";

import { APP_LABELS } from "../../workload/names";
import { type ClusterClient, Refusal, unlessAbsent } from "../cluster/client";
import type { Need, Objects } from "./types";

/** What could not be read, with the reason. */
export type Unreadable = ReadonlyMap<Need, string>;

export interface Read {
  /** Lacks whatever could not be read: checks that need it are skipped. */
  readonly objects: Partial<Objects>;
  readonly unreadable: Unreadable;
}

const SELECTOR = `labelSelector=${encodeURIComponent(`app=${APP_LABELS.app}`)}`;

/** Paths of the lists; everything else is read by name, below. */
const LISTS = (namespace: string): Partial<Record<Need, string>> => {
  const own = (group: string, resource: string): string => `${group}/namespaces/${namespace}/${resource}`;
  return {
    deployments: own("/apis/apps/v1", "deployments"),
    pods: own("/api/v1", `pods?${SELECTOR}`),
    jobs: own("/apis/batch/v1", "jobs"),
    cronJobs: own("/apis/batch/v1", "cronjobs"),
    events: own("/api/v1", "events"),
    claims: own("/api/v1", "persistentvolumeclaims"),
    quotas: own("/api/v1", "resourcequotas"),
    autoscalers: own("/apis/autoscaling/v2", "horizontalpodautoscalers"),
    networkPolicies: own("/apis/networking.k8s.io/v1", "networkpolicies"),
    configMaps: own("/api/v1", `configmaps?${SELECTOR}`),
    storageClasses: "/apis/storage.k8s.io/v1/storageclasses",
    nodes: "/api/v1/nodes",
    systemPods: "/api/v1/namespaces/kube-system/pods",
    systemDaemonSets: "/apis/apps/v1/namespaces/kube-system/daemonsets",
  };
};

/**
 * Reads everything at once.
 *
 * @throws Unreachable if the server stops answering
 */
export async function read(client: ClusterClient, namespace: string): Promise<Read> {
  const objects: Record<string, unknown> = {};
  const unreadable = new Map<Need, string>();
  async function keep(kind: Need, answer: Promise<unknown>): Promise<void> {
    try {
      objects[kind] = await answer;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      unreadable.set(kind, error.message);
    }
  }

  const lists = Object.entries(LISTS(namespace)) as [Need, string][];
  await Promise.all([
    ...lists.map(([kind, path]) => keep(kind, client.list(path))),
    // By name, which a role in the namespace may allow.
    keep(
      "namespaces",
      unlessAbsent(client.get(`/api/v1/namespaces/${namespace}`)).then((found) => (found ? [found] : [])),
    ),
    keep(
      "serverVersion",
      client.get<{ gitVersion: string }>("/version").then(({ gitVersion }) => gitVersion),
    ),
    keep("externalSecrets", readExternalSecrets(client, namespace)),
    client.get("/apis/metrics.k8s.io/v1beta1").then(
      () => (objects.metricsApi = true),
      (error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        objects.metricsApi = false;
      },
    ),
  ]);
  await keep("secrets", readSecrets(client, namespace, objects as Partial<Objects>));
  return { objects: objects as Partial<Objects>, unreadable };
}

/** The Secrets that pods and their templates name, one at a time: no permission to list all of them is needed. */
async function readSecrets(
  client: ClusterClient,
  namespace: string,
  objects: Partial<Objects>,
): Promise<Objects["secrets"]> {
  const secrets = new Map<string, V1Secret | undefined>();
  for (const name of secretNames(objects)) {
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    secrets.set(name, await unlessAbsent(client.get<V1Secret>(path)));
  }
  return secrets;
}

/** Any user may ask which kinds there are: a cluster without this one needs no permission for it. */
async function readExternalSecrets(
  client: ClusterClient,
  namespace: string,
): Promise<Objects["externalSecrets"]> {
  const group = "/apis/external-secrets.io/v1";
  return (await unlessAbsent(client.get(group))) === undefined
    ? []
    : client.list(`${group}/namespaces/${namespace}/externalsecrets?${SELECTOR}`);
}

/** Specs of the existing pods, and of those that controllers will create. */
export const podSpecs = ({ pods, deployments, jobs, cronJobs }: Partial<Objects>): V1PodSpec[] =>
  [
    ...(deployments ?? []).map(({ spec }) => spec?.template.spec),
    ...(jobs ?? []).map(({ spec }) => spec?.template.spec),
    ...(cronJobs ?? []).map(({ spec }) => spec?.jobTemplate.spec?.template.spec),
    ...(pods ?? []).map(({ spec }) => spec),
  ].filter((spec) => spec !== undefined);

/** Names of the Secrets from which a pod takes environment variables. */
export const variableSecrets = (spec: V1PodSpec): string[] =>
  spec.containers.flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
    ...env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
  ]);

/** Names of the Secrets with which a pod pulls its image. */
export const pullSecrets = (spec: V1PodSpec): string[] =>
  (spec.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);

const secretNames = (objects: Partial<Objects>): Set<string> =>
  new Set(podSpecs(objects).flatMap((spec) => [...variableSecrets(spec), ...pullSecrets(spec)]));
