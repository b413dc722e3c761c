/** Proves which stacks a deployment gets from a variable of the repository, and what is said about a wrong value. */
import assert from "node:assert/strict";

import { listedStacks } from "../../ci/listed-stacks";
import { run } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";

describe("the stacks in a variable", () => {
  const stacks = [
    { stack: "production", cloud: "eks" },
    { stack: "staging", cloud: "gke" },
  ];

  it("are in its order, with their clouds; without a value there are none", () => {
    assert.deepEqual(listedStacks("DEPLOY_STAGING", undefined, stacks), []);
    assert.deepEqual(listedStacks("DEPLOY_STAGING", "", stacks), []);
    assert.deepEqual(
      listedStacks("DEPLOY_STAGING", '["staging","production"]', stacks),
      [...stacks].reverse(),
    );
  });

  it("must be committed stacks in a JSON list", () => {
    assert.throws(
      () => listedStacks("DEPLOY_STAGING", "staging", stacks),
      /^ToolError: The variable DEPLOY_STAGING must be a JSON list of stacks, such as \["gke"\]; it is staging$/,
    );
    assert.throws(
      () => listedStacks("DEPLOY_STAGING", '["stagin"]', stacks),
      /lists "stagin", which is none of the committed stacks that create a cluster: production, staging$/,
    );
  });

  it("are passed to the workflow", async () => {
    const tell = (value: string) =>
      run(process.execPath, ["-r", "./boot/loader.js", "ci/listed-stacks.ts", "DEPLOY_PRODUCTION"], {
        cwd: REPOSITORY,
        env: { ...process.env, DEPLOY_PRODUCTION: value },
      });
    assert.equal((await tell('["gke"]')).stdout, 'stacks=[{"stack":"gke","cloud":"gke"}]\n');
    const { code, stderr } = await tell('["oke"]');
    assert.equal(code, 1);
    assert.match(stderr, /^error: The variable DEPLOY_PRODUCTION lists "oke", .*\n$/);
  });
});
