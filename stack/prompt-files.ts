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
    // A broken link is an editor's lock.
    .filter(({ file }) => fs.statSync(file, { throwIfNoEntry: false })?.isFile())
    .map(({ name, file }) => ({
      name,
      file,
      text: textOf(file),
      isLink: fs.lstatSync(file).isSymbolicLink(),
    }));
  return {
    prompts: Object.fromEntries(files.map(({ name, text }) => [name, text ?? ""])),
    problems: files.flatMap(({ name, file, text, isLink }) => [
      // A link in a pull request could give a model any file of this machine.
      ...(isLink
        ? [{ key: file, rule: "must not be a link", fix: `rm ${quoted(file)}` }]
        : text === undefined
          ? [
              {
                key: file,
                rule: "must be UTF-8",
                fix: `iconv -f <encoding> -t UTF-8 -o <file> ${quoted(file)}`,
              },
            ]
          : []),
      ...(promptName.safeParse(name).error?.issues ?? []).map(({ message }) => ({
        key: file,
        rule: `${message}, with letters, digits, '-', '_' and '.' only, because it is a key of a ConfigMap`,
        fix: `mv ${quoted(file)} ${FOLDER}/<name>.md`,
      })),
      ...(text === "" ? [{ key: file, rule: "is empty", fix: `rm ${quoted(file)}` }] : []),
    ]),
  };
}

/** @returns undefined if it is not UTF-8, which would be replaced silently */
function textOf(file: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fs.readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
