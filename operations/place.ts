import type { Stack } from "@pulumi/pulumi/automation";
import * as pulumi from "@pulumi/pulumi";

import { cloud, type CloudName, CLOUDS } from "../clusters";
import { clusterDefaults, schema as ephemeralSchema } from "../stack/ephemeral";
import { SECRETS } from "../stack/secrets";
import { merge, readSources } from "../config/sources";
import { ToolError } from "../lib/errors";
import { PROJECT } from "../lib/repository";
import { schema as workload } from "../workload/keys";

/** Where in a cloud a stack is, as its configuration has it: also when nothing of it is left. */
export interface Place {
  readonly cloud: CloudName;
  readonly stack: string;
  /** Name of the cluster, and on Google Cloud of what it stands on. */
  readonly cluster: string;
  /** Zone or region of a GKE cluster. */
  readonly location?: string;
  /** Of an AKS cluster and all that belongs to it. */
  readonly resourceGroup?: string;
  /** Of a cluster that stays: how it is reached, and the stack's namespace in it. */
  readonly existing?: { readonly namespace: string; readonly kubeconfig?: string; readonly context?: string };
  /** Keys of the cloud's provider, without its prefix: `project`, `region`, `profile`, `subscriptionId`. */
  readonly provider: Readonly<Record<string, string>>;
}

/** Prefix of the configuration of each cloud's provider. */
const PROVIDERS: Readonly<Partial<Record<CloudName, string>>> = {
  gke: "gcp:",
  eks: "aws:",
  aks: "azure-native:",
};

/** @throws ToolError where the configuration does not say which cloud it is, or is wrong about it */
export async function placeOf(stack: Stack): Promise<Place> {
  const config = Object.entries(await stack.getAllConfig()).map(([key, { value }]) => [key, value] as const);
  // The program's own way to read it, values file and all; it wants the engine's copy.
  pulumi.runtime.setAllConfig(Object.fromEntries(config));
  const { values } = readSources(PROJECT, SECRETS);
  const name = CLOUDS.find((each) => each === values.cloud);
  if (name === undefined)
    throw new ToolError(
      `ralph:cloud of stack ${stack.name} is none of ${CLOUDS.join(", ")}: pulumi config set ralph:cloud <cloud> --stack ${stack.name}`,
    );
  const { ephemeral, schema } = cloud(name);
  const visit = ephemeralSchema.safeParse(values.ephemeral).data;
  const below = clusterDefaults(ephemeral, visit, { project: PROJECT, stack: stack.name });
  const parsed = schema.safeParse(merge(below, (values.cluster ?? {}) as Record<string, unknown>));
  const cluster = (parsed.success ? parsed.data : (values.cluster ?? {})) as Record<
    string,
    string | undefined
  >;
  const namespace = workload.namespace.safeParse(values.namespace).data;
  const prefix = PROVIDERS[name];
  const provider = config.filter(([key]) => prefix !== undefined && key.startsWith(prefix));
  return {
    cloud: name,
    stack: stack.name,
    cluster: cluster.name ?? "",
    location: cluster.location,
    resourceGroup: cluster.resourceGroup,
    ...(name === "existing" &&
      namespace !== undefined && {
        existing: { namespace, kubeconfig: cluster.kubeconfig, context: cluster.context },
      }),
    provider: Object.fromEntries(provider.map(([key, value]) => [key.slice(prefix?.length), value])),
  };
}
