import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { brief } from "./findings";
import { type Path, propertyPath, valueAt } from "./path";
import { isSecret, type Sources } from "./sources";
import type { Problem } from "./problems";

type Issue = z.core.$ZodIssue;

/** The problems of a section, from the issues that its schema reports; one for each unknown key. */
export function issueProblems(
  issues: readonly Issue[],
  section: string,
  schema: z.ZodType,
  sources: Sources,
): Problem[] {
  return issues.flatMap((issue) => {
    const inside = issue.path as Path;
    const at = [section, ...inside];
    const key = propertyPath(at);
    if (issue.code === "unrecognized_keys") {
      const known = keysAt(schema, inside);
      return issue.keys.map((unknown) => unknownKey([...at, unknown], known, sources));
    }
    if (issue.code === "invalid_key") {
      return [{ key, rule: issue.issues[0]?.message ?? issue.message, fix: sources.remove(at) }];
    }
    const { rule, example } = explain(issue);
    const value = valueAt(sources.values, at);
    const missing = value === undefined;
    const hidden = sources.secrets.sections.includes(section) || isSecret(`ralph:${section}`);
    const message = hidden ? rule : `${rule}; it is ${brief(value)}`;
    return [{ key, rule: missing ? "is missing" : message, fix: fix() }];

    /** No command sets a map or a list as one value: the fix sets its first entry, or removes what is wrong. */
    function fix(): string {
      if (isScalar(value) && issue.code === "invalid_type" && issue.expected === "string") {
        return sources.fix(at, String(value), "as text");
      }
      if (example !== undefined) return sources.fix(at, example);
      return missing || issue.code === "too_small"
        ? sources.fix([...at, ...firstEntry(schema, inside)], "<value>")
        : sources.remove(at);
    }
  });
}

/** An unknown key, with the nearest known one if it is likely a typo. */
export function unknownKey(at: Path, known: readonly string[], sources: Sources): Problem {
  const key = String(at.at(-1));
  const [top = key, ...rest] = key.split(".");
  if (at.length === 1 && rest.length > 0 && known.includes(top)) {
    return {
      key: propertyPath(at),
      rule: "is one key with a dot in it, set without --path",
      fix: `${sources.remove(at)} && ${sources.fix([top, ...rest], "<value>")}`,
    };
  }
  return { key: propertyPath(at), rule: `${UNKNOWN}${hint(key, known)}`, fix: sources.remove(at) };
}

const UNKNOWN = "unknown key";
export const isUnknownKey = ({ rule }: Problem): boolean => rule.startsWith(UNKNOWN);

/** More keys do not fit beside the fix; docs/config.md lists them all. */
const MAX_LISTED_KEYS = 9;

function hint(key: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const near = closest(key, [...known]);
  if (distance(key.toLowerCase(), near.toLowerCase()) <= Math.max(2, key.length / 2)) {
    return `, did you mean "${near}"?`;
  }
  return known.length <= MAX_LISTED_KEYS ? `; known are ${known.join(", ")}` : "";
}

/** The broken rule in this program's words, and a value that keeps it; no value for a map or a list. */
function explain(issue: Issue): { rule: string; example?: string } {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? { rule: `must be of type ${issue.expected}`, example: "<value>" };
    case "invalid_value":
      return { rule: `must be one of ${issue.values.join(", ")}`, example: String(issue.values[0]) };
    case "too_small":
      if (issue.origin === "array") return { rule: "must not be empty" };
      if (issue.origin === "string") return { rule: "must not be empty", example: "<value>" };
      return { rule: `must be at least ${issue.minimum}`, example: String(issue.minimum) };
    case "too_big":
      return issue.origin === "string"
        ? { rule: issue.message, example: "<value>" }
        : { rule: `must be at most ${issue.maximum}`, example: String(issue.maximum) };
    default:
      return { rule: issue.message, example: "<value>" };
  }
}

const TYPES: Readonly<Record<string, { rule: string; example?: string }>> = {
  int: { rule: "must be a whole number", example: "<number>" },
  number: { rule: "must be a number", example: "<number>" },
  string: { rule: "must be text", example: "<text>" },
  boolean: { rule: "must be true or false", example: "<true or false>" },
  array: { rule: "must be a list" },
  object: { rule: "must be a map of keys" },
  record: { rule: "must be a map of keys" },
};

const isScalar = (value: unknown): boolean => typeof value === "number" || typeof value === "boolean";

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly additionalProperties?: Node;
}

function nodeAt(schema: z.ZodType, at: Path): Node | undefined {
  return at.reduce<Node | undefined>(
    (node, step) =>
      typeof step === "number" ? node?.items : (node?.properties?.[step] ?? node?.additionalProperties),
    z.toJSONSchema(schema, { io: "input" }) as Node,
  );
}

/** The keys that a schema knows at a path inside it. */
const keysAt = (schema: z.ZodType, at: Path): string[] => Object.keys(nodeAt(schema, at)?.properties ?? {});

/** The steps from a list to the first value that it could hold, or from a map to its first key. */
function firstEntry(schema: z.ZodType, at: Path): Path {
  const list = nodeAt(schema, at)?.items === undefined ? [] : [0];
  return [...list, ...keysAt(schema, [...at, ...list]).slice(0, 1)];
}
