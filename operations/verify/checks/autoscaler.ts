import type { CoreV1Event, V1ConfigMap, V1PodSpec } from "@kubernetes/client-node";

import { unlessAbsent } from "../../cluster/client";
import { programPod } from "../probe";
import { listen } from "../programs";
import { type Check, type Context, failed, passed, type Result, skipped } from "../types";

/** The autoscaler looks every ten seconds; a managed one reports later. */
const DECISION_SECONDS = 180;
const HOSTNAME = "kubernetes.io/hostname";

/** Managed autoscalers and the program's own one write it. */
const STATUS = "/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status";

export const autoscaler: Check = {
  name: "autoscaler",
  shows: "the cluster autoscaler works and, with --scale-up, decides to add a node for a pod that needs one",
  runsPods: false,
  async run(context) {
    const { client, scaleUp } = context;
    const found = await unlessAbsent(client.get<V1ConfigMap>(STATUS));
    if (found !== undefined && !isHealthy(found.data?.status ?? ""))
      return failed(
        "the autoscaler's own status is not Healthy",
        "kubectl -n kube-system get configmap cluster-autoscaler-status -o yaml",
      );
    if (scaleUp) return decision(context);
    return found === undefined
      ? skipped("no autoscaler writes its status into kube-system; --scale-up asks for one node nevertheless")
      : passed("it reports that it is healthy; --scale-up asks it for one node");
  },
};

/** The health of the whole cluster comes first, before that of each group of nodes; until 1.29 it was not YAML. */
export const isHealthy = (status: string): boolean =>
  /\b(?:Health|status):\s+(\w+)/.exec(status)?.[1] === "Healthy";

/**
 * One pod that fits on no existing node, by their names, and on any new one: the price is bounded by one node, which
 * the autoscaler removes again once the pod is deleted.
 */
async function decision(context: Context): Promise<Result> {
  const { sandbox, workers, nodes } = context;
  const names = nodes.flatMap(({ metadata }) => metadata?.labels?.[HOSTNAME] ?? []);
  const pod: V1PodSpec = {
    ...programPod(workers, { program: listen, env: { PORT: "8099" } }),
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: "NotIn", values: names }] }],
        },
      },
    },
  };
  const job = await sandbox.start({ what: "new-node", deadline: DECISION_SECONDS, pod });
  const event = await sandbox.until(job, "a decision of the autoscaler", DECISION_SECONDS, async (found) =>
    decided(await sandbox.events(found)),
  );
  return event.reason === "TriggeredScaleUp"
    ? passed(`it adds a node: ${event.message}`)
    : failed(
        `it adds no node: ${event.message}`,
        `pulumi config get --path ralph:cluster.nodes --stack ${context.stack}`,
      );
}

/** Its first answer. */
const decided = (events: readonly CoreV1Event[]): CoreV1Event | undefined =>
  events.find(({ reason }) => reason === "TriggeredScaleUp") ??
  events.find(({ reason }) => reason === "NotTriggerScaleUp");
