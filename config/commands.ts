import { quoted } from "../lib/shell";
import { type Path, propertyPath } from "./path";

/** The `pulumi config` commands that a problem offers as its fix. */

/** The command that sets a plain value. What looks like a number or a boolean is one, unless it must be text. */
export const setCommand = (at: Path, value: string, as?: "as text"): string =>
  `pulumi config set ${typeOption(as)}${target(at)} ${shellWord(value)}`;

/** The command that sets a secret: it asks for the value, unless it reads it from a file. */
export const setSecretCommand = (at: Path, file?: string, as?: "as text"): string =>
  `pulumi config set --secret ${typeOption(as)}${target(at)}${file === undefined ? "" : ` < ${file}`}`;

/** The command that removes a key. */
export const removeCommand = (at: Path): string => `pulumi config rm ${target(at)}`;

const typeOption = (as?: "as text"): string => (as === undefined ? "" : "--type string ");

/** A key as an argument of `pulumi config`, with `--path` if it lies inside a section. */
function target(at: Path): string {
  const spelled = propertyPath(at);
  const word = /^[\w:.-]+$/.test(spelled) ? spelled : quoted(spelled);
  return at.length === 1 ? word : `--path ${word}`;
}

/** One word for a shell. Placeholders, `<...>`, stay readable; the output of a command, `$(...)`, is left to the shell. */
function shellWord(word: string): string {
  if (/^([\w:./@+-]|<[^<>]+>)+$/.test(word)) return word;
  return word.startsWith("$(") ? `"${word}"` : quoted(word);
}
