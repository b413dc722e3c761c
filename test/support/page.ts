/** Documents as scripts: their blocks of commands, run as printed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";

/** One command of a page; it may have several lines. */
export type Line = string;

/** The blocks of shell commands of a document, each split into its commands. */
export function blocksOf(document: string): Line[][] {
  const text = readFileSync(join(REPOSITORY, document), "utf8");
  return [...text.matchAll(/^( *)```sh\n([^]*?)^\1```$/gm)].map(([, indent = "", block = ""]) =>
    commandsOf(block.replaceAll(new RegExp(`^${indent}`, "gm"), "")),
  );
}

/** A command ends with its line, unless that is continued, or is within a loop or a quoted text. */
export function commandsOf(block: string): Line[] {
  const commands: Line[] = [];
  let open = "";
  for (const line of block.split("\n").filter((each) => each.trim() !== "")) {
    open += open === "" ? line : `\n${line}`;
    if (isOpen(open)) continue;
    commands.push(open);
    open = "";
  }
  if (open !== "") throw new Error(`a command has no end: ${open}`);
  return commands;
}

const isOpen = (text: string): boolean =>
  text.endsWith("\\") ||
  (text.match(/'/g) ?? []).length % 2 === 1 ||
  (/^for /.test(text) && !/^done\b/m.test(text));

/** A command without its comment. */
export const bare = (line: Line): string => line.replace(/(^| +)# .*$/gm, "").trim();

/** Replaces the placeholders of a page: `<project-id>`. */
export const filled = (line: Line, values: Readonly<Record<string, string>>): string =>
  line.replaceAll(/<([a-z-]+)>/g, (all, name: string) => values[name] ?? all);
