import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Problem } from "../config/problems";
import type { AccountQuestion, AuthenticationProgram } from "./preflight";

/** What the workload needs to know about a cluster: plain data, known in a preview, so that code can branch on it. */
export interface ClusterTraits {
  readonly storageClass: {
    /** Class of volumes for one node. */
    readonly rwo: string;
    /** Class of volumes for many nodes; undefined if the cluster has none. */
    readonly rwx?: string;
  };
  /** How volumes of those classes are backed up. Undefined: the program does not know. */
  readonly snapshots?: {
    /** Of the cluster. Undefined if the provider's configuration has none. */
    readonly region?: string;
    readonly rwo: Snapshots;
    readonly rwx?: Snapshots;
  };
  readonly ingress: {
    readonly className: string;
    readonly annotations: Readonly<Record<string, string>>;
    /** The controller for that class, in words, if the cluster does not provide one. */
    readonly missing?: string;
    /** The source of the controller's requests, which the network policy must allow. */
    readonly from: { readonly namespaces: readonly string[]; readonly cidrs: readonly string[] };
  };
  readonly networkPolicy: {
    /** Whether the data plane enforces NetworkPolicy objects; otherwise they are accepted and ignored. */
    readonly enforced: boolean;
    /** Whether a new pod can reach everything until its policies are applied, seconds later. */
    readonly late?: boolean;
    /** DNS resolvers that no pod selector matches: node-local caches, virtual addresses. */
    readonly dnsCidrs: readonly string[];
    /** Ranges that pods must not reach, besides private, link-local and metadata addresses. */
    readonly blockedCidrs: readonly string[];
    /** What names the hosts that pods may reach, and whether it is on. Undefined: only addresses can be named. */
    readonly hosts?: {
      readonly kind: "FQDNNetworkPolicy" | "CiliumNetworkPolicy";
      readonly enabled: boolean;
    };
  };
  /** How pods get an identity at the cloud. Undefined: the program does not know. */
  readonly podIdentity?: PodIdentity;
  /** How the cloud's own secret store is read. Undefined: the program knows of none. */
  readonly secretStore?: {
    /** What one identity can be limited to. */
    readonly limit: "prefix" | "vault";
    /** Whose identity reads: that of a service account for it, or the operator's. */
    readonly reader: "own" | "operator";
  };
  /** Whether the cluster serves metrics.k8s.io, which an HPA needs. */
  readonly metricsApi: boolean;
  /** Architectures of the nodes for Ralph's pods, for which their image is built. */
  readonly architectures: readonly Architecture[];
  /** The program of `RegistryLogin.password`. Undefined: the cluster has no registry. */
  readonly registry?: AuthenticationProgram;
  /** What a pod needs to run on the nodes intended for it, such as tainted spot nodes. */
  readonly scheduling?: {
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly tolerations: readonly Toleration[];
    /** The RuntimeClass of those nodes, if it is not the default. */
    readonly runtimeClassName?: string;
  };
}

/** How volumes of a class are backed up. */
export type Snapshots =
  | {
      /** VolumeSnapshotClass that the stack creates. */
      readonly className: string;
      /** VolumeSnapshotClass of the copies in another region; `daily` if a service of the cloud makes them, once a day. */
      readonly copies: { readonly className: string } | "daily";
    }
  /** Why there are none. */
  | { readonly none: string };

/** What a cluster has to do for backups. */
export interface BackupPlan {
  readonly volume: "rwo" | "rwx";
  readonly claim: { readonly namespace: string; readonly name: string };
  readonly copy?: {
    readonly region: string;
    /** A cron schedule of five fields. */
    readonly schedule: string;
    readonly retentionDays: number;
  };
}

export interface Backups {
  /** The classes in `ClusterTraits.snapshots`. */
  readonly classes: readonly SnapshotClassSpec[];
  /** What must exist before the classes, and is deleted after them. */
  readonly after: readonly pulumi.Resource[];
}

export interface SnapshotClassSpec {
  readonly name: string;
  readonly driver: string;
  readonly parameters: Readonly<Record<string, pulumi.Input<string>>>;
}

/** A cloud's platform for models, on which pods log in by the identity that the same cloud gives them. */
export type ModelPlatform = "bedrock" | "vertex" | "foundry";

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** How the cloud gives an identity to the pods of a service account. */
export interface PodIdentity {
  readonly platform: ModelPlatform;
  /** Where pods get their credentials, on the node itself. The network policy closes it otherwise. */
  readonly egress: readonly { readonly cidr: string; readonly ports: readonly number[] }[];
  /** Without these labels a pod gets none. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** The annotation of a service account that names its identity. Undefined if the cloud needs none. */
  readonly annotation?: string;
}

/** The models that the pods of a service account may use, by the platform that has them. */
export interface ModelAccess {
  readonly serviceAccount: ServiceAccount;
  /** Ids or ARNs of models and inference profiles. */
  readonly bedrock?: { readonly region: string; readonly models: readonly string[] };
  readonly vertex?: { readonly projects: readonly string[] };
  readonly foundry?: { readonly resourceId: string };
}

