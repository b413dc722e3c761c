import { Job } from "@pulumi/kubernetes/batch/v1";
import type { batch } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { MOUNTS, NEVER_RETRIED } from "../../runner/src/contract";
import type { RalphConfig } from "../keys";
import { DEADLINE_MARGIN_SECONDS, type Run } from "../keys/runs";
import { merged } from "../keys/source";
import { runsOnce, toolsLabels } from "../gitops";
import { sourceVariables } from "../git-variables";
import { claim, empty, podTemplate } from "../pod";
import type { Component, Labels, Scope } from "../scope";
import { outputClaim } from "./claims";

/**
 * `up` does not wait hours for a task. Skipping the wait (`pulumi.com/skipAwait`) would also skip the one for its
 * deletion, and the name could not be reused.
 */
const READY_ONCE_CREATED = { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" };

/** A higher number runs a task again. */
const REVISION = "ralph-orchestrator/revision";
const revisionOf = ({ revision }: RalphConfig["tasks"][number]): Record<string, string> =>
  revision === undefined ? {} : { [REVISION]: String(revision) };

/** The claims of a task in place of the program's own. A finished pod holds its claims: they could not be deleted. */
const CLAIMS = "ralph-orchestrator/claims";
function claimsOf(
  { persistence: { enabled, workspace, cache } }: RalphConfig,
  run: Run,
): Record<string, string> {
  const shared = workspace.accessMode === "ReadWriteMany" ? workspace.existingClaim : undefined;
  const output = outputClaim(run);
  const others = [...(enabled ? [shared, cache.existingClaim] : []), output].filter(
    (name) => name !== undefined,
  );
  const areOwn = enabled && cache.kind === "pvc" && others.length === 0;
  return areOwn ? {} : { [CLAIMS]: others.join() };
}

/**
 * Kueue suspends a Job with this label as it is created, and resumes it once its queue has room
 * (https://kueue.sigs.k8s.io/docs/tasks/run/jobs/). `spec.suspend` is not in our manifests, so it is Kueue's alone.
 */
const QUEUE = "kueue.x-k8s.io/queue-name";

/** The labels of a Job. */
export function jobLabels({ metadata }: Scope, { queue }: Run, component: Component): Labels {
  const labels = metadata(undefined, component).labels as Labels;
  return queue === undefined ? labels : { ...labels, [QUEUE]: queue };
}

/**
 * What a change of the program, its image or its configuration may change in a Job whose run is over or under way: an
 * update would replace the Job, and its run would be paid for again. The arguments are not among them, since they say
 * what to run.
 */
const POD = "spec.template.spec";
const NO_REASON_TO_RUN_AGAIN: string[] = [
  // Kueue refuses another queue for a Job that it has let start.
  `metadata.labels["${QUEUE}"]`,
  "spec.podFailurePolicy",
  "spec.template.metadata",
  ...[
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "enableServiceLinks",
    "hostAliases",
    "imagePullSecrets",
    "initContainers",
    "nodeSelector",
    "priorityClassName",
    "runtimeClassName",
    "securityContext",
    "serviceAccountName",
    "terminationGracePeriodSeconds",
    "tolerations",
    "volumes",
  ].map((key) => `${POD}.${key}`),
  ...[
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "ports",
    "resources",
    "securityContext",
    "volumeMounts",
  ].map((key) => `${POD}.containers[0].${key}`),
];

/** One Job for each task (guide, section 6). */
export function jobs(scope: Scope, dependsOn: pulumi.Resource[]): Job[] {
  const { name, config, metadata, options } = scope;
  return config.tasks.map(
    (task) =>
      new Job(
        `${name}-task-${task.name}`,
        {
          metadata: {
            ...metadata(task.name, "task", {
              ...READY_ONCE_CREATED,
              ...revisionOf(task),
              ...claimsOf(config, task),
              ...runsOnce(config),
            }),
            labels: { ...jobLabels(scope, task, "task"), ...toolsLabels(scope) },
          },
          spec: jobSpec(scope, task, "task"),
        },
        options({
          dependsOn,
          ignoreChanges: NO_REASON_TO_RUN_AGAIN,
          replaceOnChanges: [REVISION, CLAIMS].map((key) => `metadata.annotations["${key}"]`),
          deleteBeforeReplace: true,
        }),
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
  const output = outputClaim(run);
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
        ...(run.maxCostUsd === undefined ? {} : { RALPH_MAX_COST_USD: String(run.maxCostUsd) }),
        ...(run.hats === undefined ? {} : { RALPH_HATS: run.hats }),
        ...(run.source === undefined ? {} : sourceVariables(merged(scope.config.source, run.source))),
      },
      volumes: [
        { path: MOUNTS.output, volume: output === undefined ? empty("output") : claim("output", output) },
      ],
    }),
  };
}

/** Seconds after which Ralph ends a run: before Kubernetes ends the Job, so that the work is saved. */
const maxRuntime = ({ config }: Scope, run: Run): number =>
  run.maxRuntime ?? Math.min(config.config.maxRuntime, run.activeDeadlineSeconds - DEADLINE_MARGIN_SECONDS);
