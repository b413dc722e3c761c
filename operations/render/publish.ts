import { ToolError } from "../../lib/errors";
import type { KubernetesObject } from "./objects";
import { PLACEHOLDER } from "./stack-config";

/** What may be published about a Secret: how to create it. */
export interface SecretReference {
  readonly name: string;
  readonly type: string;
  readonly keys: readonly string[];
}

/** Objects that anyone may read, and Secrets by name and keys only. */
export interface Published {
  readonly objects: readonly KubernetesObject[];
  readonly secrets: readonly SecretReference[];
}

/** @throws ToolError if an object other than a Secret contains a secret value */
export function publish(all: readonly KubernetesObject[]): Published {
  return {
    objects: all.filter(({ kind }) => kind !== "Secret").map(open),
    secrets: all
      .filter(({ kind }) => kind === "Secret")
      .map(({ metadata: { name }, type, stringData }) => ({
        name,
        type: type as string,
        keys: Object.keys(unwrap(stringData)),
      })),
  };
}

/** How the SDK marks a secret input: `{ [SIGNATURE]: ..., value }`. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

const isMap = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
const unwrap = (value: unknown): object =>
  ((isMap(value) && SIGNATURE in value ? value.value : value) ?? {}) as object;

function open(object: KubernetesObject): KubernetesObject {
  const at = secretPath(object, []);
  if (at !== undefined) {
    throw new ToolError(
      `${object.kind} ${object.metadata.name} would contain a secret of the stack, at ${at.join(".")}; nothing was written.\n` +
        `If anyone may know the value, set it without --secret.`,
    );
  }
  return withoutAnnotations(object) as KubernetesObject;
}

function secretPath(value: unknown, at: readonly string[]): readonly string[] | undefined {
  if (typeof value === "string") return value.includes(PLACEHOLDER) ? at : undefined;
  if (value === null || typeof value !== "object") return undefined;
  if (SIGNATURE in value) return at;
  for (const [key, inner] of Object.entries(value)) {
    const found = secretPath(inner, [...at, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Annotations that are useless without Pulumi, or a hash of what is not rendered. */
const ANNOTATIONS = /^(pulumi\.com\/.*|checksum\/secrets|ralph-orchestrator\/size)$/;

/** Removes them from the object and from the templates in it. */
function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (key !== "annotations") return [[key, withoutAnnotations(inner)]];
      const kept = Object.entries(inner as object).filter(([name]) => !ANNOTATIONS.test(name));
      return kept.length > 0 ? [[key, Object.fromEntries(kept)]] : [];
    }),
  );
}
