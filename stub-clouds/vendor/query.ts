import type { Values } from "../types";

/** `{Name:List[?Key=='value']}`: the items of a list with a value, by a name of the caller's. */
const SELECTION = /^\{(\w+):(\w+)\[\?(\w+)=='([^']*)'\]\}$/;

/** The part of JMESPath that the commands use: a selection, or `A[].B[].[C]`, where `@` is the item itself. */
export function queried(answer: unknown, query: string): unknown {
  const [, name, list = "", key = "", value] = SELECTION.exec(query) ?? [];
  if (name === undefined) return projected(answer, query);
  return { [name]: (field(answer, list) as unknown[]).filter((item) => field(item, key) === value) };
}

const projected = (answer: unknown, query: string): unknown =>
  query.split(".").reduce<unknown>((at, part, i, parts) => {
    const list = parts[i - 1]?.endsWith("[]") === true;
    const step = (value: unknown): unknown => {
      const columns = /^\[(.+)\]$/.exec(part)?.[1];
      if (columns !== undefined) return columns.split(",").map((key) => field(value, key));
      return field(value, part.replace("[]", ""));
    };
    const next = list ? (at as unknown[]).map(step) : step(at);
    return part.endsWith("[]") ? [next].flat(2).filter((each) => each !== undefined) : next;
  }, answer);

const field = (value: unknown, key: string): unknown =>
  key === "@" ? value : (value as Values | undefined)?.[key];

/** `--output text`: a line for each row, its columns separated by tabs; nothing for an empty list. */
export const asText = (value: unknown): string =>
  [value]
    .flat()
    .map((row) => [row].flat().join("\t"))
    .join("\n");
