/**
 * Proves that `./ralphctl preview` previews every committed stack on a machine without an account, a credential, a
 * passphrase or any of the clouds' programs, with only the plugin of that stack's cloud; that it reports the
 * values that it filled in; and that its exit code is the engine's.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { REPOSITORY } from "../../lib/repository";
import type { RunResult } from "../../lib/process";
import { RALPHCTL } from "../support/ralphctl";
import { start } from "./support/children";

/** The part of the environment that names no account: a home for caches, and where programs are. */
const { PATH, HOME, RALPH_TOOLS_CACHE, XDG_CACHE_HOME, GOPATH } = process.env;
const STRANGER = { PATH, HOME, RALPH_TOOLS_CACHE, XDG_CACHE_HOME, GOPATH, TMPDIR: process.env.TMPDIR };

const preview = (...args: string[]): Promise<RunResult> =>
  start(process.execPath, [...RALPHCTL, "preview", ...args], {
    cwd: REPOSITORY,
    env: STRANGER,
  }).result;

const stacks = readdirSync(REPOSITORY)
  .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
  .map((name) => {
    const text = readFileSync(join(REPOSITORY, `Pulumi.${name}.yaml`), "utf8");
    return { name, cloud: (parse(text) as { config: Record<string, string> }).config["ralph:cloud"] };
  })
  .filter(({ cloud }) => cloud !== "existing");

describe("./ralphctl preview", () => {
  it("covers three clouds", () => {
    assert.deepEqual([...new Set(stacks.map(({ cloud }) => cloud))].sort(), ["aks", "eks", "gke"]);
  });

  for (const { name } of stacks) {
    it(`previews the stack ${name}: everything is to be created`, async () => {
      const { code, stdout, stderr } = await preview("--stack", name);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /\+ {2}kubernetes:apps\/v1:Deployment ralph create/);
      assert.match(stdout, /^Resources:\n {4}\+ \d+ to create\n/m);
      assert.match(stderr, /no cloud was called/);
    });
  }

  it("fails as the engine does, and for a stack that does not exist before anything is started", async () => {
    const option = await preview("--stack", "gke", "--", "--no-such-option");
    assert.notEqual(option.code, 0);
    const { code, stderr } = await preview("--stack", "nothing");
    assert.equal(code, 1);
    assert.match(stderr, /^error: there is no Pulumi\.nothing\.yaml; the stacks here are: /);
  });
});
