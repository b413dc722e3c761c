import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";

import { ToolError } from "../../lib/errors";
import { mapSecrets, readStackFile } from "../../lib/stack-file";

/** A stack's configuration as the engine would pass it to the program, but with nothing decrypted. */
export interface StackConfig {
  /** By full key, such as `ralph:image`. */
  readonly values: Readonly<Record<string, string>>;
  /** The keys that contain a secret. */
  readonly secretKeys: readonly string[];
}

/** Replaces every secret: decryption needs a passphrase, and no secret is ever written. */
export const PLACEHOLDER = "secretvaluethatisnotrendered";
/** Placeholders for secrets that must have a certain form, by the last step of their path. */
const FORMS: Readonly<Record<string, string>> = {
  privateKey: `-----BEGIN PRIVATE KEY-----\nM${PLACEHOLDER}\n-----END PRIVATE KEY-----`,
};

/**
 * Reads a stack's configuration. Needs no engine, no login and no passphrase.
 *
 * @throws ToolError if the file does not exist
 */
export function readStackConfig(file: string): StackConfig {
  if (!existsSync(file)) {
    const files = readdirSync(existsSync(dirname(file)) ? dirname(file) : ".");
    const stacks = files.flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    throw new ToolError(`${file} does not exist; stacks in this folder: ${stacks.join(", ") || "none"}`);
  }
  const secretKeys = new Set<string>();
  const config = mapSecrets(readStackFile(file).config, (path) => {
    secretKeys.add(String(path[0]));
    return FORMS[path.at(-1) ?? ""] ?? PLACEHOLDER;
  });
  const values = Object.entries(config).map(([key, value]) => [
    key,
    // The engine passes a key without a value as empty text, which means that it is not set.
    // A number that is too large for one is text for it.
    typeof value === "string" || value === Infinity
      ? String(value)
      : value === null
        ? ""
        : JSON.stringify(value),
  ]);
  return { values: Object.fromEntries(values), secretKeys: [...secretKeys] };
}
