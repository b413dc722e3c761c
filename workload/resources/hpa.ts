import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import type * as pulumi from "@pulumi/pulumi";
import { AUTOSCALER, RALPH } from "../names";
import type { Scope } from "../scope";

/** Scales the workers (guide, horizontal autoscaling). */
export function hpa(
  { name, config: { autoscaling }, metadata, options }: Scope,
  deployment: pulumi.Resource,
): HorizontalPodAutoscaler | undefined {
  if (!autoscaling.enabled || autoscaling.by !== "cpu") return undefined;
  const utilization = (resource: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization } },
  });
  return new HorizontalPodAutoscaler(
    `${name}-hpa`,
    {
      metadata: metadata(AUTOSCALER),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: RALPH },
        minReplicas: autoscaling.minReplicas,
        maxReplicas: autoscaling.maxReplicas,
        metrics: [
          utilization("cpu", autoscaling.targetCPUUtilizationPercentage),
          utilization("memory", autoscaling.targetMemoryUtilizationPercentage),
        ],
      },
    },
    options({ dependsOn: deployment }),
  );
}
