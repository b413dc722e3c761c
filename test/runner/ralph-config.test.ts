/** Proves the `ralph.yml` of a run: the user's keys reach Ralph, but never in the place of those that keep the limits. */
import assert from "node:assert/strict";

import type { ChosenAgent } from "../../runner/src/agents";
import type { AgentName } from "../../runner/src/contract";
import { ralphConfig } from "../../runner/src/ralph-config";
import { parseSettings, type Settings } from "../../runner/src/settings";

describe("Ralph's configuration", () => {
  const config = (name: AgentName, backend: string, variables: NodeJS.ProcessEnv): unknown =>
    JSON.parse(
      ralphConfig(
        { name, backend } as ChosenAgent,
        parseSettings([], variables) as Settings,
        "/app/bin/agent",
        600,
      ),
    );

  it("has the user's keys beside the runner's own, which win", () => {
    const ralph = {
      cli: { backend: "amp", default_mode: "autonomous" },
      event_loop: { max_iterations: 9999, completion_promise: "DONE", max_consecutive_failures: 3 },
      features: { parallel: true },
      hats: { reviewer: { name: "Reviewer" } },
    };
    assert.deepEqual(
      config("claude", "claude", {
        RALPH_SETTINGS: JSON.stringify(ralph),
        RALPH_MODEL: "claude-sonnet-5-5",
        RALPH_AGENT_ARGS: '["--fallback-model","claude-haiku-5"]',
      }),
      {
        cli: {
          backend: "claude",
          command: "/app/bin/agent",
          default_mode: "autonomous",
          args: ["--model", "claude-sonnet-5-5", "--fallback-model", "claude-haiku-5"],
        },
        event_loop: {
          max_iterations: 100,
          max_runtime_seconds: 600,
          completion_promise: "DONE",
          max_consecutive_failures: 3,
        },
        adapters: { claude: { timeout: 1800 } },
        features: { parallel: false, auto_merge: false },
        hats: { reviewer: { name: "Reviewer" } },
      },
    );
  });

  it("lets Gemini CLI read /tmp, where Ralph puts long prompts", () => {
    const { cli } = config("gemini", "gemini", {}) as { cli: unknown };
    assert.deepEqual(cli, {
      backend: "gemini",
      command: "/app/bin/agent",
      args: ["--include-directories", "/tmp"],
    });
  });
});
