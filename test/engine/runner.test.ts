/**
 * The runner as a task on the real Ralph: how each kind of run ends, what it leaves on the volume, and that it
 * leaves no process. The agents are scripts with the names of the real programs, which answer in the same format;
 * no model is queried. cargo builds Ralph once; without it these tests report it and are skipped.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

import { processesWith } from "../../runner/src/processes";
import { run } from "../../lib/process";
import { Sandbox, ralphOrSkip } from "./support/runner";
import { until } from "./support/until";

/** Parts of scripts: reads the prompt; adds a line to `count`; emits an event as the real agents do. */
const READ = "cat >/dev/null";
const COUNT = "echo iteration >> count; n=$(wc -l < count)";
const EMIT = '"$RALPH_BIN" emit part.done "part $n"';

describe("the runner as a task", () => {
  let ralph: string;
  let box: Sandbox;

  before(async function () {
    ralph = await ralphOrSkip(this);
  });
  beforeEach(() => {
    box = new Sandbox(ralph);
  });
  afterEach(() => box.remove());

  const state = (unit: string): Record<string, unknown> =>
    JSON.parse(box.read("workspace", ".runner", unit, "state.json")) as Record<string, unknown>;
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "safe.directory=*", "-C", box.path("workspace", "tasks", "task"), ...args], {
      encoding: "utf8",
    }).trim();
  const commits = (): string[] => git("log", "--reverse", "--format=%s").split("\n");

  it("smoke: completes without a key, commits the result and copies it to /output", async () => {
    mkdirSync(box.path("output"));
    const prompt = box.prompt("task.md", "Say hello.\n");
    const { code, stdout, stderr } = await box.run([`--agent=smoke`, `--prompt=${prompt}`]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(box.read("output", "task", "SMOKE.md"), /Say hello\./);
    assert.equal(box.read("output", "task", "SMOKE.md"), box.read("workspace", "tasks", "task", "SMOKE.md"));
    assert.equal(commits().length, 1);
    const { runs, iterations, outcome } = state("task-task");
    assert.deepEqual({ runs, iterations, outcome }, { runs: 1, iterations: 1, outcome: "completed" });
  });

  it("ends at its iteration limit, with a commit every few iterations", async () => {
    box.agent("claude", `${READ}; ${COUNT}; ${EMIT}; sleep 1`);
    const { code, stdout } = await box.run(
      ["--agent=claude", `--prompt=${box.prompt("task.md", "Never done.")}`, "--max-iterations=5"],
      { CLAUDE_API_KEY: "sk-ant-0000000000", RALPH_CHECKPOINT_INTERVAL: "2" },
    );
    assert.equal(code, 2, stdout);
    assert.equal(state("task-task").iterations, 5);
    // A slow checkpoint includes what the next iteration has written, so the last one may find nothing.
    const [first, second, ...rest] = commits();
    assert.deepEqual([first, second], ["Checkpoint at iteration 2", "Checkpoint at iteration 4"]);
    assert.ok(rest.length === 0 || rest[0] === "Limit reached after 5 iterations", String(rest));
    assert.equal(git("show", "HEAD:count"), "iteration\n".repeat(5).trim());
  });

  it("ends at its runtime limit during an iteration, and ends the agent too", async () => {
    box.agent("claude", `${READ}; echo half > half; sleep 600 & sleep 600`);
    const { code, stdout } = await box.run(["--agent=claude", `--prompt=${box.prompt("task.md", "Slow.")}`], {
      CLAUDE_API_KEY: "sk-ant-0000000000",
      RALPH_MAX_RUNTIME: "3",
    });
    assert.equal(code, 2, stdout);
    assert.deepEqual(commits(), ["Limit reached after 0 iterations"]);
    assert.deepEqual(processesWith(`RALPH_WORKSPACE_ROOT=${box.path("workspace", "tasks", "task")}`), []);
  });

  it("fails if the agent crashes repeatedly, and keeps the partial result", async () => {
    box.agent("claude", `${READ}; ${COUNT}; exit 3`);
    const { code, stdout } = await box.run(
      ["--agent=claude", `--prompt=${box.prompt("task.md", "Crash.")}`],
      {
        CLAUDE_API_KEY: "sk-ant-0000000000",
        RALPH_CHECKPOINT_INTERVAL: "6",
      },
    );
    assert.equal(code, 1, stdout);
    assert.equal(state("task-task").outcome, "failed");
    assert.deepEqual(commits(), ["Failed after 5 iterations"]);
  });

  it("ends an agent that prints nothing, which fails the iteration", async () => {
    box.agent("claude", `${READ}; ${COUNT}; [ "$n" -gt 1 ] || sleep 600; echo LOOP_COMPLETE`);
    const pod = await box.start(["--agent=claude", `--prompt=${box.prompt("task.md", "Hang.")}`], {
      CLAUDE_API_KEY: "sk-ant-0000000000",
      RALPH_AGENT_TIMEOUT: "2",
    });
    const { code, stdout } = await pod.child.result;
    assert.equal(code, 0, stdout);
    assert.equal(box.read("workspace", "tasks", "task", "count"), "iteration\niteration\n");
  });

  it("keeps a run whose agent prints bytes that are not UTF-8, on both of its outputs", async () => {
    // ISO 8859-1, and a character cut in half; Ralph alone ends with "stream did not contain valid UTF-8".
    box.agent(
      "codex",
      `echo "$@" > arguments; printf 'caf\\xe9 \\xc3\\xa9\\n'; printf 'err\\xf0\\x9f\\n' >&2; echo LOOP_COMPLETE`,
    );
    const { code, stdout } = await box.run(["--agent=codex", `--prompt=${box.prompt("task.md", "Bytes.")}`], {
      CODEX_API_KEY: "sk-0000000000",
      RALPH_MODEL: "gpt-6",
    });
    assert.equal(code, 0, stdout);
    assert.equal(state("task-task").iterations, 1);
    assert.match(stdout, /^caf\ufffd é$/m);
    assert.match(stdout, /^\[stderr\] err\ufffd+$/m);
    assert.match(
      box.read("workspace", "tasks", "task", "arguments"),
      /^exec --yolo --skip-git-repo-check --model gpt-6 /,
    );
  });

  describe("an agent that continues for more than five seconds after an event", () => {
    const script = `${READ}; n=1; ${EMIT}; sleep 7; echo done > late; echo LOOP_COMPLETE`;

    it("may finish", async () => {
      box.agent("claude", script);
      const { code, stdout } = await box.run(
        ["--agent=claude", `--prompt=${box.prompt("task.md", "Late.")}`],
        {
          CLAUDE_API_KEY: "sk-ant-0000000000",
        },
      );
      assert.equal(code, 0, stdout);
      assert.equal(state("task-task").iterations, 1);
      assert.equal(box.read("workspace", "tasks", "task", "late"), "done\n");
    });

    it("is ended by Ralph without bin/agent between them: once this fails, bin/agent can be removed", async () => {
      box.agent("claude", script);
      const work = box.path("workspace");
      writeFileSync(
        box.path("ralph.yml"),
        JSON.stringify({
          cli: { backend: "custom", command: box.path("bin", "claude"), prompt_mode: "stdin" },
        }),
      );
      await run(
        ralph,
        [
          `--config=${box.path("ralph.yml")}`,
          "run",
          "-a",
          "--max-iterations=1",
          `-P${box.prompt("task.md", "Late.")}`,
        ],
        { cwd: work, timeout: 60_000 },
      );
      assert.equal(box.exists("workspace", "late"), false);
    });
  });

  it("stops at a signal during an iteration with nothing left running, and the next pod resumes", async () => {
    box.agent(
      "claude",
      `${READ}; ${COUNT}; ${EMIT}; [ "$n" -ne 3 ] || sleep 600; [ "$n" -lt 5 ] || echo LOOP_COMPLETE`,
    );
    const args = ["--agent=claude", `--prompt=${box.prompt("task.md", "Go on.")}`];
    const variables = { CLAUDE_API_KEY: "sk-ant-0000000000" };
    const first = await box.start(args, variables);
    await until(
      "the third iteration",
      () =>
        box.exists("workspace", "tasks", "task", "count") &&
        box.read("workspace", "tasks", "task", "count").split("\n").length === 4,
    );
    first.child.signal("SIGTERM");
    const stopped = await first.child.result;
    assert.equal(stopped.code, 143, stopped.stdout + stopped.stderr);
    assert.deepEqual(processesWith(`RALPH_WORKSPACE_ROOT=${box.path("workspace", "tasks", "task")}`), []);
    assert.deepEqual([state("task-task").outcome, state("task-task").iterations], ["interrupted", 2]);

    const second = await box.run(args, variables);
    assert.equal(second.code, 0, second.stdout + second.stderr);
    assert.match(second.stdout, /msg=resumed/);
    const { runs, iterations, outcome } = state("task-task");
    assert.deepEqual({ runs, iterations, outcome }, { runs: 2, iterations: 4, outcome: "completed" });
    assert.deepEqual(commits()[0], "Interrupted after 2 iterations");
  });

  it("starts again if the last run of the prompt is finished: a schedule's next run", async () => {
    const args = ["--agent=smoke", `--prompt=${box.prompt("daily.md", "Daily.")}`];
    assert.equal((await box.run(args)).code, 0);
    const again = await box.run(args);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /msg=started prompt=daily agent=smoke run=1$/m);
  });

  it("gives the agent only its own key, and shows it nowhere", async () => {
    const canary = {
      CLAUDE_API_KEY: "canary-claude-5b1f",
      GEMINI_API_KEY: "canary-gemini-77aa",
      Q_API_KEY: "canary-kiro-9c0d",
    };
    box.agent(
      "claude",
      `${READ}; echo done > result; env > ${box.path("agent-env")}; env; cat /proc/[0-9]*/cmdline > ${box.path("command-lines")} 2>/dev/null
       echo '{"type":"assistant","message":{"content":[{"type":"text","text":"my key is '$ANTHROPIC_API_KEY'"}]}}'
       echo '{"duration_ms":1,"type":"result","total_cost_usd":0.25,"usage":{"input_tokens":10,"output_tokens":20,"cache_read_input_tokens":30,"cache_creation_input_tokens":40}}'
       while [ ! -e ${box.path("go")} ]; do sleep 0.1; done
       echo '{"type":"assistant","message":{"content":[{"type":"text","text":"LOOP_COMPLETE"}]}}'`,
    );
    const pod = await box.start(["--agent=auto", `--prompt=${box.prompt("task.md", "Keys.")}`], canary);
    await until("the cost is counted", async () => (await pod.metric("ralph_cost_usd_total"))[""] === 0.25);
    assert.deepEqual(await pod.metric("ralph_tokens_total"), {
      'type="input"': 10,
      'type="output"': 20,
      'type="cache_read"': 30,
      'type="cache_write"': 40,
    });
    const pages = await Promise.all(["/", "/metrics", "/readyz", "/healthz"].map((path) => pod.get(path)));
    writeFileSync(box.path("go"), "");
    // It stays until its last figures are read, as Prometheus does.
    await until("it has ended", async () => (await pod.get("/metrics")) === undefined);
    const { code, stdout, stderr } = await pod.child.result;
    assert.equal(code, 0, stdout + stderr);

    const keys = [...box.read("agent-env").matchAll(/^(\w+)=(canary-.*)$/gm)].map(([, ...pair]) => pair);
    assert.deepEqual(keys, [["ANTHROPIC_API_KEY", canary.CLAUDE_API_KEY]]);

    assert.match(stdout, /my key is \[redacted\]/); // the agent's output without the key
    const seen = {
      log: stdout + stderr,
      pages: pages.map((page) => page?.text).join("\n"),
      config: box.read("workspace", ".runner", "task-task", "ralph.yml"),
      state: box.read("workspace", ".runner", "task-task", "state.json"),
      commandLines: box.read("command-lines"),
      commits: git("cat-file", "--batch", "--batch-all-objects"),
    };
    for (const [where, text] of Object.entries(seen)) {
      assert.ok(text.length > 0, where);
      assert.doesNotMatch(text, /canary-/, where);
    }
  });

  describe("refuses what cannot run, with every problem, before anything is created", () => {
    const refusals: {
      name: string;
      args: string[];
      env?: NodeJS.ProcessEnv;
      code: number;
      says: RegExp[];
    }[] = [
      {
        name: "invalid flags and variables",
        args: ["--promt=x", "--agent=claud", "--max-iterations=0"],
        env: { RALPH_MAX_RUNTIME: "4h", RALPH_VERBOSE: "yes" },
        code: 64,
        says: [
          /error: 6 problems; nothing was run/,
          /--promt +is not a flag/,
          /--agent +must be one of auto, claude, gemini, q, codex, opencode, copilot, amp, smoke, is "claud"/,
          /--max-iterations +must be a whole number from 1 to \d+, is "0"/,
          /RALPH_MAX_RUNTIME +must be .*, is "4h"/,
          /RALPH_VERBOSE +must be true or false, is "yes"/,
          /--prompt +is missing/,
          /usage: runner/,
        ],
      },
      {
        name: "a prompt that does not exist",
        args: ["--agent=smoke", "--prompt=/none.md"],
        code: 66,
        says: [/missing or empty/],
      },
      {
        name: "an agent without a key",
        args: ["--agent=claude", "--prompt=PROMPT"],
        code: 78,
        says: [/claude has no CLAUDE_API_KEY.*pulumi config set --secret --path ralph:apiKeys/],
      },
      {
        name: "an agent whose program is not in the image",
        args: ["--agent=q", "--prompt=PROMPT"],
        env: { Q_API_KEY: "0123456789" },
        code: 78,
        says: [/kiro-cli is not in the image.*docs\/runner\.md/],
      },
      {
        name: "auto without any key",
        args: ["--agent=auto", "--prompt=PROMPT"],
        code: 78,
        says: [/claude has no CLAUDE_API_KEY, gemini has no GEMINI_API_KEY, q has no Q_API_KEY/],
      },
    ];
    for (const { name, args, env, code, says } of refusals) {
      it(name, async () => {
        const prompt = box.prompt("task.md", "Never run.");
        box.agent("claude", "echo LOOP_COMPLETE");
        const result = await box.run(
          args.map((arg) => arg.replace("PROMPT", prompt)),
          env,
        );
        const text = result.stdout + result.stderr;
        assert.equal(result.code, code, text);
        for (const pattern of says) assert.match(text, pattern);
        assert.doesNotMatch(text, /\n\s+at /);
        assert.equal(box.exists("workspace", "tasks"), false);
      });
    }
  });
});
