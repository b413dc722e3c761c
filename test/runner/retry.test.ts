/**
 * Proves which prompts `retry` lets run again, by which names, and with what of their state; that it touches none that
 * runs, waits or is completed; and that it waits for a worker that still holds a claim. (With real workers:
 * test/engine/runner-worker.test.ts.)
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Claims } from "../../runner/src/claims";
import type { Outcome, RetryAnswer } from "../../runner/src/contract";
import { type Layout, layout, queued, readPrompt, retryMark, type Unit } from "../../runner/src/layout";
import { retry } from "../../runner/src/retry";
import { isDue, promptState, readState, type State, writeState } from "../../runner/src/state";

const ENDED = "2026-01-01T00:00:00.000Z";

describe("retry", () => {
  let root: string;
  let places: Layout;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "retry-"));
    places = layout(root);
    mkdirSync(places.prompts);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const unit = (file: string, text = `Prompt of ${file}`): Unit => {
    writeFileSync(join(places.prompts, file), text);
    const prompt = readPrompt(join(places.prompts, file)) ?? assert.fail();
    return queued(prompt, places);
  };
  const put = (file: string, outcome: Outcome | undefined, more: Partial<State> = {}): Unit => {
    const made = unit(file);
    writeState(made.state, {
      ...{ hash: made.prompt.hash, runs: 2, failures: 0, seconds: 60, iterations: 7, costUsd: 1.5 },
      ...(outcome === undefined ? {} : { outcome, ended: ENDED }),
      ...more,
    });
    return made;
  };
  const ask = (names: string[], skipPrompts: string[] = []): Promise<RetryAnswer> =>
    retry(names, { skipPrompts }, places);
  const results = async (...names: string[]) =>
    Object.fromEntries((await ask(names)).results.map(({ prompt, result }) => [prompt, result]));

  it("without names lists what has ended without success, and changes nothing", async () => {
    const failed = put("failed.md", "failed", { failures: 4 });
    const limit = put("limit.md", "limit");
    put("done.md", "completed");
    put("again.md", "failed", { failures: 1 });
    put("runs.md", undefined);
    put("of-a-task.md", "stuck");
    unit("new.md");
    const before = readState(failed.state);
    assert.deepEqual(await ask([], ["of-a-task.md"]), {
      ended: [
        {
          ...{ name: failed.name, file: "failed.md", state: "failed", outcome: "failed" },
          ...{ runs: 2, iterations: 7, ended: ENDED },
        },
        {
          ...{ name: limit.name, file: "limit.md", state: "limit", outcome: "limit" },
          ...{ runs: 2, iterations: 7, ended: ENDED },
        },
      ],
      results: [],
    });
    assert.deepEqual(readState(failed.state), before);
    assert.ok(!existsSync(retryMark(places)));
  });

  it("lets a failed prompt continue its loop with as many tries as a new one", async () => {
    for (const outcome of ["failed", "setup"] as const) {
      const { name, state } = put(`${outcome}.md`, outcome, { failures: 4 });
      assert.deepEqual(await results(name), { [name]: "retried" });
      assert.deepEqual(readState(state), {
        hash: readState(state)?.hash,
        ...{ runs: 2, failures: 0, seconds: 60, iterations: 7, costUsd: 1.5 },
        ...{ outcome: "interrupted", ended: ENDED },
      });
      assert.ok(isDue(readState(state)));
    }
  });

  it("lets a prompt start over whose loop is at an end", async () => {
    for (const outcome of ["stuck", "limit", "stopped"] as const) {
      const { name, state } = put(`${outcome}.md`, outcome);
      assert.deepEqual(await results(name), { [name]: "retried" });
      assert.equal(readState(state), undefined);
      assert.equal(promptState(undefined), "pending");
    }
  });

  it("knows a prompt by its printed name, its file and its file's stem, also of one with the same text", async () => {
    const same = "The same text.";
    const { prompt, name, state } = unit("b.md", same);
    unit("a.md", same);
    const fail = () =>
      writeState(state, {
        ...{ hash: prompt.hash, runs: 4, failures: 4, seconds: 1, iterations: 20, outcome: "failed" },
        ended: ENDED,
      });
    for (const called of [name, "b.md", "b", "a.md"]) {
      fail();
      const { results: found } = await ask([called]);
      assert.deepEqual(
        found.map(({ result }) => result),
        ["retried"],
        called,
      );
    }
  });

  it("touches no prompt that runs, waits or is completed, names the unknown, and repeats without effect", async () => {
    const states = [
      [put("runs.md", undefined), "running"],
      [put("waits.md", "interrupted"), "pending"],
      [put("again.md", "failed", { failures: 1 }), "pending"],
      [put("done.md", "completed"), "completed"],
    ] as const;
    const before = states.map(([{ state }]) => readState(state));
    const expected = Object.fromEntries(states.map(([{ name }, result]) => [name, result]));
    const fresh = unit("new.md");
    assert.deepEqual(await results(...states.map(([{ name }]) => name), fresh.name, "none"), {
      ...{ ...expected, [fresh.name]: "pending" },
      none: "unknown",
    });
    assert.deepEqual(
      states.map(([{ state }]) => readState(state)),
      before,
    );
    assert.ok(!existsSync(retryMark(places)));

    const { name } = put("failed.md", "failed", { failures: 4 });
    assert.deepEqual(await results(name), { [name]: "retried" });
    assert.deepEqual(await results(name), { [name]: "pending" });
  });

  it("--all: every failed prompt, and none that reached a limit or was stopped", async () => {
    const failed = put("failed.md", "failed", { failures: 4 });
    const stuck = put("stuck.md", "stuck");
    put("limit.md", "limit");
    put("stopped.md", "stopped");
    assert.deepEqual(await results("--all"), { [failed.name]: "retried", [stuck.name]: "retried" });
    assert.deepEqual(
      (await ask([])).ended.map(({ file }) => file),
      ["limit.md", "stopped.md"],
    );
  });

  it("waits for the worker that still pushes the prompt's result", async () => {
    const { name, state } = put("failed.md", "failed", { failures: 4 });
    const claim = new Claims("pod-a").take(state) ?? assert.fail();
    const retrying = results(name);
    setTimeout(() => claim.release(), 500);
    assert.deepEqual(await retrying, { [name]: "retried" });
  });
});
