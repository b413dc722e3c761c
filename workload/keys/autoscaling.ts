import { z } from "zod";
import { findIf, invalid } from "../../config/findings";
import { publicAddress } from "../../config/formats";
import { AUTOSCALER } from "../names";
import { config } from "./config";
import { persistence } from "./persistence";
import { resources } from "./resources";
import { rule, section, warning } from "./section";

export const replicaCount = z
  .int32()
  .min(0)
  .default(1)
  .meta({ description: "Number of workers while autoscaling is off." });

export const autoscaling = section({
  enabled: z
    .boolean()
    .default(true)
    .meta({ description: "If false, `replicaCount` is the number of workers." }),
  by: z.enum(["cpu", "queue"]).default("cpu").meta({
    description:
      "`cpu`: the guide's HorizontalPodAutoscaler, by CPU and memory. `queue`: a ScaledObject of KEDA, which has to be installed: one worker for each prompt that waits or runs.",
  }),
  serverAddress: publicAddress(/^https?:\/\/\S+$/, "must be the address of a Prometheus")
    .default("http://prometheus-operated.monitoring.svc:9090")
    .meta({
      description:
        "With `queue`: the Prometheus that KEDA asks. The default is that of kube-prometheus-stack.",
    }),
  minReplicas: z.int32().min(1).default(1).meta({ description: "Minimum number of workers." }),
  maxReplicas: z.int32().min(1).default(10).meta({ description: "Maximum number of workers." }),
  targetCPUUtilizationPercentage: z
    .int32()
    .min(1)
    .default(70)
    .meta({ description: "Percent of the CPU request." }),
  targetMemoryUtilizationPercentage: z
    .int32()
    .min(1)
    .default(80)
    .meta({ description: "Percent of the memory request." }),
})
  .prefault({})
  .meta({ description: "The HorizontalPodAutoscaler `ralph-hpa`, or KEDA's ScaledObject." });

export const rules = [
  rule({ autoscaling }, ({ autoscaling: { minReplicas, maxReplicas } }) =>
    findIf(minReplicas > maxReplicas, () =>
      invalid(["autoscaling", "minReplicas"], minReplicas, `must not be above maxReplicas, ${maxReplicas}`, {
        at: ["autoscaling", "maxReplicas"],
        value: String(minReplicas),
      }),
    ),
  ),
  rule({ autoscaling, config }, ({ autoscaling: { enabled, by }, config: { enableMetrics } }) =>
    findIf(enabled && by === "queue" && !enableMetrics, () =>
      invalid(
        ["autoscaling", "by"],
        by,
        "must be cpu while config.enableMetrics is false: nothing counts the prompts",
        "cpu",
      ),
    ),
  ),
];

export const warnings = [
  warning(
    { autoscaling, persistence, resources },
    ({
      autoscaling: { enabled, maxReplicas },
      persistence: { enabled: keeps, workspace },
      resources: { requests },
    }) =>
      enabled && maxReplicas > 1 && keeps && workspace.accessMode === "ReadWriteOnce"
        ? [
            `autoscaling.maxReplicas is ${maxReplicas}, but all workers run on the one node that mounts the ReadWriteOnce ` +
              `workspace: there are no more than fit there with ${requests.cpu} CPU and ${requests.memory} of memory each. ` +
              "For more: pulumi config set --path ralph:persistence.workspace.accessMode ReadWriteMany (an existing claim " +
              "keeps its mode); for one: pulumi config set --path ralph:autoscaling.enabled false",
          ]
        : [],
  ),
  warning({ autoscaling }, ({ autoscaling: { enabled, by } }, { metricsApi }) =>
    enabled && by === "cpu" && !metricsApi
      ? [
          `The cluster does not serve the metrics API, so ${AUTOSCALER} cannot scale: install metrics-server, ` +
            "or pulumi config set --path ralph:autoscaling.enabled false",
        ]
      : [],
  ),
];
