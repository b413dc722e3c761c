import { APP_LABELS } from "../../workload/names";
import type { Resource } from "../engine/state";
import { type ClusterObjects, type Kind, type Live, qualifiedName } from "./objects";
import { scopeOf } from "./unmanaged";

const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const CONFIG_MAP: Kind = { apiVersion: "v1", kind: "ConfigMap" };

/**
 * Finds what others on a shared cluster lose with a stack that has installed the Prometheus Operator: their objects of the
 * operator's kinds, which Kubernetes deletes with the kinds, and what other stacks have in the operator's namespace.
 */
export async function heldByOthers(
  cluster: ClusterObjects,
  resources: readonly Resource[],
): Promise<readonly Live[]> {
  const { managed, namespaces, wholeCluster } = scopeOf(resources);
  const kinds = resources.filter(({ type }) => type === CRD).flatMap(kindOf);
  if (wholeCluster || kinds.length === 0) return [];
  const objects = (await Promise.all(kinds.map((kind) => cluster.list(kind)))).flat();
  const ralphs = (
    await Promise.all([...namespaces].map((namespace) => cluster.list(CONFIG_MAP, namespace)))
  ).flat();
  return [
    ...objects.filter(({ metadata: { namespace = "" } }) => !namespaces.has(namespace)),
    ...ralphs.filter(({ metadata: { labels } }) => labels?.app === APP_LABELS.app),
  ].filter(
    // What a controller created for another object is deleted, and created, with that.
    (object) => !managed.has(qualifiedName(object)) && object.metadata.ownerReferences === undefined,
  );
}

interface Definition {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

function kindOf({ inputs }: Resource): Kind[] {
  const { group, names, versions } = inputs?.spec as Definition;
  const served = versions.find((version) => version.served);
  return served === undefined ? [] : [{ apiVersion: `${group}/${served.name}`, kind: names.kind }];
}
