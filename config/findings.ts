import { looksSecret } from "./confidential";
import { type Path, propertyPath } from "./path";
import type { Problem } from "./problems";

/**
 * One thing wrong with the configuration, as the rules report it. The constructors below are the vocabulary of
 * Kubernetes' own validation (k8s.io/apimachinery/pkg/util/validation/field), so that one fault has one wording.
 */
export interface Finding {
  /** The key that the rule is about. */
  readonly at: Path;
  /** What is wrong, with the value. */
  readonly rule: string;
  /** The value that fixes it, by default of the key itself. Without one the key must be removed. */
  readonly set?: { readonly at?: Path; readonly value: string };
}

type Fix = string | Required<Finding>["set"];

const finding = (at: Path, rule: string, fix?: Fix): Finding => ({
  at,
  rule,
  ...(fix === undefined ? {} : { set: typeof fix === "string" ? { value: fix } : fix }),
});

/**
 * A value that breaks a rule.
 *
 * @param rule what it must be, as `must be ...`
 * @param fix a value that keeps the rule, or another key and its value
 */
export const invalid = (at: Path, value: unknown, rule: string, fix?: Fix): Finding =>
  finding(at, `${rule}; it is ${brief(value)}`, fix);

/** A key without the value that it needs. */
export const required = (at: Path, fix: Fix, reason?: string): Finding =>
  finding(at, reason === undefined ? "is missing" : `is missing: ${reason}`, fix);

/** An entry that repeats an earlier one of its list. */
export const duplicate = (at: Path, value: unknown, fix?: Fix): Finding =>
  finding(at, `must be unique; ${brief(value)} is already listed`, fix);

/** A key that must not be set, or not beside another one. */
export const forbidden = (at: Path, reason: string, fix?: Fix): Finding =>
  finding(at, `must not be set: ${reason}`, fix);

/** A value outside the list of those that are supported. */
export const notSupported = (
  at: Path,
  value: unknown,
  supported: readonly unknown[],
  fix: Fix = String(supported[0]),
): Finding => invalid(at, value, `must be one of ${supported.join(", ")}`, fix);

/** The finding of a broken rule, or none. It is created lazily: it may describe what exists only then. */
export const findIf = (broken: boolean, create: () => Finding): readonly Finding[] =>
  broken ? [create()] : [];

/** How the keys of a configuration are changed: by commands, or by editing a file. */
export interface Fixes {
  readonly fix: (at: Path, value: string) => string;
  readonly remove: (at: Path) => string;
}

/** The finding as it is printed. */
export const problemOf = ({ at, rule, set }: Finding, { fix, remove }: Fixes): Problem => ({
  key: propertyPath(at),
  rule,
  fix: set === undefined ? remove(at) : fix(set.at ?? at, set.value),
});

/** A value in a message: as JSON, cut to a length that fits beside its key. What looks like a key is not shown. */
export function brief(value: unknown): string {
  if (looksSecret(value)) return "not shown, because it looks like a key or a password";
  // JSON has no number that is too large.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "");
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
