import { Job } from "@pulumi/kubernetes/batch/v1";
import type { batch } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { MOUNTS, NEVER_RETRIED } from "../../runner/src/contract";
import { DEADLINE_MARGIN_SECONDS, type Run } from "../keys/runs";
import type { SourceConfig } from "../keys/source";
import { sourceVariables } from "../git-variables";
import { empty, podTemplate } from "../pod";
import type { Component, Scope } from "../scope";

/**
 * `up` does not wait hours for a task. Skipping the wait (`pulumi.com/skipAwait`) would also skip the one for its
 * deletion, and the name could not be reused.
 */
const READY_ONCE_CREATED = { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" };

/** One Job for each task (guide, section 6). */
export function jobs(scope: Scope, dependsOn: pulumi.Resource[]): Job[] {
  const { name, config, metadata, options } = scope;
  return config.tasks.map(
    (task) =>
      new Job(
        `${name}-task-${task.name}`,
        {
          metadata: metadata(task.name, "task", READY_ONCE_CREATED),
          spec: jobSpec(scope, task, "task"),
        },
        // The policy of an existing Job is immutable, which the provider does not know.
        options({ dependsOn, replaceOnChanges: ["spec.podFailurePolicy"], deleteBeforeReplace: true }),
      ),
  );
}

/**
 * cluster-autoscaler drains a node that is less than half used, and hours of an agent's work would be lost with the
 * pod's local volume. Its default protects such pods, but AKS turns that default off
 * (https://learn.microsoft.com/azure/aks/cluster-autoscaler, skip-nodes-with-local-storage).
 */
const NOT_FOR_AUTOSCALER = { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" };

/** The spec of a task's Job, and of the Jobs that a schedule creates. */
export function jobSpec(scope: Scope, run: Run, component: Component): batch.v1.JobSpec {
  return {
    backoffLimit: run.backoffLimit,
    activeDeadlineSeconds: run.activeDeadlineSeconds,
    podFailurePolicy: {
      rules: [
        {
          action: "FailJob",
          onExitCodes: { containerName: "ralph", operator: "In", values: [...NEVER_RETRIED] },
        },
        // A drained or preempted node is not a failure of the task.
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    },
    template: podTemplate(scope, {
      component,
      agent: run.agent,
      annotations: NOT_FOR_AUTOSCALER,
      restartPolicy: "Never",
      args: [
        `--agent=${run.agent}`,
        `--prompt=${MOUNTS.prompts}/${run.prompt}`,
        ...(run.maxIterations === undefined ? [] : [`--max-iterations=${run.maxIterations}`]),
      ],
      env: {
        RALPH_MAX_RUNTIME: String(maxRuntime(scope, run)),
        ...(run.source === undefined ? {} : sourceVariables(merged(scope.config.source, run.source))),
      },
      volumes: [{ path: MOUNTS.output, volume: empty("output") }],
    }),
  };
}

const merged = (all: SourceConfig, own: SourceConfig): SourceConfig => ({
  ...all,
  ...own,
  pullRequest: { ...all.pullRequest, ...own.pullRequest },
});

/** Seconds after which Ralph ends a run: before Kubernetes ends the Job, so that the work is saved. */
const maxRuntime = ({ config }: Scope, run: Run): number =>
  run.maxRuntime ?? Math.min(config.config.maxRuntime, run.activeDeadlineSeconds - DEADLINE_MARGIN_SECONDS);
