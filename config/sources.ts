import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readYaml, YamlError, type YamlFile } from "../lib/yaml";
import { removeCommand, setCommand, setSecretCommand } from "./commands";
import { isMap, type Path, propertyPath, valueAt } from "./path";
import type { Problem } from "./problems";
import type { SecretKeys } from "./secret-keys";

type Values = Record<string, unknown>;

/** The configuration as it was written, before any schema. */
export interface Sources {
  /** The values file, overridden by the stack's configuration. */
  readonly values: Values;
  /** Its two layers. */
  readonly file: Values;
  readonly stack: Values;
  /** Where secrets are. */
  readonly secrets: SecretKeys;
  /**
   * The command, or the edit, that sets a path to a value; for a secret, the command asks for the value. What looks
   * like a number or a boolean is read as one, unless the value must be text.
   */
  readonly fix: (path: Path, value: string, as?: "as text") => string;
  /** The command, or the edit, that removes a path. */
  readonly remove: (path: Path) => string;
  readonly problems: readonly Problem[];
}

/** Whether the engine marks a key's value, or a part of it, as secret. */
export function isSecret(key: string): boolean {
  // Public at run time, left out of the type definitions; the public alternative, `getSecret`, hides
  // the value from validation.
  return (pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean }).isConfigSecret(key);
}

/**
 * Reads the keys of the project in the stack's configuration and, below them, the Helm-style file that `valuesFile`
 * names.
 */
export function readSources(project: string, secrets: SecretKeys): Sources {
  const stack = stackValues(project);
  // The engine passes a name of digits as a number.
  const { valuesFile } = stack;
  const file = ["string", "number"].includes(typeof valuesFile) ? String(valuesFile) : undefined;
  const { values, written, problems } = file === undefined ? NO_FILE : readValuesFile(file);
  const merged = merge(values, stack);
  const spelled = (at: Path) => propertyPath(at, "").slice(1);

  const remove = (at: Path): string =>
    isInFile(at, stack, values) ? `edit ${file}: remove ${spelled(at)}` : removeCommand(at);

  return {
    values: merged,
    file: values,
    stack,
    secrets,
    problems: [
      ...problems,
      ...prototypes(merged).map((at) => ({
        key: propertyPath(at),
        rule: "is not a key",
        fix: remove(at),
      })),
    ],
    fix: (at, value, as) => {
      if (secrets.isSecretKey(at))
        return setSecretCommand(at, secrets.isFileKey(at) ? "<file>" : undefined, as);
      if (isInFile(at, stack, values))
        return `edit ${file}: ${spelled(at)}: ${as === undefined ? value : `"${written(at) ?? value}"`}`;
      return setCommand(at, value, as);
    },
    remove,
  };
}

/** Whether a path, or the nearest one above it, is set in the values file and not in the stack. */
function isInFile(at: Path, stack: Values, file: Values): boolean {
  const value = valueAt(stack, at);
  // An empty map is what the engine passes on for a declared key that the stack does not set.
  if (value !== undefined && !(isMap(value) && Object.keys(value).length === 0)) return false;
  if (valueAt(file, at) !== undefined) return true;
  return at.length > 1 && isInFile(at.slice(0, -1), stack, file);
}

/**
 * The engine passes every value as text: JSON for maps and lists, digits and words for the rest. Empty text is its
 * default for a key that Pulumi.yaml declares and the stack does not set.
 */
function stackValues(project: string): Values {
  const prefix = `${project}:`;
  return Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key, text]) => key.startsWith(prefix) && text !== "")
      .map(([key, text]) => [key.slice(prefix.length), fromText(text)]),
  );
}

function fromText(text: string): unknown {
  if (!/^([[{].*|-?\d+|true|false)$/s.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

interface ValuesFile {
  readonly values: Values;
  readonly written: YamlFile["written"];
  readonly problems: readonly Problem[];
}
const NO_FILE: ValuesFile = { values: {}, written: () => undefined, problems: [] };

function readValuesFile(file: string): ValuesFile {
  const refuse = (rule: string): ValuesFile => ({
    ...NO_FILE,
    problems: [{ key: "ralph:valuesFile", rule, fix: "pulumi config set ralph:valuesFile <file>" }],
  });
  let text: string;
  try {
    text = fs.readFileSync(path.resolve(file), "utf8");
  } catch (error) {
    return refuse(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    const { value, written } = readYaml(text);
    const values = value ?? {};
    if (!isMap(values)) return refuse(`${file} must be a map of keys to values`);
    return { values: dropUnset(values), written, problems: [] };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return refuse(`${file} ${error.message}`);
  }
}

/** In a values file, an empty text or null means that a value is not set. */
function dropUnset(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== "" && value !== null)
      .map(([key, value]) => [key, isMap(value) ? dropUnset(value) : value]),
  );
}

/** Merges maps key by key; any other value of `over` replaces the one of `under`. */
export function merge(under: Values, over: Values): Values {
  // Entries, not assignments: `__proto__` is a key like any other, which the schema then refuses.
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, isMap(below) && isMap(value) ? merge(below, value) : value);
  }
  return Object.fromEntries(merged);
}

/** Where a value has the key `__proto__`, which zod drops without a word: JavaScript may take it for a default of all keys. */
function prototypes(value: unknown, at: Path = []): Path[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = [...at, Array.isArray(value) ? Number(name) : name];
    return name === "__proto__" ? [path] : prototypes(inner, path);
  });
}
