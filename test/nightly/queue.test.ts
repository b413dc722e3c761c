/**
 * Proves that ten workers on one volume process a thousand prompts, each once, and what a prompt costs beside its agent;
 * and that with a worker killed every few seconds each prompt is completed, and no other one begun twice. Ralph and git
 * are real, the agent is a script. (A few prompts, on every push: test/engine/runner-worker.test.ts.)
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { processesWith } from "../../runner/src/processes";
import { type Pod, ralphOrSkip, Sandbox } from "../engine/support/runner";
import { until } from "../engine/support/until";

const PROMPTS = 1000;
const WORKERS = 10;
/** Seconds between two kills, and how often. */
const KILLS = { every: 5, times: 12 } as const;
const LONGEST = 60 * 60_000;
const KEY = { RALPH_AGENT: "claude", CLAUDE_API_KEY: "sk-ant-0000000000", RALPH_VERBOSE: "false" };

describe("a queue of a thousand prompts", function () {
  this.timeout(LONGEST);
  let ralph: string;
  let box: Sandbox;
  before(async function () {
    ralph = await ralphOrSkip(this);
  });
  beforeEach(() => {
    box = new Sandbox(ralph);
    box.recordCalls();
  });
  afterEach(() => box.remove());

  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `prompt-${i}`);
  const calls = (what: "begin" | "end"): string[] => box.calls(what).map(({ prompt }) => prompt);
  const work = (worker: number): Promise<Pod> =>
    box.start([], { ...KEY, HOSTNAME: `pod-${worker}` }, LONGEST);
  const completed = async (pod: Pod): Promise<number> =>
    (await pod.metric("ralph_prompts"))['state="completed"'] ?? 0;
  const results = (): string[] =>
    readdirSync(box.path("workspace", "runs")).map((run) =>
      box.read("workspace", "runs", run, "result").trim(),
    );

  it("is processed by ten workers, each prompt once", async () => {
    for (const name of names(PROMPTS)) box.prompt(`${name}.md`, `This is ${name}.`);
    const began = performance.now();
    const pods = await Promise.all(Array.from({ length: WORKERS }, (_, i) => work(i)));
    await until("all are done", async () => (await completed(pods[0] as Pod)) === PROMPTS, 55 * 60_000);
    const each = (performance.now() - began) / PROMPTS;
    console.log(
      `      ${each.toFixed(0)} ms for each prompt, with Ralph, git and the start of ${WORKERS} workers`,
    );
    assert.deepEqual(calls("begin").sort(), names(PROMPTS).sort());
    assert.deepEqual(results().sort(), names(PROMPTS).sort());
  });

  it("is processed while a worker is killed every few seconds", async () => {
    const count = PROMPTS / 5;
    for (const name of names(count)) box.prompt(`${name}.md`, `This is ${name}.`);
    const pods = await Promise.all(Array.from({ length: WORKERS }, (_, i) => work(i)));
    let kills = 0;
    while (kills < KILLS.times && calls("end").length < count) {
      await delay(KILLS.every * 1000);
      const victim = kills++ % WORKERS;
      pods[victim]?.child.kill();
      // Ralph and its agent die with their container; here they are ended by name.
      for (const pid of processesWith(`HOSTNAME=pod-${victim}`)) process.kill(pid, "SIGKILL");
      pods[victim] = await work(victim);
    }
    await until("all are done", async () => (await completed(pods[0] as Pod)) === count, 30 * 60_000);
    console.log(`      ${kills} kills, ${calls("begin").length - count} prompts begun again`);
    assert.ok(calls("begin").length - count <= kills);
    assert.deepEqual(results().sort(), names(count).sort());
  });
});
