/** GitHub's expressions: https://docs.github.com/actions/reference/workflows-and-actions/expressions */

/** Values of names, such as `vars.AWS_ROLE`; others are empty. */
export type Context = Readonly<Record<string, string | boolean>>;

type Value = string | boolean;

const TOKEN = /'[^']*'|\|\||&&|==|!=|[!()]|[\w.-]+(?:\(\))?/g;

/** Evaluates comparisons, `!`, `&&`, `||` and parentheses. */
export function evaluate(expression: string, context: Context): Value {
  const tokens = expression.match(TOKEN) ?? [];
  let at = 0;
  const next = (token: string): boolean => tokens[at] === token && ++at > 0;

  const primary = (): Value => {
    if (next("!")) return !primary();
    if (next("(")) {
      const value = either();
      if (!next(")")) throw new Error(`${expression}: a parenthesis is not closed`);
      return value;
    }
    const token = tokens[at++] ?? "";
    if (token === "always()") return true;
    return token.startsWith("'") ? token.slice(1, -1) : (context[token] ?? "");
  };
  const comparison = (): Value => {
    const left = primary();
    if (next("==")) return left === primary();
    return next("!=") ? left !== primary() : left;
  };
  const both = (): Value => {
    let value = comparison();
    while (next("&&")) {
      const right = comparison();
      value = value ? right : value;
    }
    return value;
  };
  const either = (): Value => {
    let value = both();
    while (next("||")) {
      const right = both();
      value = value ? value : right;
    }
    return value;
  };
  const value = either();
  if (at < tokens.length) throw new Error(`${expression}: this test cannot read it`);
  return value;
}

/** Replaces `${{ ... }}` in a text. */
export const expanded = (text: string, context: Context): string =>
  text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(evaluate(expression, context)));
