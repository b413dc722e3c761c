import { Refused } from "./words";

type Structure = Readonly<Record<string, string | readonly string[]>>;

/** A parameter that is a list of structures: in JSON, or one in shorthand syntax for each word (awscli/argprocess.py). */
export const parseList = (words: readonly string[]): readonly Structure[] =>
  words[0]?.startsWith("[") === true ? (JSON.parse(words[0]) as Structure[]) : words.map(parseShorthand);

/**
 * The shorthand syntax of the AWS CLI: `Key=stack,Values=a,b`
 * (https://github.com/aws/aws-cli/blob/develop/awscli/shorthand.py). A value without quotes ends at a comma; what follows
 * the comma is another value if it has no `=`. Only the first value may contain one.
 */
export function parseShorthand(text: string): Structure {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    const found = new RegExp(pattern, "y");
    found.lastIndex = at;
    const match = found.exec(text)?.[0];
    if (match !== undefined) at += match.length;
    return match;
  };
  const refused = (expected: string, received = text.charAt(at) || "EOF"): Refused =>
    new Refused(
      `Error parsing parameter: Expected: '${expected}', received: '${received}' for input:\n${text}`,
    );
  const expect = (character: "=" | ","): void => {
    take(/\s*/);
    if (text.charAt(at) !== character) throw refused(character);
    at += 1;
    take(/\s*/);
  };
  const quoted = (): string | undefined => {
    const quote = text.charAt(at);
    if (quote !== '"' && quote !== "'") return undefined;
    const found = take(quote === '"' ? /"(?:\\\\|\\"|[^"])*"/ : /'(?:\\\\|\\'|[^'])*'/);
    if (found === undefined) throw refused(quote === '"' ? "<double quoted>" : "<singled quoted>", "<none>");
    return found.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll("\\\\", "\\");
  };
  const plain = (pattern: RegExp): string | undefined => take(pattern)?.replaceAll("\\,", ",").trimEnd();
  const first = (): string => {
    if (/[[{]/.test(text.charAt(at))) throw refused("<value>");
    return quoted() ?? plain(FIRST) ?? "";
  };
  /** Undefined if a key follows. */
  const second = (): string | undefined => {
    const before = at;
    const value = quoted() ?? plain(SECOND);
    if (value === undefined) throw refused("<second>", "<none>");
    take(/\s*/);
    if (text.charAt(at) !== "=") return value;
    at = before;
    return undefined;
  };

  const result: Record<string, string | readonly string[]> = {};
  do {
    const key = take(/[-0-9A-Za-z_.#/:]*/) ?? "";
    expect("=");
    const values = [first()];
    let value: string | undefined = "";
    take(/\s*/);
    while (at < text.length && value !== undefined) {
      expect(",");
      value = second();
      if (value !== undefined) values.push(value);
    }
    result[key] = values.length > 1 ? values : (values[0] ?? "");
  } while (at < text.length);
  return result;
}

const FIRST = /(?:\\,|[!#-&(-+\--<>-Z\\-z|-\uffff])(?:\\,|[\s!#-&(-+\--\\^-|~-\uffff])*/;
const SECOND = /(?:\\,|[!#-&(-+\--<>-Z\\-z|-\uffff])(?:\\,|[\s!#-&(-+\--<>-\uffff])*/;

/** A value as the list that the parameter's type asks for. */
export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat();
