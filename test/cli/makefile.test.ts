/** Proves that make passes the value of each variable to ./ralphctl as one word, whatever a shell would make of it. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";

describe("make", () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "ralph-make-"));
    copyFileSync("Makefile", join(dir, "Makefile"));
    writeFileSync(join(dir, "ralphctl"), '#!/bin/sh\nprintf "<%s>" "$@"\n', { mode: 0o755 });
    mkdirSync(join(dir, "runner"));
    for (const file of ["package-lock.json", "runner/package-lock.json"])
      writeFileSync(join(dir, file), "{}");
    mkdirSync(join(dir, "node_modules"));
    writeFileSync(join(dir, "node_modules/.package-lock.json"), "{}");
  });
  after(() => rmSync(dir, { recursive: true }));

  const HOSTILE = `it's "a"; touch owned; \`touch owned\` & x`;
  const TABLE: readonly (readonly [target: string, variables: readonly string[], ralphctl: string])[] = [
    ["preview", ["STACK"], "<preview><--stack><V>"],
    ["destroy", ["STACK"], "<destroy><--stack><V>"],
    ["render", ["STACK", "OUT"], "<render><--stack><V><--out><V>"],
    ["up", ["NODE"], "<up><--node><V>"],
    [
      "up",
      ["KUBECONFIG_FROM", "CONTEXT", "NAMESPACE"],
      "<up><--kubeconfig-from><V><--context><V><--namespace><V>",
    ],
    ["preview", [], "<preview><--stack><local>"],
    ["render", [], "<render><--stack><local><--out><k8s>"],
    ["up", [], "<up>"],
  ];
  for (const [target, variables, ralphctl] of TABLE)
    it(`${target} ${variables.join(" ")}`, async () => {
      const env = { PATH: process.env.PATH }; // npm sets NODE
      const words = variables.map((name) => `${name}=${HOSTILE}`);
      const { stdout, stderr } = await run("make", ["-s", target, ...words], { cwd: dir, env });
      assert.equal(stdout, ralphctl.replaceAll("V", HOSTILE), stderr);
      assert.ok(!readdirSync(dir).includes("owned"));
    });
});
