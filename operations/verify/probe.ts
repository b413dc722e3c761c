import type { V1Deployment, V1EnvVar, V1Job, V1PodSpec, V1Volume } from "@kubernetes/client-node";

import { COMPONENT_LABEL } from "../../workload/names";
import type { Labels } from "../../workload/scope";

/** Seconds after which a finished probe and what it owns are deleted, even if this program was killed. */
const TTL_SECONDS = 3600;

/** Enough for Node; limits too, because a quota may require them. */
const SMALL = {
  requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "32Mi" },
  limits: { cpu: "500m", memory: "256Mi", "ephemeral-storage": "256Mi" },
};

/** On everything that a run creates. */
export const RUN_LABEL = "ralph-orchestrator/verify";
export const runLabels = (run: string): Labels => ({ [COMPONENT_LABEL]: "verify", [RUN_LABEL]: run });

export interface Probe {
  readonly name: string;
  readonly namespace: string;
  /** In addition to those of the run. */
  readonly labels?: Labels;
  /** Seconds after which Kubernetes ends it. */
  readonly deadline: number;
  readonly pod: V1PodSpec;
}

/** A Job of one pod, which is never restarted. */
export const probeJob = ({ name, namespace, labels = {}, deadline, pod }: Probe, run: string): V1Job => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, namespace, labels: { ...runLabels(run) } },
  spec: {
    backoffLimit: 0,
    activeDeadlineSeconds: deadline,
    ttlSecondsAfterFinished: TTL_SECONDS,
    template: { metadata: { labels: { ...labels, ...runLabels(run) } }, spec: pod },
  },
});

const ralphContainer = ({ spec }: V1Deployment) => {
  const containers = spec?.template.spec?.containers ?? [];
  const container = containers.find(({ name }) => name === "ralph") ?? containers[0];
  if (container === undefined) throw new Error("the workers have no container");
  return container;
};

/** What a probe has in common with the workers: where it runs, and as whom. */
const common = ({ spec }: V1Deployment): Partial<V1PodSpec> => {
  const { securityContext, imagePullSecrets, nodeSelector, tolerations, runtimeClassName } =
    spec?.template.spec ?? {};
  return {
    securityContext,
    imagePullSecrets,
    nodeSelector,
    tolerations,
    runtimeClassName,
    restartPolicy: "Never",
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
  };
};

export interface Program {
  /** Text of a program for Node. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it has the workers' service account; otherwise it has the namespace's default one. */
  readonly asRalph?: boolean;
  /** A claim, which is mounted at a path. */
  readonly volume?: { readonly claim: string; readonly path: string };
}

/** A pod that runs a program in the workers' image, without their keys and volumes. */
export function programPod(
  workers: V1Deployment,
  { program, env = {}, asRalph = false, volume }: Program,
): V1PodSpec {
  const { image, imagePullPolicy, securityContext } = ralphContainer(workers);
  const variables: V1EnvVar[] = Object.entries(env).map(([name, value]) => ({ name, value }));
  const { serviceAccountName } = workers.spec?.template.spec ?? {};
  return {
    ...common(workers),
    ...(asRalph ? { serviceAccountName } : {}),
    containers: [
      {
        name: "probe",
        image,
        imagePullPolicy,
        securityContext,
        command: ["node", "-e", program],
        env: [...variables, { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
        resources: SMALL,
        volumeMounts: volume === undefined ? [] : [{ name: "volume", mountPath: volume.path }],
      },
    ],
    volumes:
      volume === undefined ? [] : [{ name: "volume", persistentVolumeClaim: { claimName: volume.claim } }],
  };
}

/** The workers' volumes that a smoke task must not touch: results, and the key that pushes them. */
const isPrivate = ({ persistentVolumeClaim, secret }: V1Volume): boolean =>
  persistentVolumeClaim !== undefined || secret !== undefined;

/** A pod like a task's, with empty volumes in place of the workers'. */
export function taskPod(
  workers: V1Deployment,
  { args, env, output }: { args: string[]; env: Readonly<Record<string, string>>; output: string },
): V1PodSpec {
  const { volumes = [], serviceAccountName } = workers.spec?.template.spec ?? {};
  const {
    image,
    imagePullPolicy,
    securityContext,
    resources,
    env: own = [],
    volumeMounts = [],
  } = ralphContainer(workers);
  return {
    ...common(workers),
    serviceAccountName,
    containers: [
      {
        name: "ralph",
        image,
        imagePullPolicy,
        securityContext,
        args,
        // Neither the keys, which the smoke agent does not need, nor the settings: they may name a repository to push to.
        env: [
          ...own.filter(({ name }) => !(name in env)),
          ...Object.entries(env).map(([name, value]) => ({ name, value })),
        ],
        resources,
        volumeMounts: [...volumeMounts, { name: "output", mountPath: output }],
      },
    ],
    volumes: [
      ...volumes.map((volume) => (isPrivate(volume) ? { name: volume.name, emptyDir: {} } : volume)),
      { name: "output", emptyDir: {} },
    ],
  };
}
