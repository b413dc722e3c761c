import type { Values } from "../types";

/**
 * The grammar of `gcloud ... --filter`, as `googlecloudsdk/core/resource/resource_filter.py` and `resource_lex.py` of
 * gcloud 578 parse it: terms `key<operator>value` joined by AND, by OR, or by nothing, which means AND; NOT and `-`
 * negate; parentheses group. A value without quotes ends at a space or a parenthesis, so a regular expression with a
 * group must be quoted. A word without an operator is searched for in every value.
 */
export type Matches = (item: Values) => boolean;

const OPERATOR = /^(!=|!~|<=|>=|=|~|:|<|>)/;
const KEY = /^[A-Za-z_][\w.-]*/;

/** @param wordwise keys whose `=` the API answers by a whole word instead of equality */
export function parseFilter(text: string, wordwise: readonly string[] = []): Matches {
  let rest = text;
  const skip = (): void => {
    rest = rest.trimStart();
  };
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) rest = rest.slice(found.length);
    return found;
  };
  const keyword = (word: string): boolean => take(new RegExp(`^${word}(?=[\\s(])`)) !== undefined;

  const operand = (): string => {
    skip();
    const quoted = take(/^"(?:[^"\\]|\\.)*"|^'(?:[^'\\]|\\.)*'/);
    return quoted === undefined ? (take(/^[^\s()]+/) ?? "") : quoted.slice(1, -1).replace(/\\(.)/g, "$1");
  };

  const term = (): Matches => {
    skip();
    if (keyword("NOT") || take(/^-(?=[A-Za-z(])/) !== undefined) {
      const negated = term();
      return (item) => !negated(item);
    }
    if (take(/^\(/) !== undefined) {
      const inner = any();
      skip();
      if (take(/^\)/) === undefined) throw new SyntaxError(`unbalanced parentheses: ${text}`);
      return inner;
    }
    const before = rest;
    const key = take(KEY);
    skip();
    const operator = key === undefined ? undefined : take(OPERATOR);
    if (key === undefined || operator === undefined) {
      rest = before;
      const word = operand();
      if (word === "") throw new SyntaxError(`term expected: ${rest === "" ? text : rest}`);
      return (item) => JSON.stringify(item).includes(word);
    }
    const value = operand();
    return (item) => compare(valueAt(item, key), operator, value, wordwise.includes(key));
  };

  const all = (): Matches => {
    const terms = [term()];
    for (skip(); rest !== "" && !rest.startsWith(")") && !/^OR[\s(]/.test(rest); skip()) {
      keyword("AND");
      terms.push(term());
    }
    return (item) => terms.every((each) => each(item));
  };

  const any = (): Matches => {
    const terms = [all()];
    for (skip(); keyword("OR"); skip()) terms.push(all());
    return (item) => terms.some((each) => each(item));
  };

  skip();
  if (rest === "") return () => true;
  const whole = any();
  if (rest !== "") throw new SyntaxError(`unexpected: ${rest}`);
  return whole;
}

const valueAt = (item: Values, key: string): unknown =>
  key.split(".").reduce<unknown>((at, part) => (at as Values | undefined)?.[part], item);

function compare(actual: unknown, operator: string, wanted: string, wordwise: boolean): boolean {
  const value = actual === undefined || actual === null ? "" : String(actual);
  switch (operator) {
    case "~":
      return new RegExp(wanted).test(value);
    case "!~":
      return !new RegExp(wanted).test(value);
    case "=":
      return wordwise ? new RegExp(`\\b${wanted}\\b`).test(value) : value === wanted;
    case "!=":
      return value !== wanted;
    case ":":
      return value.toLowerCase().includes(wanted.replace(/\*$/, "").toLowerCase());
    default:
      throw new SyntaxError(`the stand-in does not compare with ${operator}`);
  }
}
