import type * as pulumi from "@pulumi/pulumi";
import type { core, meta } from "@pulumi/kubernetes/types/input";
import type { ClusterTraits } from "../clusters/types";
import type { RalphConfig } from "./config";

export type Labels = Readonly<Record<string, string>>;
/** What a pod is for; worker pods alone belong to the Deployment and count for the autoscaler. */
export type Component = "worker" | "task" | "schedule" | "smoke";

/** The namespace that the Prometheus Operator's own manifests use, and the guide. */
export const MONITORING_NAMESPACE = "monitoring";

/** On every pod of Ralph, whoever made it: what Service, NetworkPolicy and Prometheus select by. */
const APP: Labels = { app: "ralph-orchestrator" };
const COMPONENT = "app.kubernetes.io/component";

/**
 * For an object of a CRD, on which nothing depends: the garbage collector looks for new kinds every 30 s only, and a
 * deletion in the foreground, the provider's own, waits for it.
 */
export const DELETED_AT_ONCE = { "pulumi.com/deletionPropagationPolicy": "background" };

/** What all objects share: names, labels, and where they belong. */
export interface Scope {
  /** Prefix of the logical names. */
  readonly name: string;
  readonly config: RalphConfig;
  readonly traits: ClusterTraits;
  readonly image: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  readonly selector: { readonly all: Labels; readonly worker: Labels };
  /** Name, namespace and labels of an object; of a pod template too, which has no name. */
  readonly metadata: (name?: string, component?: Component) => meta.v1.ObjectMeta;
  readonly options: (extra?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions;
}

export function createScope(
  name: string,
  parent: pulumi.Resource,
  { config, traits, image, namespace }: Pick<Scope, "config" | "traits" | "image" | "namespace">,
): Scope {
  const worker = { ...APP, [COMPONENT]: "worker" };
  return {
    name,
    config,
    traits,
    image,
    namespace,
    selector: { all: APP, worker },
    metadata: (objectName, component) => ({
      ...(objectName === undefined ? {} : { name: objectName, namespace }),
      labels: {
        ...APP,
        "app.kubernetes.io/name": "ralph-orchestrator",
        ...(component === undefined ? {} : { [COMPONENT]: component }),
      },
    }),
    options: (extra) => ({ parent, ...extra }),
  };
}

/** The Secrets by which pods pull their image. */
export const pullSecrets = ({ config }: Scope): core.v1.LocalObjectReference[] =>
  config.imagePullSecrets.map(({ name }) => ({ name }));
