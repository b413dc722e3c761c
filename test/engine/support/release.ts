import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { REPOSITORY } from "../../../lib/repository";
import { PLUGINS, type Resource as CloudResource } from "../../../stub-clouds/types";
import { kubectlWith } from "./kubectl";
import { blank, type Export, filled, needed, revealed, sorted } from "./portable";
import { objectsOf, Stack, type StackOptions, type StateResource, type Values } from "./stack";

/** One folder for each release, with the state and stack file of each stack. */
export const RELEASES = join(REPOSITORY, "test", "engine", "releases");

const ADMINISTRATOR = { objectId: "11111111-2222-3333-4444-555555555555" };
const MONITORING = { monitoring: { install: "none" } };

/** The stacks that a release records: each with its committed stack file, and the values that this leaves open. */
export const STACKS: Readonly<Record<string, StackOptions & { readonly cluster?: Values }>> = {
  local: { namespace: "release-local" },
  gke: {
    namespace: "release-gke",
    from: "gke",
    plugins: ["gcp"],
    foreign: { "gcp:project": "acme-agents" },
    config: MONITORING,
  },
  eks: {
    namespace: "release-eks",
    from: "eks",
    plugins: ["aws", "eks"],
    config: MONITORING,
    cluster: { admins: ["arn:aws:iam::123456789012:role/deployers"] },
  },
  aks: {
    namespace: "release-aks",
    from: "aks",
    plugins: ["azure-native"],
    config: MONITORING,
    // Spot nodes are a separate pool.
    cluster: { admins: [ADMINISTRATOR], nodes: { spot: true } },
  },
};

export interface Recording {
  readonly version: string;
  readonly name: string;
}

export const path = ({ version, name }: Recording, extension: "json" | "yaml"): string =>
  join(RELEASES, version, `${name}.${extension}`);

/** All recordings, oldest release first. */
export const recordings = (): Recording[] =>
  readdirSync(RELEASES)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .flatMap((version) =>
      readdirSync(join(RELEASES, version))
        .filter((file) => file.endsWith(".json"))
        .map((file) => ({ version, name: file.slice(0, -".json".length) })),
    );

/** A stack of this table, with the configuration of its recording. */
export async function fresh(name: string): Promise<Stack> {
  const options = STACKS[name];
  if (options === undefined) throw new Error(`no stack ${name} in the table of recorded stacks`);
  const stack = await Stack.create(options);
  if (options.cluster !== undefined)
    stack.configure({ cluster: { ...(stack.configured("cluster") as Values), ...options.cluster } });
  return stack;
}

const exported = (stack: Stack, ...args: string[]): Promise<string> =>
  stack.pulumi(["stack", "export", ...args]);
async function imported(stack: Stack, text: string): Promise<void> {
  const file = join(stack.dir, "import.json");
  writeFileSync(file, text);
  await stack.pulumi(["stack", "import", "--file", file]);
}

/**
 * Writes the state and the stack file of a running stack. The placeholders are put in while secrets are plain, and
 * the engine encrypts the secrets again with them: so no ciphertext contains anything of this machine either.
 */
export async function record(stack: Stack, to: Recording): Promise<void> {
  const state = await exported(stack, "--show-secrets");
  const portable = blank(state);
  try {
    await imported(stack, portable);
    const encrypted = sorted(needed(JSON.parse(await exported(stack)) as Export));
    writeFileSync(path(to, "json"), `${JSON.stringify(encrypted, undefined, 1)}\n`);
  } finally {
    await imported(stack, state);
  }
  const config = JSON.stringify(parse(readFileSync(stack.configFile, "utf8")));
  writeFileSync(path(to, "yaml"), stringify(JSON.parse(blank(config))));
}

/**
 * A stack with recorded state and configuration, on this run's control plane, which then has its objects as well:
 * an unchanged object is previewed without it, but a changed object that does not exist ends the preview early. A
 * stub cloud gets the resources that it would have created.
 */
export async function restore(from: Recording): Promise<Stack> {
  const stack = await fresh(from.name);
  writeFileSync(stack.configFile, filled(readFileSync(path(from, "yaml"), "utf8")));
  await imported(stack, readFileSync(path(from, "json"), "utf8"));
  const state = filled(await exported(stack, "--show-secrets")).replace(FIELD_MANAGER, MANAGER);
  await imported(stack, state);

  const { resources } = revealed((JSON.parse(state) as Export).deployment) as Export["deployment"];
  await stack.clouds?.edit(() => resources.flatMap(inCloud));
  await kubectlWith(objectsOf(resources), "apply", "--server-side", `--field-manager=${MANAGER}`);
  return stack;
}

/** Removes a restored stack. Its state contains nothing else to destroy. */
export async function forget(stack: Stack): Promise<void> {
  await kubectlWith(stack.objects, "delete", "--ignore-not-found", "--timeout=60s");
  rmSync(stack.stateFile);
  await stack.remove();
}

/** The provider uses a separate field manager for each object, and conflicts with any other. */
const FIELD_MANAGER = /pulumi-kubernetes-[0-9a-f]{8}/g;
const MANAGER = "pulumi-kubernetes-restored";

/** The resource as a stub cloud stores one that was created long ago. */
function inCloud(
  { urn, type, id, inputs = {}, outputs = {} }: StateResource,
  serial: number,
): CloudResource[] {
  const plugin = type.slice(0, type.indexOf(":"));
  if (id === undefined || !PLUGINS.some((each) => each === plugin)) return [];
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  return [{ plugin, token: type, id, name, urn, inputs, outputs, created: 0, ready: 0, serial }];
}
