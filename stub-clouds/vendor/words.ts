import type { Resource } from "../types";

/** The program's error message in place of a result. */
export class Refused extends Error {}

/** `listed` has the resources, and deleted ones that are still in the vendor's lists. */
export type Respond = (
  words: readonly string[],
  resources: readonly Resource[],
  listed: readonly Resource[],
) => unknown;

/** The value of `--name value` or `--name=value`. */
export function option(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(`--${name}`);
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

/** The values that follow `--name`. */
export function options(words: readonly string[], name: string): string[] {
  const rest = words.slice(words.indexOf(`--${name}`) + 1);
  const end = rest.findIndex((word) => word.startsWith("--"));
  return rest.slice(0, end < 0 ? undefined : end);
}
