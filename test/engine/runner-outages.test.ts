/**
 * Proves that an outage of the model API pauses the queue and fails no prompt, with the real Ralph, Claude Code and
 * Gemini CLI against a stand-in of the APIs on loopback (test/runner/support/model-api.ts). The worker runs in this
 * process, with pauses of a second in place of a minute.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { chooseAgent } from "../../runner/src/agents";
import { Availability } from "../../runner/src/availability";
import { Claims } from "../../runner/src/claims";
import type { AgentName } from "../../runner/src/contract";
import type { Environment } from "../../runner/src/execute";
import { layout } from "../../runner/src/layout";
import { Ledger } from "../../runner/src/ledger";
import { createLog } from "../../runner/src/log";
import { Metrics } from "../../runner/src/metrics";
import { parseSettings, type Settings } from "../../runner/src/settings";
import type { State } from "../../runner/src/state";
import { runTask } from "../../runner/src/task";
import { Worker } from "../../runner/src/worker";
import { Telemetry } from "../../runner/src/telemetry";
import { REPOSITORY } from "../../lib/repository";
import { type Mode, ModelApi, RETRY_AFTER } from "../runner/support/model-api";
import { agentsOrSkip } from "./support/agents";
import { ralphOrSkip } from "./support/runner";
import { until } from "./support/until";

const KEYS = { claude: "CLAUDE_API_KEY", gemini: "GEMINI_API_KEY" } as const;
/** Gemini CLI takes a minute to start on a busy machine. */
const TIMING = { first: 1000, longest: 3_600_000, probe: 90_000 };

