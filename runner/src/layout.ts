import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { MOUNTS } from "./contract";

/** The folders of the container, where `root` is `/`. */
export interface Layout {
  readonly prompts: string;
  /** The pod's copy of the prompts in the repository; undefined if none come from there. */
  readonly repositoryPrompts?: string;
  readonly workspace: string;
  readonly cache: string;
  readonly output: string;
  readonly home: string;
  readonly keys: string;
  /** Names the repository that units work on: the same prompt on another one is another unit. */
  readonly source?: string;
}

export const layout = (root: string): Layout => ({
  prompts: join(root, MOUNTS.prompts),
  workspace: join(root, MOUNTS.workspace),
  cache: join(root, MOUNTS.cache),
  output: join(root, MOUNTS.output),
  home: join(root, MOUNTS.home),
  keys: join(root, MOUNTS.keys),
});

/** Identifies a prompt by its content. */
export interface PromptId {
  readonly file: string;
  readonly hash: string;
}

/** A prompt with its content. */
export interface Prompt extends PromptId {
  readonly content: string;
}

/** @returns undefined if the file is missing or blank */
export function readPrompt(file: string): Prompt | undefined {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  if (content.trim() === "") return undefined;
  return {
    file: basename(file),
    content,
    hash: createHash("sha256").update(content).digest("hex").slice(0, 16),
  };
}

function identify(path: string): PromptId | undefined {
  const prompt = readPrompt(path);
  return prompt === undefined ? undefined : { file: prompt.file, hash: prompt.hash };
}

/**
 * The Markdown files of a folder, each read again only if it was replaced or changed. Their content is not kept in
 * memory: there may be a thousand finished ones.
 */
export class PromptFolder {
  private known = new Map<string, { readonly stamp: string; readonly prompt: PromptId | undefined }>();

  constructor(private readonly folder: string) {}

  /** The prompts, sorted by name. A ConfigMap's internal folders begin with a dot. */
  read(): PromptId[] {
    const before = this.known;
    this.known = new Map();
    for (const name of readdirSync(this.folder).sort()) {
      if (!name.endsWith(".md") || name.startsWith(".")) continue;
      const file = join(this.folder, name);
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat?.isFile() !== true) continue;
      const stamp = `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
      const known = before.get(file);
      this.known.set(file, known?.stamp === stamp ? known : { stamp, prompt: identify(file) });
    }
    return [...this.known.values()].flatMap(({ prompt }) => prompt ?? []);
  }
}

/** One unit of work, with the folders of its state and its work. */
export interface Unit {
  readonly prompt: PromptId;
  /** Human-readable name, used for folders and as a metric label. */
  readonly name: string;
  /** Folder of the runner's own files: claims, state, and a copy of the prompt. */
  readonly state: string;
  /** Ralph's working directory, which holds the result. */
  readonly work: string;
  /** HOME and cache of its runs: an agent's settings and packages never reach another prompt's. */
  readonly home: string;
  readonly cache: string;
}

const stem = ({ file }: PromptId): string => file.replace(/\.[^.]*$/, "");

/** The file name is for humans; the hash identifies the content. */
const named = (prompt: PromptId): string => `${stem(prompt)}-${prompt.hash.slice(0, 8)}`;

/** The branch of a prompt's content, with the prompt's name as far as git accepts it. */
export const branchOf = (prompt: PromptId): string =>
  named(prompt)
    .replace(/[^\w.-]/g, "_")
    .replace(/\.{2,}/g, ".")
    .replace(/^\./, "_");

/** The unit of a worker: one per content, so that an edited prompt is a new unit, and a renamed one is not. */
export const queued = (prompt: PromptId, layout: Layout): Unit => ({
  prompt,
  state: join(layout.workspace, ".runner", onSource(prompt.hash, layout)),
  ...folders(layout, "runs", named(prompt)),
});

/** The unit of a task: one per prompt name, so that a schedule finds the results of its last run. */
export const task = (prompt: PromptId, layout: Layout): Unit => ({
  prompt,
  state: join(layout.workspace, ".runner", onSource(`task-${stem(prompt)}`, layout)),
  ...folders(layout, "tasks", stem(prompt)),
});

/** Whether one of the names that users know means this unit: its own, or its prompt's with or without `.md`. */
export const isCalled = ({ name, prompt }: Unit, called: string): boolean =>
  [name, prompt.file, stem(prompt)].includes(called);

/** Files with the same content are one unit. */
export const unique = (prompts: readonly PromptId[]): PromptId[] => [
  ...new Map(prompts.map((prompt) => [prompt.hash, prompt])).values(),
];

/** Has another text after each retry of finished prompts, so that workers look at those again. */
export const retryMark = ({ workspace }: Layout): string => join(workspace, ".runner", "retried");

const onSource = (name: string, { source }: Layout): string =>
  source === undefined ? name : `${name}-${source}`;

function folders(layout: Layout, kind: "runs" | "tasks", name: string) {
  const folder = onSource(name, layout);
  return {
    name,
    work: join(layout.workspace, kind, folder),
    home: join(layout.home, kind, folder),
    cache: join(layout.cache, kind, folder),
  };
}

/** Removes a folder of a run that has ended. What an agent made unremovable stays until its volume goes. */
export function discard(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // the result of the run counts
  }
}
