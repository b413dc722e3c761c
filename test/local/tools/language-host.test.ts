/** Proves that a language host from before runtime options gets those of Pulumi.yaml as flags, and a newer one nothing. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { installLanguageHost } from "../../../local/tools/language-host";
import { LANGUAGE_HOST_VERSION } from "../../../local/tools/pins";
import { run } from "../../../lib/process";

describe("the language host of an engine run", () => {
  const { RALPH_TOOLS_CACHE } = process.env;
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "ralph-host-"));
    process.env.RALPH_TOOLS_CACHE = join(dir, "cache");
    writeFileSync(
      join(dir, "Pulumi.yaml"),
      "name: p\nruntime: {name: nodejs, options: {typescript: false, nodeargs: -r it's}}\n",
    );
  });
  afterEach(() => {
    if (RALPH_TOOLS_CACHE === undefined) delete process.env.RALPH_TOOLS_CACHE;
    else process.env.RALPH_TOOLS_CACHE = RALPH_TOOLS_CACHE;
    rmSync(dir, { recursive: true });
  });

  /** A host that prints its arguments, one a line. */
  const host = (folder: string): string => {
    mkdirSync(join(dir, folder), { recursive: true });
    const program = join(dir, folder, "pulumi-language-nodejs");
    writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    return program;
  };
  const installed = (): string =>
    join(dir, "plugins", `language-nodejs-v${LANGUAGE_HOST_VERSION}`, "pulumi-language-nodejs");

  it("is told the options of Pulumi.yaml, before the engine's own arguments, when it was built here", async () => {
    installLanguageHost(dir, host("cache/language-nodejs-0123"), dir);
    const { stdout } = await run(installed(), ["127.0.0.1:1"]);
    assert.deepEqual(stdout.trim().split("\n"), ["-typescript=false", "-nodeargs=-r it's", "127.0.0.1:1"]);
  });

  it("is left beside its engine when it was installed", () => {
    installLanguageHost(dir, host("installed"), dir);
    assert.equal(existsSync(installed()), false);
  });
});
