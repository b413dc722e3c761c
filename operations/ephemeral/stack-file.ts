import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { cloud, type CloudName, CLOUDS } from "../../clusters";
import type { Lifetime } from "../../clusters/lifetime";
import { sections } from "../../stack";
import { isMap } from "../../config/path";
import { PROJECT, REPOSITORY } from "../../lib/repository";
import { ToolError } from "../../lib/errors";
import { mapSecrets, readStackFile, spellPath, type StackFile, writeStackFile } from "../../lib/stack-file";

/** Where the files of ephemeral stacks are: outside of git, and of no importance once a run has ended. */
const FOLDER = join(REPOSITORY, ".local", "ephemeral");

export const folderOf = (stack: string): string => join(FOLDER, stack);
export const fileOf = (stack: string): string => join(folderOf(stack), `Pulumi.${stack}.yaml`);

const committedFile = (name: string): string => join(REPOSITORY, `Pulumi.${name}.yaml`);
export const isCommitted = (stack: string): boolean => existsSync(committedFile(stack));

/** The clouds that a cluster can be made on: those with a committed stack file of their name. */
export const clouds = (): CloudName[] => CLOUDS.filter((name) => isCommitted(name));

/** @throws ToolError where no cluster can be created on it */
export function cloudNamed(name: string): CloudName {
  const found = clouds().find((each) => each === name);
  if (found === undefined)
    throw new ToolError(`no stack file Pulumi.${name}.yaml of a cloud; there are ${clouds().join(", ")}`);
  return found;
}

/** @throws ToolError where no cluster can be made on it */
export const committed = (name: string): StackFile => readStackFile(committedFile(cloudNamed(name)));

export interface Derived extends StackFile {
  /** Paths of secrets that only the committed stack can decrypt, and that are therefore left out. */
  readonly lost: readonly string[];
}

/**
 * The file of an ephemeral stack: the committed one's, without what two clusters cannot share and what the cloud
 * says of ephemeral ones, with its end, and with the task that proves a cluster.
 */
export function derive(base: StackFile, name: string, life: Lifetime): Derived {
  const chosen = CLOUDS.find((each) => each === name);
  if (chosen === undefined) throw new ToolError(`ralph:cloud ${name} is not one of ${CLOUDS.join(", ")}`);
  const { defaults, without } = cloud(chosen).ephemeral;
  const key = `${PROJECT}:cluster`;
  const cluster = less(base.config[key] ?? {}, defaults({ name: "", tags: { expires: "", owner: "" } }));
  const lost: string[] = [];
  const readable = Object.keys(base.encryption).length > 0;
  const config = {
    ...base.config,
    [key]: isMap(cluster) ? omit(cluster, without) : cluster,
    [`${PROJECT}:ephemeral`]: { ...(base.config[`${PROJECT}:ephemeral`] as object), enabled: true, ...life },
    ...("smoke" in sections ? { [`${PROJECT}:smoke`]: { enabled: true } } : {}),
  };
  return {
    encryption: base.encryption,
    config: readable ? config : mapSecrets(config, (path) => void lost.push(spellPath(path))),
    lost,
  };
}

/** Without each leaf that the other has, whatever its value. */
function less(value: unknown, other: Readonly<Record<string, unknown>>): unknown {
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const there = other[key];
      if (!(key in other)) return [[key, inner]];
      if (!isMap(there) || !isMap(inner)) return [];
      const rest = less(inner, there);
      return isMap(rest) && Object.keys(rest).length === 0 ? [] : [[key, rest]];
    }),
  );
}

const omit = (map: Readonly<Record<string, unknown>>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));

/** Prepares the folder in which the engine makes a stack, and with it the stack's file. */
export function prepare(stack: string): void {
  mkdirSync(folderOf(stack), { recursive: true });
  writeFileSync(join(folderOf(stack), "Pulumi.yaml"), stringify({ name: PROJECT, runtime: "nodejs" }));
}

/** Writes the stack's file; what the engine has put there to encrypt with stays, unless the file brings its own. */
export function write(stack: string, { encryption, config }: StackFile): void {
  const file = fileOf(stack);
  const own = existsSync(file) ? readStackFile(file).encryption : {};
  writeStackFile(
    file,
    { encryption: Object.keys(encryption).length > 0 ? encryption : own, config },
    "Written by `ephemeral up` on each run, from the committed stack file: an edit does not last.",
  );
}

/** Takes the stack's files away. */
export function discard(stack: string): void {
  rmSync(folderOf(stack), { recursive: true, force: true });
  if (existsSync(FOLDER) && readdirSync(FOLDER).length === 0) rmSync(FOLDER, { recursive: true });
}
