import { type Path, propertyPath } from "../config/path";
import { quoted } from "../lib/shell";
import type { Problem } from "../config/problems";

/** A key below `cluster` that breaks a rule of its cloud, and a value that keeps it; without one the key goes. */
export interface Finding {
  readonly at: Path;
  readonly rule: string;
  readonly value?: string;
}

/** The value of a range where none can be offered. */
export const ANOTHER_RANGE = "<another range>";

export const found = (broken: boolean, finding: () => Finding): Finding[] => (broken ? [finding()] : []);

export function violation({ at, rule, value }: Finding): Problem {
  const key = propertyPath(["cluster", ...at]);
  const fix =
    value === undefined
      ? `pulumi config rm --path ${asWord(key)}`
      : `pulumi config set --path ${asWord(key)} ${asWord(value)}`;
  return { key, rule, fix };
}

/** As a shell takes it; what another command tells, `$(...)`, is left to that command. */
function asWord(word: string): string {
  if (/^[\w:./+-]+$/.test(word)) return word;
  return word.startsWith("$(") ? `"${word}"` : quoted(word);
}
