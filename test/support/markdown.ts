/** Parts of a document that a test checks: between `<!-- name -->` and `<!-- end -->`. */
import assert from "node:assert/strict";
import * as prettier from "prettier";

/** The content of the part with this name. */
export function block(text: string, name: string): string {
  const [, behind] = text.split(`<!-- ${name} -->\n`);
  assert.ok(behind !== undefined, `there is no <!-- ${name} -->`);
  return (behind.split("<!-- end -->")[0] ?? "").trim();
}

/** A table as prettier formats it. */
export async function table(head: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const text = [head, head.map(() => "---"), ...rows].map(line).join("\n");
  return (await prettier.format(text, { parser: "markdown", printWidth: 110 })).trim();
}
