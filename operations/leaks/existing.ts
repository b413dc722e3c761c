import { context } from "../../clusters/existing";
import { KubeconfigError } from "../../clusters/kubeconfig";
import { openCluster, Unreachable } from "../cluster/client";
import { clusterObjects, type ClusterObjects, type Kind } from "../cluster/objects";
import type { Resource } from "../engine/state";
import type { Place } from "../place";
import { type LeakReport, shell } from "./query";

const ABOUT = "namespace";
const NAMESPACE: Kind = { apiVersion: "v1", kind: "Namespace" };
/** Of each the program makes some in its namespace; one is enough to say that the namespace is in use. */
const CONTENT: readonly Kind[] = ["Secret", "PersistentVolumeClaim", "Pod", "Service"].map((kind) => ({
  apiVersion: "v1",
  kind,
}));

/**
 * What a stack can have left on a cluster that stays: its namespace, where the provider died after it had made it
 * and before it told the engine. It is empty then, for everything else waits for it, and nobody but Pulumi has
 * touched it: any other may be somebody's, and is not named.
 *
 * @returns undefined where there is nothing to ask about: its namespace is in the state
 */
export async function leftInCluster(
  { existing, stack }: Place,
  known: readonly Resource[],
): Promise<LeakReport | undefined> {
  if (existing === undefined || known.some(({ type }) => type === "kubernetes:core/v1:Namespace"))
    return undefined;
  const { namespace, kubeconfig, context: name } = existing;
  try {
    const { kubeconfig: text } = context(existing);
    const cluster = clusterObjects(await openCluster({ kubeconfig: text }));
    const where = [...option("--kubeconfig", kubeconfig), ...option("--context", name)];
    const remove = [shell(["kubectl", "delete", "namespace", namespace, ...where])];
    const left = await isRemnant(cluster, namespace);
    return { leftovers: left ? [{ what: ABOUT, id: namespace, remove }] : [], unseen: [], looked: [ABOUT] };
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof KubeconfigError)) throw error;
    const fix = `mend the access, then: ./ralphctl leaks --stack ${stack}`;
    return { leftovers: [], unseen: [{ about: ABOUT, reason: error.message, fix }], looked: [] };
  }
}

async function isRemnant(cluster: ClusterObjects, name: string): Promise<boolean> {
  const { deletionTimestamp, managedFields = [] } = (await cluster.get(NAMESPACE, name))?.metadata ?? {};
  const others = managedFields.filter(({ manager }) => manager?.startsWith("pulumi-kubernetes") !== true);
  const isPulumis = managedFields.length > 0 && others.length === 0;
  if (!isPulumis || deletionTimestamp !== undefined) return false;
  const content = await Promise.all(CONTENT.map((kind) => cluster.list(kind, name)));
  return content.flat().length === 0;
}

const option = (flag: string, value: string | undefined): string[] =>
  value === undefined ? [] : [flag, value];
