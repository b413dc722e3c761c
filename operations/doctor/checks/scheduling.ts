import { called, family, once, unfinished } from "../pods";
import { check, type Context } from "../types";

/** Reasons in the scheduler's message, which counts the nodes that each of them excludes. */
const REASONS: readonly [pattern: RegExp, cause: string, fix: (context: Context) => string[]][] = [
  [
    /persistentvolumeclaim "([^"]+)" (not found|is being deleted)/,
    "The volume that the pod works on is not there.",
    ({ up, refresh }) => [refresh, up],
  ],
  [
    /unbound immediate PersistentVolumeClaims/,
    "Its claim has no volume yet.",
    ({ kubectl }) => [kubectl("describe pvc"), "kubectl get storageclass"],
  ],
  [
    /volume node affinity conflict/,
    "The volume is in a zone, or on a node, where no pod can go: nodes of that zone are gone or full.",
    ({ set, up }) => [set("cluster.nodes.max", "<more nodes>"), up],
  ],
  [
    /Insufficient memory/,
    "No node has as much memory left as the pod requests.",
    ({ set, up }) => [
      set("resources.requests.memory", "1Gi"),
      set("cluster.nodes.max", "<more nodes>"),
      set("autoscaling.maxReplicas", "<fewer workers>"),
      up,
    ],
  ],
  [
    /Insufficient cpu/,
    "No node has as many cores left as the pod requests.",
    ({ set, up }) => [
      set("resources.requests.cpu", "500m"),
      set("cluster.nodes.max", "<more nodes>"),
      set("autoscaling.maxReplicas", "<fewer workers>"),
      up,
    ],
  ],
  [
    /Insufficient ephemeral-storage/,
    "No node has as much disk left as the pod requests.",
    ({ set, up }) => [
      set("resources.requests.ephemeral-storage", "512Mi"),
      set("cluster.nodes.diskGb", "<larger>"),
      up,
    ],
  ],
  [
    /Too many pods/,
    "The nodes have as many pods as they may.",
    ({ set, up }) => [set("cluster.nodes.max", "<more nodes>"), up],
  ],
  [
    /untolerated taint/,
    "Every node that has room is closed by a taint: cordoned, not ready, or meant for others.",
    () => [
      "kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints",
      "kubectl uncordon <node>",
    ],
  ],
  [
    /node affinity\/selector|didn't match pod affinity/,
    "No node has the labels that the pod asks for, or its siblings are on a node that is full.",
    ({ set, up }) => [
      set("persistence.workspace.accessMode", "ReadWriteMany"),
      "kubectl get nodes --show-labels",
      up,
    ],
  ],
  [
    /no nodes available|0\/0 nodes/,
    "The cluster has no node.",
    ({ set, up }) => [set("cluster.nodes.count", "3"), up],
  ],
];

/** Pods that no node takes. */
export const scheduling = check({
  name: "scheduling",
  needs: ["pods"],
  look({ pods }, context) {
    const { up } = context;
    const pending = pods.filter(unfinished).flatMap((pod) => {
      const condition = pod.status?.conditions?.find(
        ({ type, status }) => type === "PodScheduled" && status === "False",
      );
      return condition === undefined ? [] : [{ pod, message: condition.message ?? condition.reason ?? "" }];
    });
    return once(pending, ({ pod }) => family(pod)).map(({ pod, message }) => {
      const reasons = REASONS.filter(([pattern]) => pattern.test(message));
      const commands = [...new Set(reasons.flatMap(([, , fix]) => fix(context)))];
      return {
        object: called("Pod", pod),
        what: `Pending: ${message}`,
        cause: reasons.map(([, cause]) => cause).join(" ") || "The scheduler says why, in what is seen.",
        fix:
          reasons.length === 0
            ? [context.kubectl(`describe pod ${pod.metadata?.name}`)]
            : [...commands.filter((line) => line !== up), ...commands.filter((line) => line === up)],
      };
    });
  },
});
