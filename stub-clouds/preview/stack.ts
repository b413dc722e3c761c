import { mapSecrets, readStackFile, spellPath, writeStackFile } from "../../lib/stack-file";
import type { StubName } from "../types";

interface CloudStubs {
  readonly plugins: readonly StubName[];
  /** What a committed stack file leaves to its owner. Used where the file says nothing; dots go into maps. */
  readonly owner: Readonly<Record<string, unknown>>;
}

/** By the value of `ralph:cloud`. A stack on a cluster that exists has no plugin to stand in for. */
const CLOUDS: Readonly<Record<string, CloudStubs>> = {
  gke: { plugins: ["gcp"], owner: { "gcp:project": "preview-project" } },
  eks: { plugins: ["aws", "eks"], owner: { "aws:region": "us-west-2" } },
  aks: {
    plugins: ["azure-native"],
    owner: {
      "azure-native:location": "eastus",
      "ralph:cluster.admins": [{ objectId: "00000000-0000-4000-8000-000000000001" }],
    },
  },
};

/** A stack file that anybody can preview. */
export interface Previewable {
  readonly config: Readonly<Record<string, unknown>>;
  /** Paths of its secrets, as `pulumi config set --path` takes them. */
  readonly secrets: readonly string[];
  readonly plugins: readonly StubName[];
  /** Keys that the file leaves to its owner and that stand-ins were put in for. */
  readonly filled: readonly string[];
}

/** Takes a stack file's secrets out, which only its owner can read, and puts in what only its owner knows. */
export function previewable(file: string): Previewable {
  const { config } = readStackFile(file);
  const secrets: string[] = [];
  const open = { ...mapSecrets(config, (path) => void secrets.push(spellPath(path))) };
  const { plugins, owner } = CLOUDS[String(config["ralph:cloud"])] ?? { plugins: [], owner: {} };
  const filled = Object.keys(owner).filter((key) => fill(open, key, owner[key]));
  return { config: open, secrets, plugins: [...plugins, ...imagePlugins(config)], filled };
}

/** The plugin of a stack that builds its image. */
export const imagePlugins = (config: Readonly<Record<string, unknown>>): readonly StubName[] =>
  (config["ralph:image"] as { build?: boolean } | undefined)?.build === true ? ["docker-build"] : [];

/** Whether there was room for a value. */
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
