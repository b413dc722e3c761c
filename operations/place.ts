import type { Stack } from "@pulumi/pulumi/automation";
import * as pulumi from "@pulumi/pulumi";

import { cloud, type CloudName, CLOUDS, type ClusterConfig } from "../clusters";
import { operationsOf, type Place } from "../clusters/operations";
import type { ClusterTraits } from "../clusters/types";
import { merge, readSources } from "../config/sources";
import { ToolError } from "../lib/errors";
import { PROJECT } from "../lib/repository";
import { clusterDefaults, schema as ephemeralSchema } from "../stack/ephemeral";
import { SECRETS } from "../stack/secrets";
import { schema as workload } from "../workload/keys";

interface Read {
  readonly name: CloudName;
  readonly config: readonly (readonly [key: string, value: string])[];
  readonly values: Readonly<Record<string, unknown>>;
  /** The section `cluster`, with its defaults. Undefined if it is invalid. */
  readonly parsed?: ClusterConfig;
}

/** @throws ToolError if the stack's configuration names no cloud, or an unknown one */
async function readConfig(stack: Stack): Promise<Read> {
  const config = Object.entries(await stack.getAllConfig()).map(([key, { value }]) => [key, value] as const);
  // The program's own way to read it, values file included; it expects the engine's copy.
  pulumi.runtime.setAllConfig(Object.fromEntries(config));
  const { values } = readSources(PROJECT, SECRETS);
  const name = CLOUDS.find((each) => each === values.cloud);
  if (name === undefined)
    throw new ToolError(
      `ralph:cloud of stack ${stack.name} must be one of ${CLOUDS.join(", ")}: pulumi config set ralph:cloud <cloud> --stack ${stack.name}`,
    );
  const { ephemeral, schema } = cloud(name);
  const lifetime = ephemeralSchema.safeParse(values.ephemeral).data;
  const below = clusterDefaults(ephemeral, lifetime, { project: PROJECT, stack: stack.name });
  const merged = merge(below, (values.cluster ?? {}) as Record<string, unknown>);
  return { name, config, values, parsed: schema.safeParse(merged).data };
}

/** What the stack's configuration says about its cluster; undefined if it is invalid. */
export async function traitsOf(stack: Stack): Promise<ClusterTraits | undefined> {
  const { name, parsed } = await readConfig(stack);
  return parsed === undefined ? undefined : cloud(name).traits(parsed);
}

/** @throws ToolError if the stack's configuration names no cloud, or an unknown one */
export async function placeOf(stack: Stack): Promise<Place> {
  const { name, config, values, parsed } = await readConfig(stack);
  const cluster = (parsed ?? values.cluster ?? {}) as Record<string, unknown>;
  const text = (key: string) => (typeof cluster[key] === "string" ? cluster[key] : undefined);
  const operations = operationsOf(name);
  const prefix = operations.ownsCluster ? `${operations.provider}:` : undefined;
  const provider = config.filter(([key]) => prefix !== undefined && key.startsWith(prefix));
  return {
    cloud: name,
    stack: stack.name,
    cluster: text("name") ?? "",
    namespace: workload.namespace.safeParse(values.namespace).data,
    where: Object.fromEntries(operations.where.map((key) => [key, text(key)])),
    provider: Object.fromEntries(provider.map(([key, value]) => [key.slice(prefix?.length), value])),
  };
}
