import { z } from "zod";
import { findIf, forbidden, invalid } from "../../../config/findings";
import { dnsSubdomain, labels } from "../../../config/formats";
import { persistence } from "../persistence";
import { rule, section, warning } from "../section";

/** A part of a pod as Kubernetes defines it; the API server checks it in a preview. */
const kubernetesObject = z.record(z.string(), z.unknown()).meta({ title: "map, as in a pod" });

export const nodeSelector = labels
  .default({})
  .meta({ description: "Labels of the nodes for Ralph's pods, besides those that `cluster.nodes` implies." });

export const tolerations = z
  .array(
    section({
      key: z.string().min(1).optional().meta({ description: "Key of the taint; without one, every taint." }),
      operator: z.enum(["Equal", "Exists"]).optional().meta({ description: "`Equal` if not set." }),
      value: z.string().optional().meta({ description: "Value of the taint, for `Equal`." }),
      effect: z
        .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
        .optional()
        .meta({ description: "Without one, every effect." }),
      tolerationSeconds: z
        .int32()
        .min(0)
        .optional()
        .meta({ description: "Seconds for which a NoExecute taint is tolerated." }),
    }),
  )
  .default([])
  .meta({ description: "Taints of nodes that Ralph's pods may run on." });

export const affinity = section({
  nodeAffinity: kubernetesObject.optional().meta({ description: "Rules about labels of nodes." }),
  podAffinity: kubernetesObject
    .optional()
    .meta({ description: "Pods to run beside; workers also stay on the node of a ReadWriteOnce volume." }),
  podAntiAffinity: kubernetesObject.optional().meta({ description: "Pods to stay away from." }),
})
  .prefault({})
  .meta({ description: "Affinity of every Ralph pod." });

export const topologySpreadConstraints = z
  .array(
    section({
      maxSkew: z.int32().min(1).meta({ description: "Largest difference between two domains." }),
      topologyKey: z
        .string()
        .min(1)
        .meta({ description: "Label of the nodes, such as `topology.kubernetes.io/zone`." }),
      whenUnsatisfiable: z
        .enum(["DoNotSchedule", "ScheduleAnyway"])
        .meta({ description: "What happens to a pod that would exceed it." }),
      labelSelector: kubernetesObject
        .optional()
        .meta({ description: "The pods that count; the workers if not set." }),
      minDomains: z.int32().min(1).optional().meta({ description: "Least number of domains." }),
      nodeAffinityPolicy: z.enum(["Honor", "Ignore"]).optional().meta({ description: "`Honor` if not set." }),
      nodeTaintsPolicy: z.enum(["Honor", "Ignore"]).optional().meta({ description: "`Ignore` if not set." }),
    }),
  )
  .default([])
  .meta({
    description:
      "Spread of the workers, in place of the one over zones and nodes; needs a ReadWriteMany workspace.",
  });

export const priorityClassName = dnsSubdomain
  .optional()
  .meta({ description: "Existing PriorityClass of every Ralph pod." });

export const runtimeClassName = dnsSubdomain
  .optional()
  .meta({ description: "Existing RuntimeClass of every Ralph pod, such as `gvisor` or `kata`." });

export const terminationGracePeriodSeconds = z.int32().min(30).default(60).meta({
  description:
    "Seconds between the signal to stop and the end of a pod; Ralph commits its work in that time. Above 60, the rest is for the iteration under way to end.",
});

export const rules = [
  rule({ tolerations }, (config) =>
    config.tolerations.flatMap(({ key, operator, value, effect, tolerationSeconds }, i) => [
      ...findIf(operator === "Exists" && value !== undefined, () =>
        forbidden(["tolerations", i, "value"], "operator Exists matches every value"),
      ),
      ...findIf(key === undefined && operator !== "Exists", () =>
        invalid(
          ["tolerations", i, "operator"],
          operator ?? "Equal",
          "must be Exists without a key",
          "Exists",
        ),
      ),
      ...findIf(tolerationSeconds !== undefined && effect !== "NoExecute", () =>
        forbidden(["tolerations", i, "tolerationSeconds"], "it is for effect NoExecute"),
      ),
    ]),
  ),
];

export const warnings = [
  warning({ topologySpreadConstraints, persistence }, (config) => {
    const { enabled, workspace } = config.persistence;
    return config.topologySpreadConstraints.length > 0 && enabled && workspace.accessMode === "ReadWriteOnce"
      ? [
          "topologySpreadConstraints has no effect: the workers stay on the node of their ReadWriteOnce workspace. " +
            "Set persistence.workspace.accessMode to ReadWriteMany to spread them.",
        ]
      : [];
  }),
];
