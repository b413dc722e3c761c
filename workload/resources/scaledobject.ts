import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { prompts, selectorOf } from "../monitoring/expressions";
import { RALPH } from "../names";
import { DELETED_AT_ONCE, type Scope } from "../scope";

/**
 * Scales the workers by the queue, through KEDA (https://keda.sh/docs/latest/scalers/prometheus/). Agents wait for their
 * model most of the time, so that CPU says little about how much work there is.
 */
export function scaledObject(
  { name, namespace, config: { autoscaling }, metadata, options }: Scope,
  deployment: pulumi.Resource,
): CustomResource | undefined {
  if (!autoscaling.enabled || autoscaling.by !== "queue") return undefined;
  return new CustomResource(
    `${name}-scaledobject`,
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: metadata(RALPH, undefined, DELETED_AT_ONCE),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: RALPH },
        minReplicaCount: autoscaling.minReplicas,
        maxReplicaCount: autoscaling.maxReplicas,
        triggers: [
          {
            type: "prometheus",
            metadata: {
              serverAddress: autoscaling.serverAddress,
              query: pulumi.output(namespace).apply(openPrompts),
              threshold: "1",
            },
          },
        ],
      },
    },
    options({ dependsOn: deployment }),
  );
}

/** Prompts that wait or run: without the latter, workers would be removed as soon as the last prompt is taken. */
const openPrompts = (namespace: string): string => {
  const of = selectorOf(namespace);
  return `${prompts(of, "pending")} + ${prompts(of, "running")}`;
};
