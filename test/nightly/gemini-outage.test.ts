/**
 * Proves that the real Gemini CLI lives through a whole outage: a quota that is used up pauses the worker, which says so
 * at /readyz, no prompt has failed, and once the API answers again they all complete, without a restart. Ralph and the
 * runner are real, and Google's API is a stand-in on loopback. (Claude Code: test/engine/runner-outages.test.ts.)
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import type { State } from "../../runner/src/state";
import { agentsOrSkip } from "../engine/support/agents";
import { type Pod, ralphOrSkip, Sandbox } from "../engine/support/runner";
import { until } from "../engine/support/until";
import { ModelApi } from "../runner/support/model-api";

const PROMPTS = ["one", "two"];

describe("an outage of Gemini's API", function () {
  this.timeout("900s"); // a pause is a minute, and Gemini CLI takes long to start on a busy machine
  let box: Sandbox | undefined;
  let api: ModelApi | undefined;
  let pod: Pod;
  before(async function () {
    const ralph = await ralphOrSkip(this);
    const programs = await agentsOrSkip(this, "gemini");
    box = new Sandbox(ralph);
    box.agent("gemini", `exec ${join(programs, "gemini")} "$@"`);
    api = await ModelApi.start("credit");
  });
  after(async () => {
    await api?.stop();
    await box?.remove();
  });

  const states = (sandbox: Sandbox) =>
    readdirSync(sandbox.path("workspace", ".runner"))
      .filter((unit) => sandbox.exists("workspace", ".runner", unit, "state.json"))
      .map((unit) => JSON.parse(sandbox.read("workspace", ".runner", unit, "state.json")) as State)
      .map(({ outcome, failures, iterations }) => ({ outcome, failures, iterations }));

  it("pauses the queue, and says so", async () => {
    assert.ok(box !== undefined && api !== undefined);
    const sandbox = box;
    for (const name of PROMPTS) box.prompt(`${name}.md`, `This is ${name}.`);
    const variables = {
      RALPH_AGENT: "gemini",
      GEMINI_API_KEY: "key-00000000",
      ...api.variables,
      // With another address, Gemini CLI would take it for a gateway that needs no key.
      GEMINI_CLI_SYSTEM_SETTINGS_PATH: join(__dirname, "..", "engine", "support", "gemini-settings.json"),
    };
    pod = await box.start([], variables, 900_000);
    const ready = () => pod.get("/readyz");
    await until("the pause", async () => (await ready())?.text.includes("unavailable") === true, 300_000);
    const { status, text } = (await ready()) ?? {};
    assert.equal(status, 503);
    assert.match(text ?? "", /The model API is unavailable \(quota\): .*Next attempt at /);
    assert.equal((await pod.metric("ralph_agent_unavailable"))['reason="quota"'], 1);
    await until("the prompt is put back", () => states(sandbox)[0]?.outcome !== undefined);
    assert.deepEqual(states(box), [{ outcome: "unavailable", failures: 0, iterations: 0 }]);
  });

  it("ends by itself, and no prompt has failed", async () => {
    assert.ok(box !== undefined && api !== undefined);
    const refused = api.asked.length;
    api.mode = "ok";
    const completed = async () => (await pod.metric("ralph_prompts"))['state="completed"'];
    await until("all are done", async () => (await completed()) === PROMPTS.length, 840_000);
    assert.equal((await pod.get("/readyz"))?.status, 200);
    assert.deepEqual(
      states(box),
      PROMPTS.map(() => ({ outcome: "completed", failures: 0, iterations: 1 })),
    );
    assert.deepEqual(await pod.metric("ralph_agent_unavailable"), {});
    // The call by which the pause ended, and one for each prompt, with the key.
    assert.ok(api.asked.length >= refused + 1 + PROMPTS.length);
    for (const { headers } of api.asked) assert.equal(headers["x-goog-api-key"], "key-00000000");
  });
});
