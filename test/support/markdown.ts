/** Parts of a document that a test has a say in: between `<!-- name -->` and `<!-- end -->`. */
import assert from "node:assert/strict";
import * as prettier from "prettier";

/** What stands in the part of this name. */
export function block(text: string, name: string): string {
  const [, behind] = text.split(`<!-- ${name} -->\n`);
  assert.ok(behind !== undefined, `there is no <!-- ${name} -->`);
  return (behind.split("<!-- end -->")[0] ?? "").trim();
}

/** A table as prettier writes it. */
export async function table(head: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const text = [head, head.map(() => "---"), ...rows].map(line).join("\n");
  return (await prettier.format(text, { parser: "markdown", printWidth: 110 })).trim();
}
