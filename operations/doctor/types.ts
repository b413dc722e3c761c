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

import type { Condition } from "../cluster/conditions";
import type { AlertName } from "../../workload/monitoring/alerts";

/** What the checks examine. Dates are strings, as the server sends them. */
export interface Objects {
  /** The workload's namespace; empty if it does not exist. */
  readonly namespaces: readonly V1Namespace[];
  readonly deployments: readonly V1Deployment[];
  /** Ralph's pods, by their label. */
  readonly pods: readonly V1Pod[];
  readonly jobs: readonly V1Job[];
  readonly cronJobs: readonly V1CronJob[];
  readonly events: readonly CoreV1Event[];
  readonly claims: readonly V1PersistentVolumeClaim[];
  readonly quotas: readonly V1ResourceQuota[];
  readonly autoscalers: readonly V2HorizontalPodAutoscaler[];
  readonly networkPolicies: readonly V1NetworkPolicy[];
  readonly configMaps: readonly V1ConfigMap[];
  /** The Secrets that pods refer to, by name; undefined if there is no such Secret. */
  readonly secrets: ReadonlyMap<string, V1Secret | undefined>;
  /** Of External Secrets; empty if the cluster does not have it. */
  readonly externalSecrets: readonly ExternalSecret[];
  readonly storageClasses: readonly V1StorageClass[];
  readonly nodes: readonly V1Node[];
  /** Pods and DaemonSets in kube-system: DNS servers and network plugins. */
  readonly systemPods: readonly V1Pod[];
  readonly systemDaemonSets: readonly V1DaemonSet[];
  /** Of the API server: `v1.35.2`. */
  readonly serverVersion: string;
  /** Whether the cluster serves metrics.k8s.io. */
  readonly metricsApi: boolean;
}
export type Need = keyof Objects;

/** https://external-secrets.io/latest/api/externalsecret */
interface ExternalSecret {
  readonly metadata?: { readonly name?: string };
  readonly spec?: { readonly secretStoreRef?: { readonly name?: string; readonly kind?: string } };
  readonly status?: {
    readonly conditions?: readonly Condition[];
  };
}

/** Something that is wrong, or will not work. */
export interface Finding {
  /** Kind and name of the object that shows it. */
  readonly object: string;
  /** What is observed, in the server's words where possible. */
  readonly what: string;
  readonly cause: string;
  /** Commands that fix it or show more, the most likely one first. */
  readonly fix: readonly string[];
}

/** The commands that findings suggest, for one namespace and one stack. */
export interface Commands {
  readonly namespace: string;
  /** Undefined: the selected one. */
  readonly stack?: string;
  /** Sets a key of the program's configuration, below `ralph:`. */
  readonly set: (path: string, value: string) => string;
  /** Sets a secret. The command asks for its value, which keeps it out of the shell's history. */
  readonly setSecret: (path: string) => string;
  /** Removes a key. */
  readonly unset: (path: string) => string;
  /** `pulumi up`. */
  readonly up: string;
  /** `pulumi refresh`: without it the engine believes that a deleted object still exists. */
  readonly refresh: string;
  /** `kubectl` in the namespace. */
  readonly kubectl: (args: string) => string;
}

/** One thing to check for. */
export interface Check {
  /** Its name in the report. */
  readonly name: string;
  /** The alert for the same trouble, whose section in docs/monitoring.md says more. */
  readonly alert?: AlertName;
  /** The check is skipped if any of these could not be read. */
  readonly needs: readonly Need[];
  readonly look: (objects: Objects, commands: Commands) => Finding[];
}

/** A check that sees only what it declares in `needs`. */
export const check = <Declared extends Need>(definition: {
  name: string;
  alert?: AlertName;
  needs: readonly Declared[];
  look: (objects: Pick<Objects, Declared>, commands: Commands) => Finding[];
}): Check => definition;
