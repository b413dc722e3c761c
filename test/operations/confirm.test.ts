/** Proves how the deletion of a stack is confirmed at a real terminal, which util-linux's `script` provides. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const LOADER = join(__dirname, "..", "..", "boot", "loader.js");
const ASKER = `${process.execPath} -r ${LOADER} ${join(__dirname, "asker.ts")}`;

/** Types an answer once the question appears. */
async function answered(typed: string): Promise<{ code: number | null; output: string }> {
  const child = spawn("script", ["--quiet", "--return", "--command", ASKER, "/dev/null"]);
  let output = "";
  child.stdout.on("data", (data: Buffer) => {
    const asked = output.includes("to confirm: ");
    output += data.toString();
    if (!asked && output.includes("to confirm: ")) child.stdin.write(typed);
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output };
}

describe("the confirmation of a deletion", () => {
  before(function () {
    if (spawnSync("script", ["--version"]).status !== 0) this.skip(); // util-linux is not installed
  });

  const TABLE: [what: string, typed: string, code: number, says: RegExp][] = [
    ["the stack's name", "pr-1\r", 0, /confirmed: true/],
    ["another name", "pr-2\r", 0, /confirmed: false/],
    ["Ctrl-D", "\x04", 0, /confirmed: false/],
    ["Ctrl-C", "\x03", 130, /Stopped\./],
  ];
  for (const [what, typed, code, says] of TABLE) {
    it(`treats ${what} as ${says}`, async () => {
      const { code: ended, output } = await answered(typed);
      assert.equal(ended, code, output);
      assert.match(output, says);
      assert.doesNotMatch(output, /Error|\n\s+at /);
    });
  }
});
