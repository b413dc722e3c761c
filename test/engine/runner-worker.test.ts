/**
 * The runner as a worker on the real Ralph, several at once on one volume: each prompt is processed once, even if
 * a worker is killed; and the effects of an edited prompt, a retry, a missing key and a rollout. The agent is a script with
 * the name of a real program.
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { layout, queued, readPrompt } from "../../runner/src/layout";
import { processesWith } from "../../runner/src/processes";
import { writeState } from "../../runner/src/state";
import { type Pod, Sandbox, ralphOrSkip } from "./support/runner";
import { until } from "./support/until";

const KEY = { RALPH_AGENT: "claude", CLAUDE_API_KEY: "sk-ant-0000000000" };

describe("the runner as a worker", () => {
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

  const calls = (what: "begin" | "end") => box.calls(what);
  const hold = (...prompts: string[]): void =>
    prompts.forEach((name) => writeFileSync(box.path("hold", name), ""));
  const release = (name: string): void => rmSync(box.path("hold", name));
  const counts = (pod: Pod): Promise<Record<string, number>> => pod.metric("ralph_prompts");

  it("shares six prompts with two others: each runs once, and that of a killed worker again", async () => {
    const names = [1, 2, 3, 4, 5, 6].map((n) => `prompt-${n}`);
    for (const name of names) box.prompt(`${name}.md`, `This is ${name}.`);
    box.prompt("theirs.md", "This is prompt-theirs."); // belongs to a task
    hold("prompt-1"); // the worker that claims it is killed during the run
    const pods = await Promise.all(
      ["a", "b", "c"].map((pod) =>
        box.start([], { ...KEY, HOSTNAME: `pod-${pod}`, RALPH_SKIP_PROMPTS: "theirs.md" }),
      ),
    );
    const victim = await until("the held prompt is being worked on", () =>
      calls("begin").find(({ prompt }) => prompt === "prompt-1"),
    );
    await until("the others are done", () => calls("end").length === 5);
    const index = ["pod-a", "pod-b", "pod-c"].indexOf(victim.pod);
    pods[index]?.child.kill();
    // Ralph and its agent die with their container; here they are ended by name.
    for (const pid of processesWith(`HOSTNAME=${victim.pod}`)) process.kill(pid, "SIGKILL");
    release("prompt-1");

    await until("another worker has taken it over", () => calls("end").length === 6, 90_000);
    const witness = pods.find((_, i) => i !== index);
    await until(
      "the count is right",
      async () => witness !== undefined && (await counts(witness))['state="completed"'] === 6,
    );
    assert.deepEqual(
      calls("end")
        .map(({ prompt }) => prompt)
        .sort(),
      names,
    );
    assert.deepEqual(
      calls("begin")
        .map(({ prompt }) => prompt)
        .sort(),
      ["prompt-1", ...names], // the killed worker's prompt, started a second time
    );
    assert.notEqual(calls("end").find(({ prompt }) => prompt === "prompt-1")?.pod, victim.pod);
    assert.deepEqual(
      readdirSync(box.path("workspace", "runs"))
        .map((name) => box.read("workspace", "runs", name, "result").trim())
        .sort(),
      names,
    );
  });

  it("finishes its run with the original prompt, and processes the edited one afterwards", async () => {
    box.prompt("job.md", "This is prompt-old.");
    hold("prompt-old");
    const pod = await box.start([], KEY);
    await until("it is being worked on", () => calls("begin").length === 1);
    box.prompt("job.md", "This is prompt-new.");
    await until("the edited one waits", async () => (await counts(pod))['state="pending"'] === 1);
    release("prompt-old");
    await until("both are done", () => calls("end").length === 2);
    assert.deepEqual(
      calls("end").map(({ prompt }) => prompt),
      ["prompt-old", "prompt-new"],
    );
    // Content that was processed is done, under any name.
    box.prompt("renamed.md", "This is prompt-new.");
    box.prompt("last.md", "This is prompt-last.");
    await until("the last one is done", () => calls("end").some(({ prompt }) => prompt === "prompt-last"));
    assert.equal(calls("begin").length, 3);
  });

  it("runs a failed prompt again once it is retried, without a restart", async () => {
    box.prompt("job.md", "This is prompt-x.");
    const { prompt, name, state } = queued(
      readPrompt(box.path("prompts", "job.md")) ?? assert.fail(),
      layout(box.root),
    );
    writeState(state, {
      ...{ hash: prompt.hash, runs: 4, failures: 4, seconds: 60, iterations: 20, outcome: "failed" },
      ended: new Date().toISOString(),
    });
    const pod = await box.start([], KEY);
    await until("it is counted", async () => (await counts(pod))['state="failed"'] === 1);
    const { code, stdout } = await box.run(["retry", name]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { ended: [], results: [{ prompt: name, result: "retried" }] });
    await until("it is done", async () => (await counts(pod))['state="completed"'] === 1);
    assert.equal(calls("end").length, 1);
  });

  it("hands its prompt over at a rollout, immediately", async () => {
    box.prompt("job.md", "This is prompt-x.");
    hold("prompt-x");
    const old = await box.start([], { ...KEY, HOSTNAME: "pod-old" });
    await until("it is being worked on", () => calls("begin").length === 1);
    const next = await box.start([], { ...KEY, HOSTNAME: "pod-new" });
    await until("the new pod is ready", async () => (await next.get("/readyz"))?.status === 200);
    old.child.signal("SIGTERM");
    assert.equal((await old.child.result).code, 0);
    assert.deepEqual(processesWith("HOSTNAME=pod-old"), []);
    release("prompt-x");
    // Much less than the lease: no worker waits for one that has released its claim.
    await until("the new pod is done with it", () => calls("end").length === 1, 15_000);
    assert.equal(calls("end")[0]?.pod, "pod-new");
  });

  it("without a key stays up, alive and not ready, reports the reason, and claims nothing", async () => {
    box.prompt("job.md", "This is prompt-x.");
    const pod = await box.start([], { RALPH_AGENT: "auto" });
    const ready = await until("it answers", () => pod.get("/readyz"));
    assert.equal(ready.status, 503);
    assert.match(ready.text, /claude has no CLAUDE_API_KEY, .*pulumi config set --secret/);
    assert.equal((await pod.get("/healthz"))?.status, 200);
    await until("the prompt is counted", async () => (await counts(pod))['state="pending"'] === 1);
    pod.child.signal("SIGTERM");
    const { code, stdout } = await pod.child.result;
    assert.equal(code, 0);
    assert.match(stdout, /msg="cannot run prompts" reason="No agent can run: claude has no CLAUDE_API_KEY/);
    assert.deepEqual(calls("begin"), []);
  });

  it("without its Secret is ready, reports what it waits for, and ends once the key's file is there", async () => {
    box.prompt("job.md", "This is prompt-x.");
    const pod = await box.start([], { RALPH_AGENT: "claude", RALPH_KEY_SECRET: "from-vault" });
    const ready = await until("it answers", () => pod.get("/readyz"));
    assert.equal(ready.status, 200);
    assert.match(ready.text, /^No key yet: the Secret from-vault does not exist, or has no key of the agent/);
    assert.match((await pod.get("/metrics"))?.text ?? "", /ralph_agent_unavailable\{reason="no_key"\} 1/);
    const { keys } = layout(box.root);
    mkdirSync(keys, { recursive: true });
    writeFileSync(join(keys, "CLAUDE_API_KEY"), "sk-ant-arrived");
    assert.equal((await pod.child.result).code, 78);
    assert.deepEqual(calls("begin"), []);
  });
});
