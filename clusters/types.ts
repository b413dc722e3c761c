import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Problem } from "../config/problems";

/** What the workload must know of a cluster, as plain data: known while previewing, so it may branch on it. */
export interface ClusterTraits {
  readonly storageClass: {
    /** Class of a volume that one node mounts. */
    readonly rwo: string;
    /** Class of a volume that many nodes mount; absent where the cluster has none. */
    readonly rwx?: string;
  };
  readonly ingress: {
    readonly className: string;
    readonly annotations: Readonly<Record<string, string>>;
    /** What serves that class and the cluster does not bring, in words; absent where it does. */
    readonly missing?: string;
    /** Where the controller's requests come from: what the network policy must let in. */
    readonly from: { readonly namespaces: readonly string[]; readonly cidrs: readonly string[] };
  };
  readonly networkPolicy: {
    /** Whether the data plane enforces NetworkPolicy objects; elsewhere they are accepted and ignored. */
    readonly enforced: boolean;
    /** Resolvers that no pod selector matches: node-local caches, virtual addresses. */
    readonly dnsCidrs: readonly string[];
    /** Ranges closed to the pods besides private, link-local and metadata addresses. */
    readonly blockedCidrs: readonly string[];
  };
  /** Whether metrics.k8s.io is served, without which an HPA scales nothing. */
  readonly metricsApi: boolean;
  /** Processors of the nodes that pods of Ralph run on: what their image is built for. */
  readonly architectures: readonly Architecture[];
  /** Whether the cluster brings a registry: whether `Cluster.registry` is there. */
  readonly registry: boolean;
  /** What a pod must say to run on the nodes that are meant for it, such as tainted spot nodes. */
  readonly scheduling?: {
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly tolerations: readonly Toleration[];
  };
}

/** As container images name them. */
export type Architecture = "amd64" | "arm64";

export interface Toleration {
  readonly key: string;
  readonly operator: "Equal" | "Exists";
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A storage class that the cloud does not bring. Volumes are made where their first pod is scheduled. */
export interface StorageClassSpec {
  readonly name: string;
  readonly provisioner: string;
  readonly parameters: Readonly<Record<string, pulumi.Input<string>>>;
  readonly mountOptions?: readonly string[];
}

/** How cluster-autoscaler is started on a cloud that does not count nodes by itself. */
export interface NodeAutoscaler {
  readonly image: string;
  /** The account that its cloud lets in. */
  readonly serviceAccount: { readonly name: string; readonly namespace: string };
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A cluster, as much of it as the workload and its provider need. */
export interface Cluster extends pulumi.ComponentResource {
  readonly clusterName: pulumi.Output<string>;
  /** Changes only when the cluster is replaced: the provider's clusterIdentifier. */
  readonly identity: pulumi.Output<string>;
  /** Always secret. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly traits: ClusterTraits;
  /** The classes that `traits.storageClass` names and the cloud does not bring. */
  readonly storageClasses: readonly StorageClassSpec[];
  /** Absent where the cloud itself counts the nodes, or where nobody shall. */
  readonly nodeAutoscaler?: NodeAutoscaler;
  /** Name of an image that can be pushed, without tag; the nodes pull it without a key. Absent: no registry. */
  readonly registry?: pulumi.Output<string>;
  /** What must outlive every pod and volume: nodes, drivers, permissions, routes. */
  readonly foundation: readonly pulumi.Resource[];
}

export type ClusterFactory<Config> = (
  name: string,
  config: Config,
  opts?: pulumi.ComponentResourceOptions,
) => Cluster;

/** What a cluster that lives for hours is like on a cloud: small, cheap, and gone without a trace. */
export interface Ephemeral<Config> {
  /** Keys under `ralph:cluster`, below what the stack says. `name` is one that no other stack has. */
  readonly defaults: (given: {
    readonly name: string;
    readonly tags: Readonly<Record<string, string>>;
  }) => Readonly<Record<string, unknown>>;
  /** Keys that it cannot have: those of an encryption key, which outlives it. */
  readonly without: readonly string[];
  readonly check?: (config: Config) => Problem[];
}

/** What a file `clusters/<cloud>.ts` exports. */
export interface Cloud<Config> {
  /** The keys under `ralph:cluster` on this cloud. */
  readonly schema: z.ZodType<Config>;
  /** Rules that the schema cannot state, such as a file that must exist. No call to a cloud. */
  readonly check?: (config: Config) => Problem[];
  /** What is allowed and unwise, each with the way out. */
  readonly warnings?: (config: Config) => string[];
  readonly traits: (config: Config) => ClusterTraits;
  readonly ephemeral: Ephemeral<Config>;
  readonly create: ClusterFactory<Config>;
}
