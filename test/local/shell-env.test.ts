/**
 * Proves what a shell with `eval "$(make -s env)"` refuses: commands that would silently change the stack of `make up`
 * in place of another one, and real keys in the stack file that git tracks. Everything else reaches pulumi unchanged.
 */
import assert from "node:assert/strict";
import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";
import { mapSecrets, readStackFile } from "../../lib/stack-file";
import { valueAt } from "../../config/path";
import { guardedPulumi } from "../../local/shell-env";
import { LOCAL_STACK } from "../../local/stacks";

describe("a shell with the environment of the local stack", () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "ralph-shell-"));
    writeFileSync(join(dir, "real pulumi"), '#!/bin/sh\nprintf "<%s>" "$@"\n', { mode: 0o755 });
    guardedPulumi(dir, join(dir, "real pulumi"));
  });
  after(() => rmSync(dir, { recursive: true }));

  const pulumi = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
    run(join(dir, "pulumi"), args, { env: { PATH: process.env.PATH, PULUMI_STACK: "local", ...variables } });

  const OTHER =
    /^error: this shell works on the stack local of make up, .* after pulumi stack (init|select); nothing/;
  const TRACKED =
    /^error: Pulumi\.local\.yaml must hold no real key: git tracks it, and its passphrase is public;/;
  const REFUSED: readonly (readonly [message: RegExp, ...args: string[]])[] = [
    [OTHER, "stack", "init", "team-a"],
    [OTHER, "--non-interactive", "stack", "init", "--copy-config-from", "x", "team-a"],
    [OTHER, "-C", "/x", "stack", "select", "team-a"],
    [OTHER, "stack", "select"],
    [TRACKED, "config", "set", "--secret", "--path", "ralph:apiKeys.claude"],
    [TRACKED, "config", "--path", "set", "ralph:apiKeys.claude", "--secret"],
    [TRACKED, "config", "set", "--path", "ralph:apiKeys.claude", "sk"],
    [TRACKED, "config", "set-all", "--secret", "a=b"],
  ];
  for (const [message, ...args] of REFUSED)
    it(`refuses pulumi ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await pulumi(args);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, message);
    });

  const PASSED: readonly (readonly string[])[] = [
    ["stack"],
    ["stack", "output", "namespace"],
    ["stack", "select", "--stack", "local"],
    ["up", "--yes"],
    ["config", "get", "ralph:apiKeys"],
    ["config", "set", "--path", "ralph:image.tag", "2.10"],
    ["config", "set", "a", "two  words"],
  ];
  for (const args of PASSED)
    it(`passes on pulumi ${args.join(" ")}`, async () => {
      const { stdout } = await pulumi(args);
      assert.equal(stdout, args.map((arg) => `<${arg}>`).join(""));
    });

  it("accepts a key for a stack file outside of git, and any stack once the variable is unset", async () => {
    const key = ["config", "set", "--secret", "--path", "ralph:apiKeys.claude"];
    assert.equal((await pulumi(key, { PULUMI_OPTION_CONFIG_FILE: ".local/Pulumi.local.yaml" })).code, 0);
    assert.equal((await pulumi(["stack", "init", "team-a"], { PULUMI_STACK: "" })).code, 0);
  });
});

describe("the committed stack file of the local stack", () => {
  it("holds dummies only, because anyone can decrypt it", () => {
    const { encryption, config } = readStackFile("Pulumi.local.yaml");
    const salt = Buffer.from(encryption.encryptionsalt?.split(":")[1] ?? "", "base64");
    const key = pbkdf2Sync(LOCAL_STACK.passphrase as string, salt, 1_000_000, 32, "sha256");
    const secrets: Record<string, string> = {};
    mapSecrets(config, (path) => {
      const { secure } = valueAt(config, path) as { secure: string };
      const [, nonce = "", text = ""] = secure.split(":");
      const sealed = Buffer.from(text, "base64");
      const open = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
      open.setAuthTag(sealed.subarray(-16));
      secrets[path.join(".")] = open.update(sealed.subarray(0, -16), undefined, "utf8") + open.final("utf8");
      return undefined;
    });
    assert.deepEqual(secrets, {
      "ralph:apiKeys.claude": "dummy-claude-key",
      "ralph:apiKeys.gemini": "dummy-gemini-key",
      "ralph:apiKeys.q": "dummy-q-key",
    });
  });
});
