import { readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";

import { ToolError } from "./errors";
import { readYaml, YamlError } from "./yaml";

/** The content of a stack file, `Pulumi.<stack>.yaml`. */
export interface StackFile {
  /** `encryptionsalt`, `encryptedkey`, `secretsprovider`: how its secrets are encrypted. */
  readonly encryption: Readonly<Record<string, string>>;
  /** By full key, such as `ralph:cluster`. An encrypted value, at any depth, is `{ secure: <ciphertext> }`. */
  readonly config: StackFileConfig;
}
export type StackFileConfig = Readonly<Record<string, unknown>>;

/** Where a value lies in the configuration, its full key first. */
export type ConfigPath = readonly (string | number)[];

/**
 * Reads a stack file without the engine; secrets stay encrypted.
 *
 * @throws ToolError if it is no map, or no YAML
 */
export function readStackFile(file: string): StackFile {
  const content = read(file) ?? {};
  if (typeof content !== "object" || Array.isArray(content))
    throw new ToolError(`${file} must be a map with the key config; nothing was changed.`);
  const { config, ...encryption } = content as { config?: StackFileConfig | null };
  if (typeof (config ?? {}) !== "object" || Array.isArray(config))
    throw new ToolError(`${file}: config must be a map of keys to values; nothing was changed.`);
  return { encryption: encryption as StackFile["encryption"], config: config ?? {} };
}

function read(file: string): unknown {
  try {
    return readYaml(readFileSync(file, "utf8")).value;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ToolError(`${file} ${error.message}; nothing was changed.`);
  }
}

/** @param comment one line, for the top of the file */
export function writeStackFile(file: string, { encryption, config }: StackFile, comment?: string): void {
  // The engine reads YAML 1.1, where an unquoted timestamp is a date: 1.1 quotes it.
  const content = stringify({ ...encryption, config }, { version: "1.1" });
  writeFileSync(file, comment === undefined ? content : `# ${comment}\n${content}`);
}

/**
 * A copy of a configuration with its secrets replaced. A secret replaced by undefined is left out of its map; in a
 * list its place stays, so that the paths of the others remain valid.
 */
export function mapSecrets(config: StackFileConfig, replace: (path: ConfigPath) => unknown): StackFileConfig {
  const map = (value: unknown, path: ConfigPath): unknown => {
    if (value === null || typeof value !== "object") return value;
    if (isSecret(value)) return replace(path);
    if (Array.isArray(value)) return value.map((each, i) => map(each, [...path, i]));
    const entries = Object.entries(value).map(([key, inner]) => [key, map(inner, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
  };
  return map(config, []) as StackFileConfig;
}

/** As the engine recognizes it: a map with the single key `secure` (sdk/go/common/resource/config/value.go). */
const isSecret = (value: object): boolean => Object.keys(value).join() === "secure";

/** The path as `pulumi config --path` spells it: `ralph:tasks[0].name`, `ralph:prompts["task.md"]`. */
export function spellPath([key, ...rest]: ConfigPath): string {
  const steps = rest.map((step) =>
    typeof step === "number"
      ? `[${step}]`
      : /^[\w-]+$/.test(step)
        ? `.${step}`
        : `["${step.replaceAll('"', '\\"')}"]`,
  );
  return `${key}${steps.join("")}`;
}
