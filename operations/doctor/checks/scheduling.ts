import { objectName, family, once, unfinished } from "../pods";
import { check, type Commands } from "../types";

/** Reasons in the scheduler's message, which counts the nodes that each one excludes. */
const REASONS: readonly [pattern: RegExp, cause: string, fix: (commands: Commands) => string[]][] = [
  [
    /persistentvolumeclaim "([^"]+)" (not found|is being deleted)/,
    "The pod's volume claim does not exist.",
    ({ up, refresh }) => [refresh, up],
  ],
  [
    /unbound immediate PersistentVolumeClaims/,
    "Its volume claim has no volume yet.",
    ({ kubectl }) => [kubectl("describe pvc"), "kubectl get storageclass"],
  ],
  [
    /volume node affinity conflict/,
    "The volume is in a zone, or on a node, where the pod does not fit: nodes there are missing or full.",
    ({ set, up }) => [set("cluster.nodes.max", "<more nodes>"), up],
  ],
  [
    /Insufficient memory/,
    "No node has enough free memory for the pod's request.",
    ({ set, up }) => [
      set("resources.requests.memory", "1Gi"),
      set("cluster.nodes.max", "<more nodes>"),
      set("autoscaling.maxReplicas", "<fewer workers>"),
      up,
    ],
  ],
  [
    /Insufficient cpu/,
    "No node has enough free CPU for the pod's request.",
    ({ set, up }) => [
      set("resources.requests.cpu", "500m"),
      set("cluster.nodes.max", "<more nodes>"),
      set("autoscaling.maxReplicas", "<fewer workers>"),
      up,
    ],
  ],
  [
    /Insufficient ephemeral-storage/,
    "No node has enough free disk space for the pod's request.",
    ({ set, up }) => [
      set("resources.requests.ephemeral-storage", "512Mi"),
      set("cluster.nodes.diskGb", "<larger>"),
      up,
    ],
  ],
  [
    /Too many pods/,
    "The nodes run as many pods as they can.",
    ({ set, up }) => [set("cluster.nodes.max", "<more nodes>"), up],
  ],
  [
    /untolerated taint/,
    "Every node with room has a taint: it is cordoned, not ready, or reserved for other pods.",
    () => [
      "kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints",
      "kubectl uncordon <node>",
    ],
  ],
  [
    /node affinity\/selector|didn't match pod affinity/,
    "No node has the labels that the pod requires, or the node with its sibling pods is full.",
    ({ set, up }) => [
      set("persistence.workspace.accessMode", "ReadWriteMany"),
      "kubectl get nodes --show-labels",
      up,
    ],
  ],
  [
    /no nodes available|0\/0 nodes/,
    "The cluster has no nodes.",
    ({ set, up }) => [set("cluster.nodes.count", "3"), up],
  ],
];

/** Pods that cannot be scheduled. */
export const scheduling = check({
  name: "scheduling",
  needs: ["pods"],
  look({ pods }, commands) {
    const { up } = commands;
    const pending = pods.filter(unfinished).flatMap((pod) => {
      const condition = pod.status?.conditions?.find(
        ({ type, status }) => type === "PodScheduled" && status === "False",
      );
      return condition === undefined ? [] : [{ pod, message: condition.message ?? condition.reason ?? "" }];
    });
    return once(pending, ({ pod }) => family(pod)).map(({ pod, message }) => {
      const reasons = REASONS.filter(([pattern]) => pattern.test(message));
      const lines = [...new Set(reasons.flatMap(([, , fix]) => fix(commands)))];
      return {
        object: objectName("Pod", pod),
        what: `Pending: ${message}`,
        cause: reasons.map(([, cause]) => cause).join(" ") || "See the scheduler's reasons above.",
        fix:
          reasons.length === 0
            ? [commands.kubectl(`describe pod ${pod.metadata?.name}`)]
            : [...lines.filter((line) => line !== up), ...lines.filter((line) => line === up)],
      };
    });
  },
});
