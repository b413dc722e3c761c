import { Refused } from "./words";

/**
 * The shorthand syntax of the AWS CLI: `Key=stack,Values=a,b` (awscli/shorthand.py). A value without quotes ends at a
 * comma; what follows the comma is another value if it has no `=`. Only the first value may contain one.
 */
export function parseShorthand(text: string): Readonly<Record<string, string | readonly string[]>> {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    const found = new RegExp(pattern, "y");
    found.lastIndex = at;
    const match = found.exec(text)?.[0];
    if (match !== undefined) at += match.length;
    return match;
  };
  const expected = (what: string): Refused =>
    new Refused(
      `Error parsing parameter: Expected: '${what}', received: '${text.charAt(at) || "EOF"}' for input:\n${text}`,
    );
  const quoted = (): string | undefined =>
    take(/"(?:\\\\|\\"|[^"])*"|'(?:\\\\|\\'|[^'])*'/)
      ?.slice(1, -1)
      .replace(/\\(["'\\])/g, "$1");
  const plain = (pattern: RegExp): string | undefined => take(pattern)?.replaceAll("\\,", ",").trimEnd();
  const first = (): string => quoted() ?? plain(FIRST) ?? "";
  /** Undefined if a key follows. */
  const second = (): string | undefined => {
    const before = at;
    const value = quoted() ?? plain(SECOND) ?? "";
    if (text.charAt(at) !== "=") return value;
    at = before;
    return undefined;
  };

  const result: Record<string, string | readonly string[]> = {};
  while (at < text.length) {
    const key = take(/[0-9A-Za-z_.-]+/);
    if (key === undefined) throw expected("key");
    if (take(/=/) === undefined) throw expected("=");
    const values = [first()];
    let isList = false;
    while (at < text.length) {
      if (take(/,/) === undefined) throw expected(",");
      const value = second();
      if (value === undefined) break;
      values.push(value);
      isList = true;
    }
    result[key] = isList ? values : (values[0] ?? "");
  }
  return result;
}

const FIRST = /(?:\\,|[!#-&(-+\--<>-Z\\-z|-\uffff])(?:\\,|[\s!#-&(-+\--\\^-|~-\uffff])*/;
const SECOND = /(?:\\,|[!#-&(-+\--<>-Z\\-z|-\uffff])(?:\\,|[\s!#-&(-+\--<>-\uffff])*/;

/** A value as the list that the parameter's type asks for. */
export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat();
