import type * as pulumi from "@pulumi/pulumi";
import type { core } from "@pulumi/kubernetes/types/input";
import { type AgentChoice, API_KEYS, METRICS_PORT, MOUNTS, type Variables } from "../runner/src/contract";
import {
  affinity,
  extraVariables,
  extraVolumes,
  initContainers,
  podSettings,
  RESTRICTED,
  scheduling,
} from "./fit";
import { gitContainer } from "./git-container";
import { awaitedSecret, keyFiles } from "./key-files";
import { identityOf } from "./models";
import {
  apiKeySecretName,
  CACHE_CLAIM,
  CONFIG_MAP,
  gitSecretName,
  PROMPTS_CONFIG_MAP,
  TELEMETRY_SECRET,
  WORKSPACE_CLAIM,
} from "./names";
import { type Component, pullSecrets, type Scope } from "./scope";
import { HEADERS_KEY } from "./telemetry";

/** Of the grace period, to end the agent, and for a checkpoint on a slow volume. The rest is for the iteration under way. */
const SAVING_SECONDS = 60;
/** Uid and gid of the image's user, and group of the volumes. `runAsNonRoot` requires a number. */
const RALPH_ID = 1000;

/** The user of every pod that mounts the workspace. */
export const AS_RALPH: core.v1.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: RALPH_ID,
  runAsGroup: RALPH_ID,
  fsGroup: RALPH_ID,
  // A recursive change of ownership in a large workspace would delay every start.
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
};

/** What differs between kinds of pods. */
export interface PodSpec {
  readonly component: Component;
  /** Its pod has the API key of this agent only. */
  readonly agent: AgentChoice;
  readonly args?: string[];
  readonly env?: Variables;
  readonly annotations?: Record<string, pulumi.Input<string>>;
  /** Ports besides that of the metrics. */
  readonly ports?: readonly core.v1.ContainerPort[];
  readonly probes?: Pick<core.v1.Container, "livenessProbe" | "readinessProbe">;
  readonly restartPolicy?: "Never";
  readonly affinity?: core.v1.Affinity;
  readonly topologySpreadConstraints?: core.v1.TopologySpreadConstraint[];
  /** Additional volumes. */
  readonly volumes?: readonly Mounted[];
}

/** A volume and its mount path. */
interface Mounted {
  readonly path: string;
  readonly readOnly?: true;
  readonly volume: core.v1.Volume & { name: string };
}

/** The pod template of the Deployment, the Jobs and the CronJobs. Complies with Pod Security `restricted`. */
export function podTemplate(scope: Scope, pod: PodSpec): core.v1.PodTemplateSpec {
  const { config } = scope;
  const mounted = [...volumes(scope, pod), ...(pod.volumes ?? [])];
  const extra = extraVolumes(config);
  const git = gitContainer(scope, pod.env);
  const before = [...initContainers(scope), ...git.containers];
  const secrets = pullSecrets(scope);
  const { labels } = scope.metadata(undefined, pod.component);
  const annotations = { ...config.podAnnotations, ...pod.annotations };
  const placed = affinity(config, pod.affinity);
  return {
    metadata: {
      labels: { ...config.podLabels, ...identityOf(config, scope.traits)?.podLabels, ...labels },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      serviceAccountName: config.serviceAccount.name,
      automountServiceAccountToken: config.serviceAccount.automountToken,
      // No program here uses these variables, whose number grows with the namespace.
      enableServiceLinks: false,
      ...(pod.restartPolicy === undefined ? {} : { restartPolicy: pod.restartPolicy }),
      // Ralph ends its agent within 5 s of a signal; the rest is for a checkpoint on a slow volume.
      terminationGracePeriodSeconds: config.terminationGracePeriodSeconds,
      securityContext: AS_RALPH,
      ...(secrets.length > 0 ? { imagePullSecrets: secrets } : {}),
      ...scheduling(scope),
      ...podSettings(scope),
      ...(placed === undefined ? {} : { affinity: placed }),
      ...(pod.topologySpreadConstraints === undefined
        ? {}
        : { topologySpreadConstraints: pod.topologySpreadConstraints }),
      ...(before.length > 0 ? { initContainers: before } : {}),
      containers: [
        {
          name: "ralph",
          image: scope.image,
          imagePullPolicy: config.image.pullPolicy,
          ...(pod.args === undefined ? {} : { args: pod.args }),
          ...variables(scope, pod),
          ports: [{ name: "metrics", containerPort: METRICS_PORT }, ...(pod.ports ?? [])],
          ...pod.probes,
          resources: config.resources,
          securityContext: RESTRICTED,
          volumeMounts: [
            ...mounted.map(({ path, readOnly, volume }) => ({
              name: volume.name,
              mountPath: path,
              ...(readOnly === undefined ? {} : { readOnly }),
            })),
            ...extra.mounts,
          ],
        },
      ],
      volumes: [...mounted.map(({ volume }) => volume), ...git.volumes, ...extra.volumes],
    },
  };
}

