/**
 * Proves that the loader does not load the TypeScript compiler and npm until they are used; that an error shows the
 * line of its source; that a file is stripped once for each text it has; and that a process whose output is no longer
 * read exits.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";
import { run } from "../../lib/process";

/** Output of a process with the loader. */
async function printed(script: string, loader = "./boot/loader.js"): Promise<string> {
  const loads = `
    const loaded = (part) => Object.keys(require.cache).some((file) => file.includes(part));
    const compiler = () => loaded("/typescript/lib/typescript.js");
    const npm = () => loaded("/@npmcli/");`;
  const args = ["-r", loader, "-p", `${loads}\n${script}`];
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd: REPOSITORY });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

describe("the loader", () => {
  it("does not load the compiler or npm for the SDK and the program", async () => {
    assert.equal(await printed(`require("./index.ts"); [compiler(), npm()].join()`), "false,false");
  });

  it("loads them, by name and as a default, when they are used", async () => {
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

  it("strips a file once for each text, and also if it cannot keep the result", async () => {
    const tree = mkdtempSync(join(tmpdir(), "ralph-loader-"));
    const cache = join(tree, "node_modules", ".cache");
    const source = join(tree, "source.ts");
    const load = (): Promise<string> =>
      printed(
        `require(${JSON.stringify(source)}).value + " " + loaded("/sucrase/dist/")`,
        join(tree, "boot", "loader.js"),
      );
    try {
      cpSync(join(REPOSITORY, "boot", "loader.js"), join(tree, "boot", "loader.js"));
      mkdirSync(join(tree, "node_modules"));
      symlinkSync(join(REPOSITORY, "node_modules", "sucrase"), join(tree, "node_modules", "sucrase"));
      writeFileSync(source, "export const value: number = 1;\n");
      assert.deepEqual([await load(), await load()], ["1 true", "1 false"]);
      writeFileSync(source, "export const value: number = 2;\n");
      assert.deepEqual([await load(), await load()], ["2 true", "2 false"]);
      rmSync(cache, { recursive: true });
      writeFileSync(cache, "not a folder");
      assert.deepEqual([await load(), await load()], ["2 true", "2 true"]);
    } finally {
      rmSync(tree, { recursive: true });
    }
  });

  it("keeps each line of a source where it is, without a source map", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ralph-loader-"));
    try {
      const source = join(folder, "source.ts");
      writeFileSync(
        source,
        "interface Removed {\n  a: string;\n}\n\nexport const create = (): Error => new Error();\n",
      );
      const script = `require("source-map-support/register"); require(${JSON.stringify(source)}).create().stack`;
      assert.match(await printed(script), /source\.ts:5:\d+\)/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const stream of ["stdout", "stderr"] as const) {
    it(`ends a process whose ${stream} is no longer read, such as a killed engine's program`, async () => {
      const print = `process.${stream}.write("a line")`;
      // Like the SDK: reporting the error fails again.
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