/** What a cloud created so that pods may use models. */
export interface Granted {
  /** Pods that start earlier have no access. */
  readonly grants: readonly pulumi.Resource[];
  /** Annotations of the service account. */
  readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What External Secrets may read in the cloud's own secret store. */
export interface SecretAccess {
  /** The service account that reads, in clouds that give each its own identity. */
  readonly reader: ServiceAccount;
  /** The service account of the operator. */
  readonly operator: ServiceAccount;
  /** Of the names of the secrets. */
  readonly prefix: string;
  /** Id of the one store that is read, in clouds that have many. */
  readonly vault?: string;
}

/** The cloud's secret store, as a SecretStore describes it. */
export interface SecretSource extends Granted {
  /** `spec.provider`. */
  readonly provider: Readonly<Record<string, unknown>>;
}

/** A processor architecture, as container images name it. */
export type Architecture = "amd64" | "arm64";

export interface Toleration {
  readonly key: string;
  readonly operator: "Equal" | "Exists";
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A storage class that the cloud does not provide. A volume is created in the zone of its first pod. */
export interface StorageClassSpec {
  readonly name: string;
  readonly provisioner: string;
  readonly parameters: Readonly<Record<string, pulumi.Input<string>>>;
  readonly mountOptions?: readonly string[];
  /** False if the driver cannot grow a volume, whose claim would then wait for it indefinitely. Default: true. */
  readonly expandable?: boolean;
}

/** How to run cluster-autoscaler on a cloud that does not autoscale nodes itself. */
export interface NodeAutoscaler {
  readonly image: pulumi.Input<string>;
  /** The service account that the cloud grants access to. */
  readonly serviceAccount: ServiceAccount;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A registry of the cloud, from which the nodes pull without credentials. */
export interface Registry {
  /** Name of an image in it, without a tag. */
  readonly image: pulumi.Output<string>;
  /** Known once the registry exists. */
  readonly login: pulumi.Output<RegistryLogin>;
}

/** How the user's login at the cloud becomes one at its registry. */
export interface RegistryLogin {
  readonly username: string;
  /** The command that prints a password, valid for some hours. */
  readonly password: readonly [command: string, ...args: string[]];
  /** The command that logs the user in at the cloud, if that one fails. */
  readonly fix: string;
}

/** A cluster, as far as the workload and its provider need to know it. */
export interface Cluster extends pulumi.ComponentResource {
  readonly clusterName: pulumi.Output<string>;
  /** Changes only if the cluster is replaced: the provider's clusterIdentifier. */
  readonly identity: pulumi.Output<string>;
  /** Always secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The classes in `ClusterTraits.storageClass` that the cloud does not provide. */
  readonly storageClasses: readonly StorageClassSpec[];
  /** Undefined if the cloud autoscales nodes itself, or if autoscaling is off. */
  readonly nodeAutoscaler?: NodeAutoscaler;
  /** Where the image of Ralph's pods is pushed. Undefined: no registry. */
  readonly registry?: Registry;
  /** Allows External Secrets to read the cloud's secret store, on clusters whose traits have a `secretStore`. */
  readonly grantSecrets?: (access: SecretAccess) => SecretSource;
  /** Allows pods to use models of the cloud, on clusters whose traits have a `podIdentity`. */
  readonly grantModels?: (access: ModelAccess) => Granted;
  /** Creates what backups need, on clusters whose traits have `snapshots`. */
  readonly prepareBackups?: (plan: BackupPlan) => Backups;
  /** Reads an object by its path, on a cluster that others use as well; undefined if it cannot be read. */
  readonly read?: <T>(path: string) => Promise<T | undefined>;
  /** Everything that must outlive all pods and volumes: nodes, drivers, permissions, routes. */
  readonly foundation: readonly pulumi.Resource[];
}

export type ClusterFactory<Config> = (
  name: string,
  config: Config,
  opts?: pulumi.ComponentResourceOptions,
) => Cluster;

/** An ephemeral cluster on a cloud: small, cheap, and deleted with everything it created. */
export interface Ephemeral<Config> {
  /** Defaults of keys under `ralph:cluster`. `name` is unique to the stack. */
  readonly defaults: (given: {
    readonly name: string;
    readonly tags: Readonly<Record<string, string>>;
  }) => Readonly<Record<string, unknown>>;
  /** Keys that must not be set: those of an encryption key, which would outlive the cluster. */
  readonly without: readonly string[];
  readonly check?: (config: Config) => Problem[];
}

/** What the folder of a cloud exports as `cloud`. */
export interface Cloud<Config> {
  /** The keys under `ralph:cluster` on this cloud. */
  readonly schema: z.ZodType<Config>;
  /** Rules that the schema cannot state, such as a file that must exist. It calls no cloud. */
  readonly check?: (config: Config) => Problem[];
  /** What the user's account must allow; undefined if the provider uses another login than that of the cloud's program. */
  readonly account?: (config: Config) => AccountQuestion | undefined;
  /** Warnings about what is allowed but unwise, each with its fix. */
  readonly warnings?: (config: Config) => string[];
  readonly traits: (config: Config) => ClusterTraits;
  readonly ephemeral: Ephemeral<Config>;
  /** Asks the cloud at once what `create` needs to know, so that it does not wait for each answer. */
  readonly prepare?: (config: Config) => Promise<void>;
  readonly create: ClusterFactory<Config>;
}
