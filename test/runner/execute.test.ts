/**
 * Proves what is saved of a run, and when it ends, with a script instead of Ralph: limits across runs, killed runs, a
 * full volume, a lost claim. (The real Ralph: test/engine/runner*.test.ts.)
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ChosenAgent } from "../../runner/src/agents";
import { Availability } from "../../runner/src/availability";
import { type Claim, Claims } from "../../runner/src/claims";
import type { Settings } from "../../runner/src/settings";
import { type Environment, execute } from "../../runner/src/execute";
import { layout, type Layout, type Prompt, queued, readPrompt, type Unit } from "../../runner/src/layout";
import { Ledger } from "../../runner/src/ledger";
import { createLog } from "../../runner/src/log";
import { Metrics } from "../../runner/src/metrics";
import { readState, type State, writeState } from "../../runner/src/state";
import { Worker } from "../../runner/src/worker";
import { Telemetry } from "../../runner/src/telemetry";
import { until } from "../engine/support/until";

const LOOP = ".ralph/api/loop-state.json";
const ITERATED = (count: number): string => `mkdir -p .ralph/api; echo '{"iteration":${count}}' > ${LOOP}`;
const SLEEP = "sleep 60 & wait";

describe("a run", () => {
  let root: string;
  let places: Layout;
  let prompt: Prompt;
  let unit: Unit;
  let lines: string[];
  let stopping: AbortController;
  const path = (...parts: string[]): string => join(root, ...parts);
  const agent: ChosenAgent = { name: "smoke", backend: "custom", program: "/bin/true", env: process.env };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "runner-execute-"));
    places = layout(root);
    lines = [];
    stopping = new AbortController();
    for (const folder of ["prompts", "workspace"]) mkdirSync(path(folder));
    writeFileSync(path("prompts", "p.md"), "Do it.");
    prompt = readPrompt(path("prompts", "p.md")) ?? assert.fail();
    unit = queued(prompt, places);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const settings = {
    ...{ maxRuntime: 100, maxIterations: 9, agentTimeout: 300, checkpointInterval: 5 },
    ...{ drain: 0, agentArgs: [], ralph: {} },
  };
  const settingsOf = (own: Partial<Settings>): Settings =>
    ({ ...settings, verbose: false, skipPrompts: [], ...own }) as unknown as Settings;
  const environment = (script: string, own: Partial<Settings> = {}): Environment => {
    const ralph = path("ralph");
    writeFileSync(ralph, `#!/bin/bash\necho run >> ${path("ran")}\n${script}\n`);
    chmodSync(ralph, 0o755);
    const metrics = new Metrics();
    const log = createLog((line) => lines.push(line));
    const ledger = new Ledger(path("workspace", ".runner", "spent"), "pod", own.maxDailyCostUsd);
    return {
      settings: settingsOf(own),
      layout: places,
      ralph,
      wrapper: "/bin/true",
      env: process.env,
      metrics,
      availability: new Availability(agent, metrics, log, ledger, undefined),
      ledger,
      telemetry: new Telemetry(settingsOf(own), {}, {}, log),
      publisher: {
        push: async () => true,
        retry: async () => undefined,
      } as unknown as Environment["publisher"],
      log,
      source: undefined,
      echo: () => undefined,
      signal: stopping.signal,
    };
  };
  const claim = (): Claim => new Claims("pod").take(unit.state) ?? assert.fail("claimed");
  const run = (script: string, own?: Partial<Settings>, held = claim()): Promise<State | undefined> =>
    execute(unit, prompt.content, held, agent, environment(script, own)).finally(() => {
      if (held.held()) held.release();
    });
  const before = (state: Partial<State>): State =>
    writeState(unit.state, { hash: prompt.hash, runs: 1, failures: 0, seconds: 0, iterations: 0, ...state });

  it("has the rest of its limit, even if no earlier run completed an iteration", async () => {
    before({ outcome: "interrupted", seconds: 99 });
    const state = await run(SLEEP);
    assert.equal(state?.outcome, "limit");
    assert.ok(state.seconds >= 100);
  });

  it("may have a limit of many years", async () => {
    const state = await run(ITERATED(1), { maxRuntime: 2 ** 31 - 1 });
    assert.equal(state?.outcome, "completed");
  });

  const COUNTS: [what: string, script: string, failures: number, outcome: State["outcome"]][] = [
    ["fails", "exit 1", 3, "failed"],
    ["completes", ITERATED(1), 2, "completed"],
  ];
  for (const [what, script, failures, outcome] of COUNTS) {
    it(`that ${what} after two failures has ${failures}`, async () => {
      before({ failures: 2, outcome: "failed" });
      const state = await run(script);
      assert.equal(state?.outcome, outcome);
      assert.equal(state?.failures, failures);
    });
  }

  const RESULT = (dollars: number): string =>
    `echo '{"type":"result","total_cost_usd":${dollars},"usage":{"input_tokens":10,"output_tokens":2}}'`;
  const claude: ChosenAgent = { ...agent, name: "claude", backend: "claude" };
  const paid = (script: string, own?: Partial<Settings>): Promise<State | undefined> =>
    execute(unit, prompt.content, claim(), claude, environment(script, own));

  it("ends at its limit in dollars, which earlier runs count towards, and each call gets the rest", async () => {
    before({ outcome: "interrupted", costUsd: 1.25, tokens: { input: 5 } });
    const budget = `cat $RUNNER_AGENT_BUDGET >> ${path("budgets")}; echo >> ${path("budgets")}`;
    const wait = `until grep -q '^0.25' $RUNNER_AGENT_BUDGET; do sleep 0.02; done`;
    const state = await paid(`${budget}; ${RESULT(0.5)}; ${wait}; ${budget}; ${RESULT(0.25)}; ${SLEEP}`, {
      maxCostUsd: 2,
    });
    assert.deepEqual([state?.outcome, state?.costUsd, state?.tokens], ["limit", 2, { input: 25, output: 4 }]);
    assert.equal(readFileSync(path("budgets"), "utf8"), "0.75\n0.25\n");
    assert.match(
      lines.join("\n"),
      /msg=limit prompt=\S+ iterations=0 seconds=\d+ costUsd=2 input=25 output=4/,
    );
  });

  it("pauses when the day's dollars are spent, and has not failed", async () => {
    const state = await paid(`${RESULT(3)}; ${SLEEP}`, { maxCostUsd: 10, maxDailyCostUsd: 3 });
    assert.deepEqual([state?.outcome, state?.failures, state?.costUsd], ["unavailable", 0, 3]);
    assert.match(lines.join("\n"), /msg="the day's budget is spent" reason=budget/);
  });

  it("finishes its iteration after a signal to stop, where it has the time", async () => {
    const running = run(`${gate()}; ${ITERATED(1)}; ${SLEEP}`, { drain: 60 });
    await seenLine("started");
    stopping.abort();
    await seenLine("finishing the iteration");
    open();
    const state = await running;
    assert.deepEqual([state?.outcome, state?.iterations], ["interrupted", 1]);
  });

  it("stops in mid-iteration when that time is over", async () => {
    const running = run(SLEEP, { drain: 1 });
    await seenLine("started");
    stopping.abort();
    assert.equal((await running)?.outcome, "interrupted");
  });

  it("counts as failed until it has completed an iteration, and not if it is interrupted", async () => {
    const seen: (number | undefined)[] = [];
    const running = run(`${gate()}; ${ITERATED(1)}; ${SLEEP}`);
    await seenLine("started");
    seen.push(readState(unit.state)?.failures);
    open();
    await until("an iteration", () => readState(unit.state)?.iterations === 1);
    seen.push(readState(unit.state)?.failures);
    stopping.abort();
    const state = await running;
    assert.deepEqual([...seen, state?.outcome, state?.failures], [1, 0, "interrupted", 0]);
  });

  it("continues if its progress cannot be saved, and reports that", async () => {
    // The draft of the state cannot be written where a folder has its name.
    const draft = join(unit.state, "state.json.new");
    const running = run(`mkdir ${draft}; ${ITERATED(1)}; ${gate()}; rmdir ${draft}; ${ITERATED(2)}`);
    await seenLine("cannot save the progress");
    open();
    const state = await running;
    assert.deepEqual([state?.outcome, state?.iterations], ["completed", 2]);
  });

  it("keeps its outcome and its files if the agent breaks the repository, or removes it", async () => {
    for (const trouble of ["echo broken > .git/HEAD", "rm -r .git"]) {
      writeState(unit.state, { hash: "other", runs: 0, failures: 0, seconds: 0, iterations: 0 });
      const state = await run(`echo kept > result; ${trouble}; ${ITERATED(1)}`);
      assert.deepEqual([state?.outcome, state?.failures], ["completed", 0]);
      assert.match(lines.join("\n"), /msg="the agent left no usable \.git: its own commits are lost/);
      const env = { ...process.env, GIT_DIR: join(unit.work, ".git") };
      assert.equal(execFileSync("git", ["show", "HEAD:result"], { env, encoding: "utf8" }), "kept\n");
    }
  });

  it("keeps its outcome if its work cannot be saved at all, and reports why", async () => {
    mkdirSync(path("output"));
    writeFileSync(path("output", unit.name), "in the way of the folder");
    const { metrics, ...rest } = environment(`echo kept > result; ${ITERATED(1)}`);
    const held = claim();
    const state = await execute(unit, prompt.content, held, agent, { metrics, ...rest });
    held.release();
    assert.deepEqual([state?.outcome, state?.failures], ["completed", 0]);
    assert.match(lines.join("\n"), /msg="copy to \/output failed" prompt=p-\w{8} error=/);
    assert.match(await metrics.registry.metrics(), /^ralph_commit_failures_total 1$/m);
  });

  it("that another worker has taken over ends, and leaves the state to that worker", async () => {
    const other = {
      hash: prompt.hash,
      runs: 2,
      failures: 0,
      seconds: 5,
      iterations: 7,
      outcome: "completed",
    } as const;
    const running = run(SLEEP);
    await seenLine("started");
    writeFileSync(
      join(unit.state, "claim-2"),
      JSON.stringify({ owner: "other", token: "t", beat: 0, released: true }),
    );
    writeState(unit.state, other);
    mkdirSync(join(unit.work, ".ralph", "api"), { recursive: true });
    writeFileSync(join(unit.work, LOOP), '{"iteration":7}'); // which the first one sees as its own
    assert.equal(await running, undefined);
    assert.deepEqual(readState(unit.state), other);
  });

  it("that has killed its container four times is given up, and the next prompt runs", async () => {
    before({ failures: 4 });
    writeFileSync(path("prompts", "q.md"), "Do that.");
    const next = queued(readPrompt(path("prompts", "q.md")) ?? assert.fail(), places);
    const working = new Worker(environment(ITERATED(1)), agent, new Claims("pod")).run();
    await until("the next prompt is done", () => readState(next.state)?.outcome === "completed");
    stopping.abort();
    await working;
    assert.equal(readState(unit.state)?.outcome, "failed");
    assert.equal(readFileSync(path("ran"), "utf8"), "run\n");
    assert.match(lines.join("\n"), /gave up: the runs were killed/);
  });

  /** Where the script waits until the test opens it. */
  const gate = (): string => `until [ -e ${path("open")} ]; do sleep 0.02; done`;
  const open = (): void => writeFileSync(path("open"), "");
  const seenLine = (text: string): Promise<unknown> =>
    until(text, () => lines.some((line) => line.includes(text)));
});
