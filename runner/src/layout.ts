import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { MOUNTS } from "./contract";

/** Where things are in the container; `root` is `/` there. */
export interface Layout {
  readonly prompts: string;
  readonly workspace: string;
  readonly cache: string;
  readonly output: string;
}

export const layout = (root: string): Layout => ({
  prompts: join(root, MOUNTS.prompts),
  workspace: join(root, MOUNTS.workspace),
  cache: join(root, MOUNTS.cache),
  output: join(root, MOUNTS.output),
});

/** Which prompt it is: its content is its identity. */
export interface PromptId {
  readonly file: string;
  readonly hash: string;
}

/** A prompt as it was read. */
export interface Prompt extends PromptId {
  readonly content: string;
}

/** A prompt with nothing in it is none. */
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
 * The Markdown files of a folder, each read again only when it is another one or has changed. What is in them is not
 * kept: there may be a thousand that are done with.
 */
export class PromptFolder {
  private known = new Map<string, { readonly stamp: string; readonly prompt: PromptId | undefined }>();

  constructor(private readonly folder: string) {}

  /** By name. A ConfigMap's own folders begin with a dot. */
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

/** One thing to work on: where its state and its working directory are. */
export interface Unit {
  readonly prompt: PromptId;
  /** Names it to people: a folder, a metric's label. */
  readonly name: string;
  /** The runner's own files of it: claims, state, the prompt as it is worked on. */
  readonly state: string;
  /** Ralph's working directory, and the result. */
  readonly work: string;
}

const stem = ({ file }: PromptId): string => file.replace(/\.[^.]*$/, "");

/** By its name for people, by its content because that is what it is. */
const named = (prompt: PromptId): string => `${stem(prompt)}-${prompt.hash.slice(0, 8)}`;

/** A branch for each content, by the prompt's name as far as git takes it. */
export const branchOf = (prompt: PromptId): string =>
  named(prompt)
    .replace(/[^\w.-]/g, "_")
    .replace(/\.{2,}/g, ".")
    .replace(/^\./, "_");

/** Worker: one for each content, so that an edited prompt is another thing, and a renamed one is not. */
export const queued = (prompt: PromptId, { workspace }: Layout): Unit => ({
  prompt,
  name: named(prompt),
  state: join(workspace, ".runner", prompt.hash),
  work: join(workspace, "runs", named(prompt)),
});

/** Task: one for each prompt's name, so that a schedule finds what it left the last time. */
export const task = (prompt: PromptId, { workspace }: Layout): Unit => ({
  prompt,
  name: stem(prompt),
  state: join(workspace, ".runner", `task-${stem(prompt)}`),
  work: join(workspace, "tasks", stem(prompt)),
});
