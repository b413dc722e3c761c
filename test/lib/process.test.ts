import assert from "node:assert/strict";

import { run } from "../../lib/process";

const script = (code: string): [string, string[]] => [process.execPath, ["-e", code]];

describe("running a program", () => {
  it("returns its exit code and both outputs", async () => {
    const result = await run(...script("console.log('out'); console.error('err'); process.exitCode = 3"));
    assert.deepEqual(result, { code: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("passes its input", async () => {
    const { stdout } = await run(...script("process.stdin.pipe(process.stdout)"), { input: "hello" });
    assert.equal(stdout, "hello");
  });

  it("survives a program that does not read its input", async () => {
    const { code } = await run(...script("process.exit(0)"), { input: "x".repeat(1 << 20) });
    assert.equal(code, 0);
  });

  it("returns 127 for a program that cannot be started, with the reason", async () => {
    const { code, stderr } = await run("/no/such/program", []);
    assert.equal(code, 127);
    assert.match(stderr, /ENOENT/);
  });

  it("ends a program that takes too long", async () => {
    const { code } = await run(...script("setInterval(() => {}, 1000)"), { timeout: 100 });
    assert.equal(code, 124);
  });
});