/** The address of the API server, which the network policy closes. */
const API_SERVER = "$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)";

function variables(
  { config, traits }: Scope,
  { component, agent, env }: PodSpec,
): Pick<core.v1.Container, "envFrom" | "env"> {
  const { enabled, allow } = config.networkPolicy;
  // If the policy may open that address, there is nothing to wait for.
  const waits = traits.networkPolicy.late === true && enabled && allow.length === 0;
  const drain = config.terminationGracePeriodSeconds - SAVING_SECONDS;
  // A task's pod waits for the Secret, since its Job would be over.
  const awaited = component === "worker" ? awaitedSecret(config) : undefined;
  const own: Variables = {
    ...env,
    ...(awaited === undefined ? {} : { RALPH_KEY_SECRET: awaited }),
    ...(waits ? { RALPH_CLOSED_ADDRESS: API_SERVER } : {}),
    ...(drain > 0 ? { RALPH_DRAIN: String(drain) } : {}),
  };
  const secret = apiKeySecretName(config);
  // A Secret of the user's may have any variable, so pods get all of it.
  const whole = agent === "auto" || config.apiKeys.existingSecret !== undefined;
  const key = agent === "auto" || agent === "smoke" ? undefined : API_KEYS[agent];
  return {
    envFrom: [
      { configMapRef: { name: CONFIG_MAP } },
      ...(whole
        ? [{ secretRef: { name: secret, ...(awaited === undefined ? {} : { optional: true }) } }]
        : []),
      ...(config.extraEnvFrom as core.v1.EnvFromSource[]),
    ],
    env: [
      ...(whole || key === undefined
        ? []
        : [{ name: key, valueFrom: { secretKeyRef: { name: secret, key, optional: true } } }]),
      ...Object.keys(config.telemetry.otlp?.headers ?? {})
        .slice(0, 1)
        .map(() => ({
          name: HEADERS_KEY,
          valueFrom: { secretKeyRef: { name: TELEMETRY_SECRET, key: HEADERS_KEY } },
        })),
      ...Object.entries({ HOME: MOUNTS.home, ...own }).map(([name, value]) => ({ name, value })),
      ...extraVariables(config),
    ],
  };
}

function volumes({ config }: Scope, { component, agent }: PodSpec): Mounted[] {
  const { enabled, workspace, cache } = config.persistence;
  const git = gitSecretName(config);
  const keys = keyFiles(config, agent);
  // Only one node can mount a ReadWriteOnce volume, the node of the workers. A task could wait indefinitely for
  // capacity on that node, so it works on a volume of its own.
  const shared = component === "worker" || workspace.accessMode === "ReadWriteMany";
  return [
    {
      path: MOUNTS.workspace,
      volume:
        enabled && shared
          ? claim("workspace", workspace.existingClaim ?? WORKSPACE_CLAIM)
          : empty("workspace"),
    },
    {
      path: MOUNTS.cache,
      volume:
        enabled && cache.kind === "pvc" ? claim("cache", cache.existingClaim ?? CACHE_CLAIM) : empty("cache"),
    },
    {
      path: MOUNTS.prompts,
      readOnly: true,
      volume: { name: "prompts", configMap: { name: PROMPTS_CONFIG_MAP } },
    },
    ...(git === undefined ? [] : [{ path: MOUNTS.socket, volume: empty("git-socket") }]),
    ...(keys === undefined
      ? []
      : [{ path: MOUNTS.keys, readOnly: true as const, volume: { name: "keys", secret: keys } }]),
    // The root file system is read-only.
    { path: MOUNTS.home, volume: empty("home") },
    { path: "/tmp", volume: empty("tmp") },
  ];
}

export const empty = (name: string) => ({ name, emptyDir: {} });
export const claim = (name: string, claimName: string) => ({ name, persistentVolumeClaim: { claimName } });
