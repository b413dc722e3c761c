/** Proves which workers wait for a Secret that does not exist yet, and when such a worker ends to be started again. */
import assert from "node:assert/strict";

import { awaitedKey, keyArrival } from "../../runner/src/awaited-key";

describe("a key that does not exist yet", () => {
  const SETTINGS = { agent: "claude", prompt: undefined, keySecret: "from-vault" } as const;
  const CASES: [what: string, settings: object, env: NodeJS.ProcessEnv, waits: boolean][] = [
    ["is waited for by a worker", {}, {}, true],
    ["is waited for beside the key of another agent", {}, { GEMINI_API_KEY: "AIza" }, true],
    ["is waited for by auto", { agent: "auto" }, {}, true],
    ["is not waited for by auto with any key", { agent: "auto" }, { GEMINI_API_KEY: "AIza" }, false],
    ["is not waited for with a key", {}, { CLAUDE_API_KEY: "sk-ant" }, false],
    ["is not waited for with another login", {}, { CLAUDE_CODE_USE_BEDROCK: "1" }, false],
    ["is not waited for by an agent that needs none", { agent: "smoke" }, {}, false],
    ["is not waited for by a task, whose pod waits", { prompt: "/prompts/task.md" }, {}, false],
    ["is not waited for if `pulumi up` sets it", { keySecret: undefined }, {}, false],
  ];
  for (const [what, settings, env, waits] of CASES)
    it(what, () => {
      const reason = awaitedKey({ ...SETTINGS, ...settings }, env);
      assert.equal(reason !== undefined, waits);
      if (reason !== undefined) assert.match(reason, /^No key yet: the Secret from-vault does not exist, or/);
    });

  const ended = async (arrival: AbortSignal): Promise<number> => {
    const began = Date.now();
    if (!arrival.aborted) await new Promise((resolve) => arrival.addEventListener("abort", resolve));
    return Date.now() - began;
  };
  const never = new AbortController().signal;

  it("ends the worker once its file is there, for its container to start with all variables", async () => {
    let file: NodeJS.ProcessEnv = {};
    const arrival = keyArrival("claude", () => file, never, { poll: 5, auto: 1, named: 60_000 });
    assert.equal(arrival.aborted, false);
    file = { CLAUDE_API_KEY: "sk-ant" };
    assert.ok((await ended(arrival)) < 5_000);
  });

  it("ends the worker after a while if it may have arrived without a file", async () => {
    for (const agent of ["auto", "claude"] as const)
      assert.ok(
        (await ended(keyArrival(agent, () => ({}), never, { poll: 5, auto: 30, named: 30 }))) >= 20,
        agent,
      );
  });
});
