import * as fs from "node:fs";
import * as path from "node:path";
import { promptName } from "../config/formats";
import type { Problem } from "../config/problems";
import { quoted } from "../lib/shell";

const FOLDER = "prompts";

interface PromptFiles {
  /** Text by file name. */
  readonly prompts: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/** The prompts in the folder `prompts` of the project, by the rules of `ralph:prompts`. */
export function promptFiles(): PromptFiles {
  const files = (fs.existsSync(FOLDER) ? fs.readdirSync(FOLDER).sort() : [])
    .filter((name) => name.endsWith(".md"))
    .map((name) => ({ name, file: path.join(FOLDER, name) }))
    .filter(({ file }) => fs.statSync(file, { throwIfNoEntry: false })?.isFile())
    .map(({ name, file }) => ({ name, file, text: fs.readFileSync(file, "utf8") }));
  return {
    prompts: Object.fromEntries(files.map(({ name, text }) => [name, text])),
    problems: files.flatMap(({ name, file, text }) => [
      ...(promptName.safeParse(name).error?.issues ?? []).map(({ message }) => ({
        key: file,
        rule: `${message}, with letters, digits, '-', '_' and '.' only, because it is a key of a ConfigMap`,
        fix: `mv ${quoted(file)} ${FOLDER}/<name>.md`,
      })),
      ...(text === "" ? [{ key: file, rule: "is empty", fix: `rm ${quoted(file)}` }] : []),
    ]),
  };
}
