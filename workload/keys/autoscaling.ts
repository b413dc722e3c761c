import { z } from "zod";
import { findIf, invalid } from "../../config/findings";
import { AUTOSCALER } from "../names";
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
  .meta({ description: "The HorizontalPodAutoscaler `ralph-hpa`." });

export const rules = [
  rule({ autoscaling }, ({ autoscaling: { minReplicas, maxReplicas } }) =>
    findIf(minReplicas > maxReplicas, () =>
      invalid(["autoscaling", "minReplicas"], minReplicas, `must not be above maxReplicas, ${maxReplicas}`, {
        at: ["autoscaling", "maxReplicas"],
        value: String(minReplicas),
      }),
    ),
  ),
];

export const warnings = [
  warning({ autoscaling }, ({ autoscaling: { enabled } }, { metricsApi }) =>
    enabled && !metricsApi
      ? [
          `The cluster does not serve the metrics API, so ${AUTOSCALER} cannot scale: install metrics-server, ` +
            "or pulumi config set --path ralph:autoscaling.enabled false",
        ]
      : [],
  ),
];
