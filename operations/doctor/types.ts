import type {
  CoreV1Event,
  V1ConfigMap,
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ResourceQuota,
  V1Secret,
  V1StorageClass,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";

/** What the checks look at, by name. Dates are text, as the server sends them. */
export interface Objects {
  /** The workload's namespace; none where there is none. */
  readonly namespaces: readonly V1Namespace[];
  readonly deployments: readonly V1Deployment[];
  /** Ralph's, by their label. */
  readonly pods: readonly V1Pod[];
  readonly jobs: readonly V1Job[];
  readonly cronJobs: readonly V1CronJob[];
  readonly events: readonly CoreV1Event[];
  readonly claims: readonly V1PersistentVolumeClaim[];
  readonly quotas: readonly V1ResourceQuota[];
  readonly autoscalers: readonly V2HorizontalPodAutoscaler[];
  readonly networkPolicies: readonly V1NetworkPolicy[];
  readonly configMaps: readonly V1ConfigMap[];
  /** Those that the pods name, by name; undefined where there is none of that name. */
  readonly secrets: ReadonlyMap<string, V1Secret | undefined>;
  readonly storageClasses: readonly V1StorageClass[];
  readonly nodes: readonly V1Node[];
  /** Of the cluster's own namespace: resolvers, and who enforces network policies. */
  readonly systemPods: readonly V1Pod[];
  readonly systemDaemonSets: readonly V1DaemonSet[];
  /** Whether somebody serves metrics.k8s.io. */
  readonly metricsApi: boolean;
}
export type Kind = keyof Objects;

/** Something that is wrong, or will not work. */
export interface Finding {
  /** Kind and name of the object it is seen at. */
  readonly object: string;
  /** What is seen, in the words of the server where it has some. */
  readonly what: string;
  readonly cause: string;
  /** Commands that mend it, or show more; the likeliest first. */
  readonly fix: readonly string[];
}

/** What a check knows besides objects. */
export interface Context {
  readonly namespace: string;
  /** A command that sets a key of the program's configuration, below `ralph:`. */
  readonly set: (path: string, value: string) => string;
  /** The same for a secret, which the command asks for: no value in a shell's history. */
  readonly setSecret: (path: string) => string;
  /** A command that takes a key away. */
  readonly unset: (path: string) => string;
  /** `pulumi up`. */
  readonly up: string;
  /** `pulumi refresh`: without it the engine takes what somebody has deleted for something that is there. */
  readonly refresh: string;
  /** A `kubectl` command in the namespace. */
  readonly kubectl: (args: string) => string;
}

/** One thing to look for. */
export interface Check {
  /** What it is about, as the report calls it. */
  readonly name: string;
  /** Without any of them it cannot look. */
  readonly needs: readonly Kind[];
  readonly look: (objects: Objects, context: Context) => Finding[];
}

/** A check that sees only what it says it needs. */
export const check = <Need extends Kind>(definition: {
  name: string;
  needs: readonly Need[];
  look: (objects: Pick<Objects, Need>, context: Context) => Finding[];
}): Check => definition;
