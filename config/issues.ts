import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { type Path, propertyPath, valueAt } from "./path";
import { SECRET_SECTIONS } from "./secrecy";
import type { Sources } from "./sources";
import type { Violation } from "./violations";

type Issue = z.core.$ZodIssue;

/** Turns what zod found wrong with a section into violations, unknown keys one by one. */
export function violationsOf(
  issues: readonly Issue[],
  section: string,
  schema: z.ZodType,
  sources: Sources,
): Violation[] {
  return issues.flatMap((issue) => {
    const at = [section, ...(issue.path as Path)];
    if (issue.code === "unrecognized_keys") {
      const known = keysAt(schema, issue.path as Path);
      return issue.keys.map((key) => unknownKey([...at, key], known, sources));
    }
    if (issue.code === "invalid_key") {
      return [
        { key: propertyPath(at), rule: issue.issues[0]?.message ?? issue.message, fix: sources.remove(at) },
      ];
    }
    const { rule, example } = explain(issue);
    const value = valueAt(sources.values, at);
    const shown = SECRET_SECTIONS.includes(section) ? rule : `${rule}; it is ${brief(value)}`;
    return [
      {
        key: propertyPath(at),
        rule: value === undefined ? "is missing" : shown,
        fix: sources.fix(at, example),
      },
    ];
  });
}

/** An unknown key, with the nearest known one where a slip of the fingers is likely. */
export function unknownKey(at: Path, known: readonly string[], sources: Sources): Violation {
  const key = String(at.at(-1));
  const top = key.split(".")[0] ?? key;
  if (at.length === 1 && key.includes(".") && known.includes(top)) {
    return {
      key: propertyPath(at),
      rule: `is one key with a dot in it, set without --path`,
      fix: `pulumi config rm 'ralph:${key}' && pulumi config set --path ralph:${key} <value>`,
    };
  }
  const near = known.length > 0 ? closest(key, [...known]) : undefined;
  const hint = near === undefined ? "" : `, did you mean "${near}"?`;
  return { key: propertyPath(at), rule: `unknown key${hint}`, fix: sources.remove(at) };
}

/** The rule that was broken in one's own words, and a value that keeps it. */
function explain(issue: Issue): { rule: string; example: string } {
  switch (issue.code) {
    case "invalid_type":
      return { rule: `must be ${article(issue.expected)}`, example: `<${issue.expected}>` };
    case "invalid_value":
      return { rule: `must be one of ${issue.values.join(", ")}`, example: String(issue.values[0]) };
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? { rule: "must not be empty", example: "<value>" }
        : { rule: `must be at least ${issue.minimum}`, example: String(issue.minimum) };
    case "too_big":
      return issue.origin === "string"
        ? { rule: issue.message, example: "<value>" }
        : { rule: `must be at most ${issue.maximum}`, example: String(issue.maximum) };
    default:
      return { rule: issue.message, example: "<value>" };
  }
}

function article(type: string): string {
  const names: Record<string, string> = {
    int: "a whole number",
    number: "a number",
    string: "text",
    boolean: "true or false",
    array: "a list",
    object: "a map of keys",
    record: "a map of keys",
  };
  return names[type] ?? `of type ${type}`;
}

function brief(value: unknown): string {
  const text = typeof value === "string" ? `"${value}"` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly additionalProperties?: Node;
}

/** The keys that a schema knows at a path inside it. */
function keysAt(schema: z.ZodType, at: Path): string[] {
  const inside = at.reduce<Node | undefined>(
    (node, step) =>
      typeof step === "number" ? node?.items : (node?.properties?.[step] ?? node?.additionalProperties),
    z.toJSONSchema(schema, { io: "input" }) as Node,
  );
  return Object.keys(inside?.properties ?? {});
}
