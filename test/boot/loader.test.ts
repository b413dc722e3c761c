/**
 * Proves that the loader keeps the TypeScript compiler and npm away until they are asked for, and then gives them;
 * that an error names the line of the source it is from; and that a process whose reader is gone ends.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";
import { run } from "../../lib/process";

/** What a process with the loader prints. */
async function printed(script: string): Promise<string> {
  const loads = `
    const loaded = (part) => Object.keys(require.cache).some((file) => file.includes(part));
    const compiler = () => loaded("/typescript/lib/typescript.js");
    const npm = () => loaded("/@npmcli/");`;
  const args = ["-r", "./boot/loader.js", "-p", `${loads}\n${script}`];
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd: REPOSITORY });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

describe("the loader", () => {
  it("keeps the compiler and npm away from a process that loads the SDK and the program", async () => {
    assert.equal(await printed(`require("./index.ts"); [compiler(), npm()].join()`), "false,false");
  });

  it("gives them, by name and as a default, to whoever asks", async () => {
    const script = `const ts = require("typescript"); [typeof ts.transpile, typeof ts.default.transpile, compiler()].join()`;
    assert.equal(await printed(script), "function,function,true");
    assert.equal(
      await printed(`[typeof require("@npmcli/arborist").Arborist, npm()].join()`),
      "function,true",
    );
  });

  it("lets the SDK serialize a function", async () => {
    const script = `require("@pulumi/pulumi").runtime.serializeFunction(() => 1).then(({ text }) => console.log(text)); ""`;
    assert.match(await printed(script), /return \(\) => 1;/);
  });

  it("keeps each line of a source where it is, without a source map", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ralph-loader-"));
    try {
      const source = join(folder, "source.ts");
      writeFileSync(
        source,
        "interface Gone {\n  a: string;\n}\n\nexport const made = (): Error => new Error();\n",
      );
      const script = `require("source-map-support/register"); require(${JSON.stringify(source)}).made().stack`;
      assert.match(await printed(script), /source\.ts:5:\d+\)/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const stream of ["stdout", "stderr"] as const) {
    it(`ends a process whose ${stream} nobody reads any more, as that of a killed engine's program`, async () => {
      const print = `process.${stream}.write("a line")`;
      // As the SDK does it: what went wrong is told, which goes wrong.
      const script = `process.on("uncaughtException", () => ${print}); setInterval(() => ${print}, 10)`;
      const child = spawn(process.execPath, ["-r", "./boot/loader.js", "-e", script], { cwd: REPOSITORY });
      try {
        await once(child[stream], "data");
        child[stream].destroy();
        assert.deepEqual(await once(child, "exit"), [1, null]);
      } finally {
        child.kill("SIGKILL");
      }
    });
  }
});
