import { existsSync } from "node:fs";
import { join } from "node:path";

import { type Layout, type Prompt, PromptFolder, type PromptId, readPrompt } from "./layout";
import type { Settings } from "./settings";

/** The prompts that workers run: those of the stack, without those of tasks and schedules, and those of the repository. */
export class Queue {
  private readonly stack: PromptFolder;
  private readonly repository: PromptFolder | undefined;

  constructor(
    private readonly layout: Layout,
    private readonly skip: Settings["skipPrompts"],
  ) {
    const { prompts, repositoryPrompts } = layout;
    this.stack = new PromptFolder(prompts);
    this.repository = repositoryPrompts === undefined ? undefined : new PromptFolder(repositoryPrompts);
  }

  /** Sorted by name, the stack's first. @throws if the stack's cannot be read */
  read(): PromptId[] {
    const own = this.stack.read().filter(({ file }) => !this.skip.includes(file));
    const isThere = existsSync(this.layout.repositoryPrompts ?? "");
    return [...own, ...((isThere ? this.repository?.read() : undefined) ?? [])];
  }

  /** @returns undefined if it has been removed or edited since it was read */
  find({ file, hash }: PromptId): Prompt | undefined {
    const { prompts, repositoryPrompts } = this.layout;
    return [prompts, repositoryPrompts]
      .flatMap((folder) => (folder === undefined ? [] : (readPrompt(join(folder, file)) ?? [])))
      .find((prompt) => prompt.hash === hash);
  }
}
