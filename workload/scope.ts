import type * as pulumi from "@pulumi/pulumi";
import type { core, meta } from "@pulumi/kubernetes/types/input";
import type { Cluster, ClusterTraits } from "../clusters/types";
import { OWNS_ITS_FIELDS } from "../lib/field-owner";
import type { RalphConfig } from "./keys";
import { APP_LABELS, COMPONENT_LABEL, RALPH } from "./names";

export type Labels = Readonly<Record<string, string>>;
/** The purpose of a pod. Only worker pods belong to the Deployment and count for the autoscaler. */
export type Component = "worker" | "task" | "schedule" | "smoke";

/**
 * For objects of a CRD without dependents. The garbage collector discovers new kinds only every 30 s, and the
 * provider's default, deletion in the foreground, waits for it.
 */
export const DELETED_AT_ONCE = { "pulumi.com/deletionPropagationPolicy": "background" };

/** For objects that are named by `elsewhere`: those of 0.1.0 all had the guide's name. */
export const KEEPS_ITS_NAME = ["metadata.name"];

/** What all objects share: names, labels, namespace and parent. */
export interface Scope {
  /** Prefix of the logical names. */
  readonly name: string;
  readonly config: RalphConfig;
  readonly traits: ClusterTraits;
  readonly image: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  /** Annotations of the service account by which the cloud gives pods their identity. */
  readonly granted: Readonly<Record<string, pulumi.Input<string>>>;
  readonly selector: { readonly all: Labels; readonly worker: Labels };
  /** Name, namespace, labels and annotations of an object; without a name, the labels of a pod template. */
  readonly metadata: (
    name?: string,
    component?: Component,
    annotations?: Readonly<Record<string, string>>,
  ) => meta.v1.ObjectMeta;
  /**
   * Name of an object in a namespace that all stacks of a cluster share. Stacks have different namespaces, and so
   * different names; in the guide's namespace it is the guide's name.
   */
  readonly elsewhere: (name: string) => string;
  /** Reads an object of a cluster that others use as well. */
  readonly read?: Cluster["read"];
  readonly options: (extra?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions;
}

export function createScope(
  name: string,
  parent: pulumi.Resource,
  {
    config,
    traits,
    image,
    namespace,
    granted,
    read,
  }: Pick<Scope, "config" | "traits" | "image" | "namespace" | "granted" | "read">,
): Scope {
  const worker = { ...APP_LABELS, [COMPONENT_LABEL]: "worker" };
  return {
    name,
    config,
    traits,
    image,
    namespace,
    granted,
    read,
    selector: { all: APP_LABELS, worker },
    metadata: (objectName, component, annotations) => ({
      ...(objectName === undefined
        ? {}
        : { name: objectName, namespace, annotations: { ...annotations, ...OWNS_ITS_FIELDS } }),
      labels: {
        ...config.commonLabels,
        ...APP_LABELS,
        "app.kubernetes.io/name": RALPH,
        ...(component === undefined ? {} : { [COMPONENT_LABEL]: component }),
      },
    }),
    elsewhere: (objectName) =>
      config.namespace === RALPH ? objectName : `${objectName}-${config.namespace}`,
    options: (extra) => ({ parent, ...extra }),
  };
}

/** The Secrets that pods pull their image with. */
export const pullSecrets = ({ config }: Scope): core.v1.LocalObjectReference[] =>
  config.imagePullSecrets.map(({ name }) => ({ name }));
