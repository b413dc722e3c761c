/** Proves that the loader keeps the TypeScript compiler away until it is asked for, and then gives it in every form. */
import assert from "node:assert/strict";

import { REPOSITORY } from "../../tools/engine";
import { run } from "../../tools/process";

/** What a process with the loader prints. */
async function printed(script: string): Promise<string> {
  const loads = `const compiler = () => Object.keys(require.cache).some((file) => file.endsWith("/typescript/lib/typescript.js"));`;
  const args = ["-r", "./program/loader.js", "-p", `${loads}\n${script}`];
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd: REPOSITORY });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

describe("the loader", () => {
  it("keeps the compiler away from a process that loads the SDK and the program", async () => {
    assert.equal(await printed(`require("./program"); compiler()`), "false");
  });

  it("gives it, by name and as a default, to whoever asks", async () => {
    const script = `const ts = require("typescript"); [typeof ts.transpile, typeof ts.default.transpile, compiler()].join()`;
    assert.equal(await printed(script), "function,function,true");
  });

  it("lets the SDK serialize a function", async () => {
    const script = `require("@pulumi/pulumi").runtime.serializeFunction(() => 1).then(({ text }) => console.log(text)); ""`;
    assert.match(await printed(script), /return \(\) => 1;/);
  });
});
