import { type Path, propertyPath } from "./path";
import { isSecret, type Sources } from "./sources";
import type { Violation } from "./violations";

/** The sections whose values reach only Secrets. Whatever else is configured ends up in plain objects. */
export const SECRET_SECTIONS: readonly string[] = ["apiKeys", "imagePullSecrets"];

/** Secrets that lie in plain text, and plain values that their owner believes to be secret. */
export function secrecyViolations({ stack, file, remove }: Sources): Violation[] {
  const inStack = secretLeaves(stack).filter(([section]) => !isSecret(`ralph:${section}`));
  const inFile = secretLeaves(file);
  const believed = Object.keys(stack).filter(
    (key) => isSecret(`ralph:${key}`) && !SECRET_SECTIONS.includes(key),
  );

  return [
    ...inStack.map((at) => plainText(at, "the stack file")),
    ...inFile.map((at) => plainText(at, "the values file")),
    ...believed.map((key) => ({
      key: `ralph:${key}`,
      rule: "is set as a secret, but reaches objects that anyone can read: set it without --secret",
      fix: remove([key]),
    })),
  ];
}

function plainText(at: Path, where: string): Violation {
  return {
    key: propertyPath(at),
    rule: `is a secret that stands in plain text in ${where}`,
    fix: `pulumi config set --secret --path '${propertyPath(at)}'`,
  };
}

/** The paths of the secrets that a layer of the configuration holds. */
function secretLeaves(layer: Readonly<Record<string, unknown>>): Path[] {
  const keys = Object.entries((layer.apiKeys ?? {}) as object)
    .filter(([key, value]) => key !== "existingSecret" && typeof value === "string")
    .map(([key]) => ["apiKeys", key]);
  const passwords = (Array.isArray(layer.imagePullSecrets) ? layer.imagePullSecrets : []).flatMap(
    (entry: { password?: unknown }, i) =>
      entry.password === undefined ? [] : [["imagePullSecrets", i, "password"]],
  );
  return [...keys, ...passwords];
}
