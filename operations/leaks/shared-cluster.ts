import { KubeconfigError } from "../../clusters/kubeconfig-files";
import type { Place, SharedClusterOperations } from "../../clusters/operations";
import { commandLine } from "../../lib/shell";
import { STACK_LABEL, stackLabel } from "../../lib/stack-label";
import { openCluster, Unreachable } from "../cluster/client";
import { clusterObjects, type ClusterObjects, type Kind } from "../cluster/objects";
import type { Resource } from "../engine/state";
import { type LeakReport, NO_LEAKS } from "./report";

const ABOUT = "namespace";
const NAMESPACE: Kind = { apiVersion: "v1", kind: "Namespace" };
/** The program creates some of each in its namespace; one object is enough to say that the namespace is in use. */
const CONTENT: readonly Kind[] = ["Secret", "PersistentVolumeClaim", "Pod", "Service"].map((kind) => ({
  apiVersion: "v1",
  kind,
}));

/**
 * Finds what a stack can leave behind on a cluster that it does not own: its namespace, if the provider crashed
 * between creating it and reporting it to the engine. It is empty then, because everything else waits for it, and
 * only Pulumi has written to it. It has the stack's label. Any other namespace may belong to someone and is not reported.
 */
export async function leftInCluster(
  operations: SharedClusterOperations,
  place: Place,
  known: readonly Resource[],
): Promise<LeakReport> {
  const { namespace, stack } = place;
  if (namespace === undefined || known.some(({ type }) => type === "kubernetes:core/v1:Namespace"))
    return NO_LEAKS;
  try {
    const cluster = clusterObjects(await openCluster({ kubeconfig: operations.kubeconfig(place) }));
    const remove = [
      commandLine(["kubectl", "delete", "namespace", namespace, ...operations.kubectlOptions(place)]),
    ];
    const left = await isLeftover(cluster, namespace, stack);
    const leftovers = left ? [{ what: ABOUT, id: namespace, remove }] : [];
    return { ...NO_LEAKS, leftovers, looked: [ABOUT] };
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof KubeconfigError)) throw error;
    const fix = `fix the access to the cluster, then: ./ralphctl leaks --stack ${stack}`;
    return { ...NO_LEAKS, unseen: [{ about: ABOUT, reason: error.message, fix }] };
  }
}

async function isLeftover(cluster: ClusterObjects, name: string, stack: string): Promise<boolean> {
  const {
    deletionTimestamp,
    managedFields = [],
    labels,
  } = (await cluster.get(NAMESPACE, name))?.metadata ?? {};
  const others = managedFields.filter(({ manager }) => manager?.startsWith("pulumi-kubernetes") !== true);
  const isPulumis = managedFields.length > 0 && others.length === 0;
  const isStacks = labels?.[STACK_LABEL] === stackLabel(stack);
  if (!isPulumis || !isStacks || deletionTimestamp !== undefined) return false;
  const content = await Promise.all(CONTENT.map((kind) => cluster.list(kind, name)));
  return content.flat().length === 0;
}
