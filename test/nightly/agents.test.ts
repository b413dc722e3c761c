/**
 * Proves with the real Ralph and the real programs of Codex and OpenCode, against a stand-in of OpenAI's API on loopback,
 * that a task of each completes, and ends with the right code and reason if the API refuses it. OpenCode takes half a
 * minute for a call. (Claude Code: test/engine/runner-outages.test.ts.)
 */
import assert from "node:assert/strict";
import { delimiter } from "node:path";

import { ENDS, type End, type PackagedAgent } from "../../runner/src/contract";
import { agentsOrSkip } from "../engine/support/agents";
import { ralphOrSkip, Sandbox } from "../engine/support/runner";
import { type Mode, ModelApi } from "../runner/support/model-api";

/** How each finds the stand-in and its model. A run's time is less than it has failed after, plus a pause of a minute. */
const VARIABLES = {
  codex: (url: string) => ({
    CODEX_API_KEY: "sk-00000000",
    RALPH_AGENT_ARGS: JSON.stringify(["-c", `openai_base_url="${url}/v1"`]),
    RALPH_MAX_RUNTIME: "60",
  }),
  opencode: (url: string) => ({
    OPENAI_API_KEY: "sk-00000000",
    OPENAI_BASE_URL: `${url}/v1`,
    OPENCODE_DISABLE_MODELS_FETCH: "1", // models.dev is out of reach
    RALPH_MODEL: "openai/gpt-5.2",
    RALPH_MAX_RUNTIME: "95",
  }),
} as const satisfies Partial<Record<PackagedAgent, (url: string) => NodeJS.ProcessEnv>>;

const CASES: [agent: keyof typeof VARIABLES, mode: Mode, end: End, reason?: string][] = [
  ["codex", "ok", "completed"],
  ["codex", "unauthorized", "configuration", "unauthorized"],
  ["codex", "limited", "unavailable", "rate_limit"],
  ["codex", "credit", "unavailable", "quota"],
  ["codex", "overloaded", "unavailable", "overloaded"],
  ["opencode", "ok", "completed"],
  ["opencode", "unauthorized", "configuration", "unauthorized"],
  ["opencode", "limited", "unavailable", "rate_limit"],
  ["opencode", "limitedUntil", "unavailable", "rate_limit"],
  ["opencode", "credit", "unavailable", "quota"],
];

describe("a task of a real agent", function () {
  this.timeout("400s");
  let box: Sandbox | undefined;
  let api: ModelApi | undefined;
  before(async function () {
    const ralph = await ralphOrSkip(this);
    const [codex, opencode] = (await agentsOrSkip(this, "codex", "opencode")).split(delimiter);
    box = new Sandbox(ralph);
    box.agent("codex", `exec ${codex}/codex "$@"`);
    box.agent("opencode", `exec ${opencode}/opencode "$@"`);
    api = await ModelApi.start();
  });
  after(async () => {
    await api?.stop();
    await box?.remove();
  });

  CASES.forEach(([agent, mode, end, reason], i) => {
    it(`${agent} (${mode}): ${end}${reason === undefined ? "" : `, for ${reason}`}`, async () => {
      assert.ok(api !== undefined && box !== undefined);
      api.mode = mode;
      const prompt = box.prompt(`task-${i}.md`, `Do it, ${i}.`);
      const { code, stdout } = await box.run(
        [`--agent=${agent}`, `--prompt=${prompt}`],
        VARIABLES[agent](api.url),
      );
      assert.equal(code, ENDS[end].code, stdout);
      if (reason !== undefined)
        assert.match(stdout, new RegExp(`msg="the model API is unavailable" reason=${reason} `));
    });
  });
});
