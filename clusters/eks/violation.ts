import { type Path, propertyPath } from "../../config/path";
import type { Violation } from "../../config/violations";

/** A broken rule of a key under `ralph:cluster`, mended by another value. */
export const set = (at: Path, rule: string, value: string): Violation => ({
  key: key(at),
  rule,
  fix: `pulumi config set --path ${quote(key(at))} ${quote(value)}`,
});

/** A broken rule of a key under `ralph:cluster`, mended by taking the key away. */
export const unset = (at: Path, rule: string): Violation => ({
  key: key(at),
  rule,
  fix: `pulumi config rm --path ${quote(key(at))}`,
});

const key = (at: Path) => propertyPath(["cluster", ...at]);
const quote = (word: string) => (/^[\w:./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
