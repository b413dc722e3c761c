import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "yaml";

import { ToolError } from "../../lib/errors";

/** A stack's configuration as the engine would hand it to the program, but with nothing decrypted. */
export interface StackConfig {
  /** By full key, such as `ralph:image`. */
  readonly values: Readonly<Record<string, string>>;
  /** The keys that hold a secret. */
  readonly secretKeys: readonly string[];
}

/** Stands for every secret value: to decrypt takes a passphrase, and no secret is ever written. */
export const PLACEHOLDER = "secretvaluethatisnotrendered";
/** ... in the form that the configuration asks of a secret by that key. */
const FORMS: Readonly<Record<string, string>> = {
  privateKey: `-----BEGIN PRIVATE KEY-----\nM${PLACEHOLDER}\n-----END PRIVATE KEY-----`,
};

/** Reads a stack file. No engine, no login, no passphrase. */
export function readStackFile(file: string): StackConfig {
  if (!existsSync(file)) {
    const there = readdirSync(existsSync(dirname(file)) ? dirname(file) : ".");
    const names = there.flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    throw new ToolError(`there is no ${file}; the stacks here are: ${names.join(", ") || "none"}`);
  }
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  const secretKeys: string[] = [];
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    const open = withoutSecrets(value, () => secretKeys.push(key));
    values[key] = typeof open === "string" ? open : JSON.stringify(open);
  }
  return { values, secretKeys };
}

function withoutSecrets(value: unknown, found: () => void, key = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => withoutSecrets(entry, found));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") {
    found();
    return FORMS[key] ?? PLACEHOLDER;
  }
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutSecrets(inner, found, name)]));
}
