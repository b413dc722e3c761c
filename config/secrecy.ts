import { isMap, type Path, propertyPath } from "./path";
import { isSecretKey, SECRET_SECTIONS } from "./secret-keys";
import { isSecret, type Sources } from "./sources";
import type { Violation } from "./violations";

/** Secrets that lie in plain text, and plain values that their owner believes to be secret. */
export function secrecyViolations({ stack, file, fix, remove }: Sources): Violation[] {
  const inStack = secretLeaves(stack).filter(([section]) => !isSecret(`ralph:${section}`));
  const inFile = secretLeaves(file);
  const believed = Object.keys(stack).filter(
    (key) => isSecret(`ralph:${key}`) && !SECRET_SECTIONS.includes(key),
  );

  return [
    ...inStack.map((at) => plainText(at, "the stack file", fix(at, ""))),
    ...inFile.map((at) => plainText(at, "the values file", `${remove(at)}; ${fix(at, "")}`)),
    ...believed.map((key) => ({
      key: `ralph:${key}`,
      rule: "is set as a secret, but reaches objects that anyone can read: set it without --secret",
      fix: remove([key]),
    })),
  ];
}

const plainText = (at: Path, where: string, fix: string): Violation => ({
  key: propertyPath(at),
  rule: `is a secret that stands in plain text in ${where}`,
  fix,
});

/** The paths of the secrets that a layer of the configuration holds. */
function secretLeaves(layer: Readonly<Record<string, unknown>>): Path[] {
  return SECRET_SECTIONS.flatMap((section) => leaves(layer[section], [section])).filter(isSecretKey);
}

function leaves(value: unknown, at: Path): Path[] {
  if (Array.isArray(value)) return value.flatMap((entry, i) => leaves(entry, [...at, i]));
  if (isMap(value)) return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...at, key]));
  return value === undefined || value === null ? [] : [at];
}
