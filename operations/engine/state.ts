import type { Stack } from "@pulumi/pulumi/automation";

import { KEPT_TAG } from "../../clusters/ownership";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- inputs of any resource, read by path
export type Values = Readonly<Record<string, any>>;

/** A resource in the state. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  /** Whether a provider created it, unlike a component. */
  readonly custom?: boolean;
  readonly id?: string;
  readonly inputs?: Values;
  readonly outputs?: Values;
  readonly parent?: string;
  /** The provider that created it, as `urn::id`. */
  readonly provider?: string;
  readonly protect?: boolean;
  /** Whether deleting it leaves what it stands for: something kept, or what `recover` does not know yet whose it is. */
  readonly retainOnDelete?: boolean;
}

export interface State {
  readonly resources: readonly Resource[];
  /** Operations that a killed run did not finish. */
  readonly pending: readonly { readonly type: string; readonly resource: Resource }[];
}

/** Key that marks a secret in place of its value (sdk/go/common/resource/sig). */
const SECRET = "4dabf18193072939515e22adb298388d";

/** Reads the current state with its secrets decrypted, for this process alone. */
export async function readState(stack: Stack): Promise<State> {
  const { deployment } = (await stack.exportStack()) as {
    deployment?: { resources?: Resource[]; pending_operations?: State["pending"] };
  };
  return {
    resources: (deployment?.resources ?? []).map(open),
    pending: (deployment?.pending_operations ?? []).map(({ type, resource }) => ({
      type,
      resource: open(resource),
    })),
  };
}

const open = (resource: Resource): Resource => ({
  ...resource,
  inputs: opened(resource.inputs) as Values | undefined,
  outputs: opened(resource.outputs) as Values | undefined,
});

function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (value === null || typeof value !== "object") return value;
  const { plaintext } = value as { plaintext?: string };
  if (SECRET in value && plaintext !== undefined) return opened(JSON.parse(plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

/** The logical name in a URN. */
export const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** Whether a provider created something for it: not for a component, nor for a provider itself. */
export const isReal = ({ custom, type }: Resource): boolean => custom === true && !type.startsWith("pulumi:");

/** Whether it outlives the stack: copies of backups. */
export const isKept = ({ retainOnDelete, inputs }: Pick<Resource, "retainOnDelete" | "inputs">): boolean =>
  retainOnDelete === true &&
  (inputs?.tags as Readonly<Record<string, string>> | undefined)?.[KEPT_TAG] !== undefined;

/**
 * The Kubernetes provider of a stack's objects. The component of a cloud may register another one, earlier, which
 * connects as the user who ran the last `pulumi up` and not as `cluster.auth` says.
 */
export function providerOfObjects(resources: readonly Resource[]): Resource | undefined {
  const used = new Set(
    resources.filter(({ type }) => type.startsWith("kubernetes:")).map(({ provider }) => provider),
  );
  return resources.find(
    ({ type, urn, id }) => type === "pulumi:providers:kubernetes" && used.has(`${urn}::${id}`),
  );
}
