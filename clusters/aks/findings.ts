import { type Path, propertyPath } from "../../config/path";
import type { Violation } from "../../config/violations";

/** A key below `cluster` that breaks a rule, and the value that mends it; without one the key must go. */
export interface Finding {
  readonly at: Path;
  readonly rule: string;
  readonly set?: string;
}

export const found = (broken: boolean, finding: () => Finding): Finding[] => (broken ? [finding()] : []);

export function violation({ at, rule, set }: Finding): Violation {
  const key = propertyPath(["cluster", ...at]);
  const fix =
    set === undefined
      ? `pulumi config rm --path ${quoted(key)}`
      : `pulumi config set --path ${quoted(key)} ${quoted(set)}`;
  return { key, rule, fix };
}

/** As a shell takes it: a value that another command gives is left to that command. */
function quoted(text: string): string {
  if (/^[\w:./+-]+$/.test(text)) return text;
  return text.startsWith("$(") ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
}
