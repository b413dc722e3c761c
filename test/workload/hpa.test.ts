/** Proves the autoscaler, that it counts the pods of its Deployment only, and what disables it. */
import assert from "node:assert/strict";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

describe("HorizontalPodAutoscaler ralph-hpa", () => {
  it("is the guide's", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.hpa, "ralph-hpa").inputs,
      manifest(`
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata:
          name: ralph-hpa
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          scaleTargetRef:
            apiVersion: apps/v1
            kind: Deployment
            name: ralph-orchestrator
          minReplicas: 1
          maxReplicas: 10
          metrics:
            - type: Resource
              resource:
                name: cpu
                target: { type: Utilization, averageUtilization: 70 }
            - type: Resource
              resource:
                name: memory
                target: { type: Utilization, averageUtilization: 80 }
      `),
    );
  });

  it("averages over the pods of the Deployment only, not of Jobs or CronJobs", async () => {
    const run = await defaults();
    const { matchLabels } = run.find(KIND.deployment, "ralph").inputs.spec.selector;
    const matched = [KIND.deployment, KIND.job, KIND.cronJob]
      .flatMap(run.ofType)
      .filter((owner) =>
        Object.entries(matchLabels).every(([key, value]) => podOf(owner).metadata.labels[key] === value),
      );
    assert.deepEqual(
      matched.map(({ type }) => type),
      [KIND.deployment],
    );
  });

  it("has the configured bounds and targets, and does not exist if disabled", async () => {
    const autoscaling = {
      minReplicas: 2,
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 50,
      targetMemoryUtilizationPercentage: 60,
    };
    const { spec } = (await changed({ autoscaling })).find(KIND.hpa, "ralph-hpa").inputs;
    assert.deepEqual(
      [spec.minReplicas, spec.maxReplicas, ...spec.metrics.map(utilization)],
      [2, 3, "cpu 50", "memory 60"],
    );
    assert.deepEqual((await changed({ autoscaling: { enabled: false } })).ofType(KIND.hpa), []);
  });

  it("is KEDA's ScaledObject instead where the queue decides: a worker for each prompt that waits or runs", async () => {
    const run = await changed({ autoscaling: { by: "queue", maxReplicas: 4 } });
    assert.deepEqual(run.ofType(KIND.hpa), []);
    assert.deepEqual(
      run.find("kubernetes:keda.sh/v1alpha1:ScaledObject", "ralph-orchestrator").inputs,
      manifest(`
        apiVersion: keda.sh/v1alpha1
        kind: ScaledObject
        metadata:
          name: ralph-orchestrator
          namespace: ralph-orchestrator
          annotations:
            pulumi.com/deletionPropagationPolicy: background
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          scaleTargetRef:
            apiVersion: apps/v1
            kind: Deployment
            name: ralph-orchestrator
          minReplicaCount: 1
          maxReplicaCount: 4
          triggers:
            - type: prometheus
              metadata:
                serverAddress: http://prometheus-operated.monitoring.svc:9090
                query: >-
                  max(ralph_prompts{namespace="ralph-orchestrator",state="pending"}) +
                  max(ralph_prompts{namespace="ralph-orchestrator",state="running"})
                threshold: "1"
      `),
    );
    const { spec } = run.find(KIND.deployment, "ralph-orchestrator").inputs;
    assert.ok(!("replicas" in spec));
  });
});

const utilization = ({ resource }: { resource: { name: string; target: { averageUtilization: number } } }) =>
  `${resource.name} ${resource.target.averageUtilization}`;