describe("an outage of the model API", () => {
  let ralph: string;
  let programs: string;
  let root: string;
  let api: ModelApi;
  let lines: string[];
  let echoed: string[];
  let stopping: AbortController;
  let working: Promise<void> | undefined;

  before(async function () {
    ralph = await ralphOrSkip(this);
    programs = await agentsOrSkip(this, "claude");
  });
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "runner-outages-"));
    api = await ModelApi.start();
    lines = [];
    echoed = [];
    stopping = new AbortController();
    working = undefined;
    for (const folder of ["prompts", "workspace"]) mkdirSync(join(root, folder));
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) console.log([...lines, ...echoed].join("\n"));
    stopping.abort();
    await working;
    await api.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const environment = (name: AgentName, key: string, own: NodeJS.ProcessEnv = {}, timing = TIMING) => {
    const env = {
      PATH: `${programs}:${dirname(ralph)}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      ...(name === "claude" || name === "gemini" ? { [KEYS[name]]: key } : {}),
      ...api.variables,
      CLAUDE_CODE_MAX_RETRIES: "1",
      // With another address, Gemini CLI would take it for a gateway that needs no key.
      GEMINI_CLI_SYSTEM_SETTINGS_PATH: join(__dirname, "support", "gemini-settings.json"),
      IS_SANDBOX: "1", // Claude Code's guard against root, as which this test may run
      ...own,
    };
    const settings = parseSettings([], env) as Settings;
    const agent = chooseAgent(name, env);
    const metrics = new Metrics();
    const log = createLog((line) => lines.push(line));
    const ledger = new Ledger(join(root, "workspace", ".runner", "spent"), "pod", settings.maxDailyCostUsd);
    const all: Environment = {
      settings,
      layout: layout(root),
      ralph,
      wrapper: join(REPOSITORY, "runner", "bin", "agent"),
      env,
      metrics,
      availability: new Availability(agent, metrics, log, ledger, settings.model, timing),
      ledger,
      telemetry: new Telemetry(settings, {}, {}, log),
      publisher: {
        push: async () => true,
        retry: async () => undefined,
      } as unknown as Environment["publisher"],
      source: undefined,
      log,
      echo: (line) => echoed.push(line),
      signal: stopping.signal,
    };
    return { all, agent, metrics };
  };
  const queue = (count: number): void => {
    for (let i = 1; i <= count; i++) writeFileSync(join(root, "prompts", `p${i}.md`), `Prompt number ${i}.`);
  };
  const work = (...args: Parameters<typeof environment>) => {
    const { all, agent, metrics } = environment(...args);
    const worker = new Worker(all, agent, new Claims("pod"));
    working = worker.run();
    return { worker, metrics };
  };
  const states = (): State[] => {
    const folder = join(root, "workspace", ".runner");
    return readdirSync(folder).map(
      (unit) => JSON.parse(readFileSync(join(folder, unit, "state.json"), "utf8")) as State,
    );
  };
  const logged = (text: string): string[] => lines.filter((line) => line.includes(text));

  const PAUSES: [agent: "claude" | "gemini", mode: Mode, reason: string, prompts: number][] = [
    ["claude", "credit", "quota", 2],
  ];
  for (const [name, mode, reason, prompts] of PAUSES) {
    it(`of ${name} (${mode}) pauses the queue, fails no prompt, and ends by itself`, async () => {
      api.mode = mode;
      queue(prompts);
      const { worker, metrics } = work(name, "key-00000000");
      await until("the pause", () => logged("msg=unavailable").length > 0, 150_000);
      assert.match(
        worker.unready ?? "",
        new RegExp(`The model API is unavailable \\(${reason}\\): .*Next attempt at`),
      );
      assert.equal(metrics.unavailable, reason);
      assert.match(
        await metrics.registry.metrics(),
        new RegExp(`^ralph_agent_unavailable\\{reason="${reason}"\\} 1$`, "m"),
      );
      assert.deepEqual(
        states().map(({ outcome, failures, iterations }) => ({ outcome, failures, iterations })),
        [{ outcome: "unavailable", failures: 0, iterations: 0 }],
      );
      api.mode = "ok";
      await until("all are done", () => logged("msg=completed").length === prompts, 240_000);
      assert.equal(worker.unready, undefined);
      assert.deepEqual(
        states().map(({ outcome, failures, iterations }) => ({ outcome, failures, iterations })),
        Array.from({ length: prompts }, () => ({ outcome: "completed", failures: 0, iterations: 1 })),
      );
      assert.equal(logged("the model API is unavailable").length, 1);
      assert.equal(logged("the model API is available again").length, 1);
    });
  }

  it("that an answer names the end of lasts until then, for a subscription's token", async () => {
    api.mode = "limitedUntil";
    queue(1);
    const before = Date.now();
    const { worker } = work("claude", "sk-ant-oat01-00000000");
    await until("the pause", () => worker.unready !== undefined, 60_000);
    const next = Date.parse(/Next attempt at (.*)\.$/.exec(worker.unready ?? "")?.[1] ?? "");
    assert.ok(
      next >= before + (RETRY_AFTER - 1) * 1000 && next <= Date.now() + RETRY_AFTER * 1000,
      worker.unready,
    );
    assert.equal(api.asked[0]?.headers.authorization, "Bearer sk-ant-oat01-00000000");
    assert.equal(api.asked[0].headers["x-api-key"], undefined);
  });

  it("that only silence shows is found by a call of its own", async () => {
    api.mode = "stall";
    queue(1);
    const { worker } = work(
      "claude",
      "key-00000000",
      { RALPH_AGENT_TIMEOUT: "3" },
      { ...TIMING, probe: 10_000 },
    );
    await until("the pause", () => logged("msg=unavailable").length > 0, 150_000);
    assert.match(worker.unready ?? "", /unavailable \(unreachable\)/);
    assert.deepEqual(
      states().map(({ outcome, failures }) => ({ outcome, failures })),
      [{ outcome: "unavailable", failures: 0 }],
    );
  });

  it("of a task whose key is refused ends it as misconfigured, after two calls and not minutes", async () => {
    api.mode = "unauthorized";
    const { all, agent } = environment("claude", "key-00000000", { CLAUDE_CODE_MAX_RETRIES: "10" });
    writeFileSync(join(root, "prompts", "task.md"), "Do it.");
    const end = await runTask(join(root, "prompts", "task.md"), agent, new Claims("pod"), all);
    assert.equal(end, "configuration");
    assert.ok(api.asked.length <= 3, String(api.asked.length));
    assert.match(echoed.join("\n"), /API retry 1 of 10 in 1 s: authentication_failed \(401\)/);
  });

  it("is told apart from a limit in dollars, which Claude Code keeps within its call", async () => {
    // Each request costs $0.006, and none of the answers ends the work.
    const { all, agent } = environment("claude", "key-00000000", { RALPH_MAX_COST_USD: "0.01" });
    api.mode = "tools";
    writeFileSync(join(root, "prompts", "task.md"), "Do it.");
    const end = await runTask(join(root, "prompts", "task.md"), agent, new Claims("pod"), all);
    assert.equal(end, "limit");
    const [state] = states();
    assert.deepEqual([state?.outcome, state?.costUsd], ["limit", 0.012]);
    assert.match(echoed.join("\n"), /Reached maximum budget \(\$0\.01\)/);
    assert.equal(api.asked.length, 2);
  });

  it("leaves a task waiting with its work, and the task goes on", async () => {
    const { all, agent } = environment("claude", "key-00000000");
    api.mode = "overloaded";
    writeFileSync(join(root, "prompts", "task.md"), "Do it.");
    const ended = runTask(join(root, "prompts", "task.md"), agent, new Claims("pod"), all);
    await until("the pause", () => all.availability.pause !== undefined, 60_000);
    api.mode = "tool";
    assert.equal(await ended, "completed");
    assert.equal(readFileSync(join(root, "workspace", "tasks", "task", "made"), "utf8"), "made\n");
  });
});
