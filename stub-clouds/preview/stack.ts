import { CLOUDS } from "../../clusters";
import { operationsOf, type Preview } from "../../clusters/operations";
import { mapSecrets, readStackFile, spellPath, writeStackFile } from "../../lib/stack-file";
import type { StubName } from "../types";

/** A stack file that can be previewed without its owner's account and secrets. */
export interface Previewable {
  readonly config: Readonly<Record<string, unknown>>;
  /** Paths of its secrets, as `pulumi config set --path` takes them. */
  readonly secrets: readonly string[];
  readonly plugins: readonly StubName[];
  /** Keys that the file leaves to its owner, and that got stand-in values. */
  readonly filled: readonly string[];
}

/** Removes a stack file's secrets, which only its owner can decrypt, and fills in what only its owner knows. */
export function previewable(file: string): Previewable {
  const { config } = readStackFile(file);
  const secrets: string[] = [];
  const open = { ...mapSecrets(config, (path) => void secrets.push(spellPath(path))) };
  const { plugins = [], ownerValues = {} } = standInsOf(config["ralph:cloud"]) ?? {};
  const filled = Object.keys(ownerValues).filter((key) => fill(open, key, ownerValues[key]));
  return {
    config: open,
    secrets,
    plugins: [...(plugins as readonly StubName[]), ...imagePlugins(config)],
    filled,
  };
}

/** Undefined for a cluster that the stack does not create, and for an unknown cloud, which the program refuses. */
function standInsOf(name: unknown): Preview | undefined {
  const cloud = CLOUDS.find((each) => each === name);
  const operations = cloud && operationsOf(cloud);
  return operations?.ownsCluster === true ? operations.preview : undefined;
}

/** The plugin of a stack that builds its image. */
export const imagePlugins = (config: Readonly<Record<string, unknown>>): readonly StubName[] =>
  (config["ralph:image"] as { build?: boolean } | undefined)?.build === true ? ["docker-build"] : [];

/** Sets a value unless there is one; whether it did. */
function fill(config: Record<string, unknown>, path: string, value: unknown): boolean {
  const [key = "", inner] = path.split(".");
  if (inner === undefined) {
    if (config[key] !== undefined) return false;
    config[key] = value;
    return true;
  }
  const map = (config[key] ?? {}) as Record<string, unknown>;
  if (map[inner] !== undefined) return false;
  config[key] = { ...map, [inner]: value };
  return true;
}

/** Writes a configuration into the file of a stack that the engine has just created, and keeps its salt. */
export const writeConfig = (file: string, config: Previewable["config"]): void =>
  writeStackFile(file, { ...readStackFile(file), config });
