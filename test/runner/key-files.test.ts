/**
 * Proves that a key which is rotated in its file, as Kubernetes updates a mounted Secret, reaches the next call of the
 * agent and the log's redaction, within a run and between two. The files, the wrapper around the agent and the runner are
 * real; scripts stand in for Ralph and for Claude Code.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { REPOSITORY } from "../../lib/repository";
import { chooseAgent, keyNames, secretValues } from "../../runner/src/agents";
import { AGENTS } from "../../runner/src/contract";
import { readKeyFiles } from "../../runner/src/key-files";
import { layout } from "../../runner/src/layout";
import { freePort } from "../engine/support/prometheus";
import { until } from "../engine/support/until";

const WRAPPER = join(REPOSITORY, "runner", "bin", "agent");

describe("keys as files", () => {
  let root: string;
  let folder: string;
  let revision: number;
  const path = (...parts: string[]): string => join(root, ...parts);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "runner-keys-"));
    folder = layout(root).keys;
    revision = 0;
    for (const each of ["bin", "prompts", "workspace"]) mkdirSync(path(each));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Mounts a Secret, or updates it: a folder of its own for each state, and a link that is replaced in one step. */
  function mount(keys: Record<string, string>): void {
    const state = `..${++revision}`;
    mkdirSync(join(folder, state), { recursive: true });
    for (const [name, text] of Object.entries(keys)) writeFileSync(join(folder, state, name), text);
    symlinkSync(state, join(folder, "..new"));
    renameSync(join(folder, "..new"), join(folder, "..data"));
    for (const name of Object.keys(keys)) {
      rmSync(join(folder, name), { force: true });
      symlinkSync(join("..data", name), join(folder, name));
    }
  }

  function program(name: string, script: string): string {
    writeFileSync(path("bin", name), `#!/bin/bash\n${script}\n`);
    chmodSync(path("bin", name), 0o755);
    return path("bin", name);
  }

  it("replace the variables of the agent's process, each time that one starts", () => {
    program("claude", "");
    const env = { PATH: path("bin"), CLAUDE_API_KEY: "sk-old", AWS_REGION: "eu-west-1" };
    const agent = chooseAgent("claude", env, () => readKeyFiles(folder));
    assert.ok(typeof agent !== "string");
    const keys = () => {
      const { ANTHROPIC_API_KEY: key, CLAUDE_CODE_OAUTH_TOKEN: token, AWS_REGION: region } = agent.env;
      assert.equal(region, "eu-west-1");
      return { ...(key === undefined ? {} : { key }), ...(token === undefined ? {} : { token }) };
    };
    assert.deepEqual(keys(), { key: "sk-old" }); // no folder: a pod of an older version
    mount({ CLAUDE_API_KEY: "sk-new\n" });
    assert.deepEqual(keys(), { key: "sk-new" });
    mount({ CLAUDE_API_KEY: "sk-ant-oat01-token" });
    assert.deepEqual(keys(), { token: "sk-ant-oat01-token" });
    mount({ CLAUDE_API_KEY: " \n" });
    assert.deepEqual(keys(), { key: "sk-old" }); // an empty key is none
  });

  it("are enough without variables, and are given to no other agent", () => {
    for (const name of ["claude", "gemini"]) program(name, "");
    mount({ CLAUDE_API_KEY: "sk-claude" });
    const choose = (name: "claude" | "gemini") =>
      chooseAgent(name, { PATH: path("bin"), GEMINI_API_KEY: "AIza" }, () => readKeyFiles(folder));
    const [claude, gemini] = [choose("claude"), choose("gemini")];
    assert.ok(typeof claude !== "string" && typeof gemini !== "string");
    assert.equal(claude.env.ANTHROPIC_API_KEY, "sk-claude");
    assert.doesNotMatch(JSON.stringify(gemini.env), /sk-claude/);
  });

  it("are all secrets in the log", () => {
    mount({ CLAUDE_API_KEY: "sk-00000000\n", OTHER: "short" });
    assert.deepEqual(secretValues(readKeyFiles(folder), true), ["sk-00000000"]);
  });

  const CALLS: [
    agent: keyof typeof AGENTS,
    started: object,
    files: Record<string, string>,
    called: object,
  ][] = [
    ["claude", { ANTHROPIC_API_KEY: "old" }, { CLAUDE_API_KEY: "new\n" }, { ANTHROPIC_API_KEY: "new" }],
    ["claude", { ANTHROPIC_API_KEY: "old" }, {}, { ANTHROPIC_API_KEY: "old" }],
    ["claude", { ANTHROPIC_API_KEY: "old" }, { CLAUDE_API_KEY: "" }, { ANTHROPIC_API_KEY: "old" }],
    [
      "claude",
      { ANTHROPIC_API_KEY: "old" },
      { CLAUDE_API_KEY: "sk-ant-oat01-a" },
      { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-a" },
    ],
    [
      "claude",
      { ANTHROPIC_AUTH_TOKEN: "old" },
      { ANTHROPIC_AUTH_TOKEN: "a $b" },
      { ANTHROPIC_AUTH_TOKEN: "a $b" },
    ],
    ["gemini", { GEMINI_API_KEY: "old" }, { GEMINI_API_KEY: "new" }, { GEMINI_API_KEY: "new" }],
    ["q", { KIRO_API_KEY: "old" }, { Q_API_KEY: "new" }, { KIRO_API_KEY: "new" }],
    ["opencode", {}, { OPENROUTER_API_KEY: "new" }, { OPENROUTER_API_KEY: "new" }],
    ["smoke", {}, { CLAUDE_API_KEY: "new" }, {}],
  ];
  for (const [name, started, files, called] of CALLS) {
    it(`reach the next call of ${name}: ${JSON.stringify(files)}`, () => {
      mount(files);
      const stdout = execFileSync(WRAPPER, [], {
        encoding: "utf8",
        env: {
          PATH: process.env.PATH,
          ...started,
          RUNNER_AGENT: program("call", "env | grep -E 'KEY=|TOKEN=' || true"),
          RUNNER_AGENT_CODES: path("codes"),
          RUNNER_AGENT_KEYS: folder,
          RUNNER_AGENT_KEY_NAMES: keyNames(AGENTS[name]),
        },
      }).trim();
      const env = stdout
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [line.split(/=(.*)/s).slice(0, 2)]));
      assert.deepEqual(Object.fromEntries(env), called);
    });
  }

  it("reach a run that is under way, and its log shows neither the old nor the new key", async () => {
    mount({ CLAUDE_API_KEY: "sk-canary-old" });
    // Two calls of one run, in between which the test rotates the key.
    program(
      "ralph",
      `[ "$1" = --version ] && exit
       ${WRAPPER}; until [ -e ${path("rotated")} ]; do sleep 0.05; done; ${WRAPPER}
       mkdir -p .ralph/agent; echo "**Status:** Completed successfully" > .ralph/agent/summary.md`,
    );
    program("claude", `echo "$ANTHROPIC_API_KEY" >> ${path("calls")}; echo "my key is $ANTHROPIC_API_KEY"`);
    writeFileSync(path("prompts", "task.md"), "Do it.");
    const child = spawn(
      process.execPath,
      [
        "-r",
        "./boot/loader.js",
        "runner/src/main.ts",
        "--agent=claude",
        `--prompt=${path("prompts", "task.md")}`,
      ],
      {
        cwd: REPOSITORY,
        env: {
          PATH: `${path("bin")}:${dirname(process.execPath)}:/usr/bin:/bin`,
          HOME: root,
          RALPH_ROOT: root,
          RALPH_ENABLE_METRICS: "false",
          RALPH_METRICS_PORT: String(await freePort()),
          CLAUDE_API_KEY: "sk-canary-env",
        },
      },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
    const ended = new Promise((resolve) => child.on("close", resolve));
    try {
      const calls = (): string[] => {
        try {
          return readFileSync(path("calls"), "utf8").trim().split("\n");
        } catch {
          return [];
        }
      };
      await until("the first call has ended", () => calls().length === 1);
      mount({ CLAUDE_API_KEY: "sk-canary-new" });
      writeFileSync(path("rotated"), "");
      await ended;
      assert.deepEqual(calls(), ["sk-canary-old", "sk-canary-new"], output);
      assert.equal(output.match(/my key is \[redacted\]/g)?.length, 2, output);
      assert.doesNotMatch(output, /canary/);
    } finally {
      child.kill();
    }
  });
});
