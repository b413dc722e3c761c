/** Proves the `ralph.yml` of a run: the user's keys reach Ralph, but never in the place of those that keep the limits. */
import assert from "node:assert/strict";

import type { ChosenAgent } from "../../runner/src/agents";
import { type AgentName, AGENTS } from "../../runner/src/contract";
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
        adapters: Object.fromEntries(
          ["claude", "gemini", "kiro", "codex", "amp"].map((name) => [name, { timeout: 1800 }]),
        ),
        features: { parallel: false, auto_merge: false },
        hats: { reviewer: { name: "Reviewer" } },
      },
    );
  });

  // Ralph itself adds what makes a call headless and, but for OpenCode, allows it everything.
  const ARGUMENTS: Record<AgentName, string[]> = {
    claude: ["--model", "m"],
    gemini: ["--include-directories", "/tmp", "--model", "m"], // where Ralph puts long prompts
    q: ["--model", "m"],
    codex: ["--skip-git-repo-check", "--model", "m"],
    opencode: ["--auto", "--print-logs", "--log-level", "ERROR", "--model", "m"],
    copilot: ["--allow-all-paths", "--allow-all-urls", "--no-ask-user", "--model", "m"],
    amp: ["--mode", "m"],
    smoke: [],
  };
  for (const [name, args] of Object.entries(ARGUMENTS) as [AgentName, string[]][]) {
    it(`gives ${name} its arguments, the model and the user's arguments`, () => {
      const { backend } = AGENTS[name];
      const { cli } = config(name, backend, { RALPH_MODEL: "m", RALPH_AGENT_ARGS: '["--more"]' }) as {
        cli: object;
      };
      assert.deepEqual(cli, {
        backend,
        command: "/app/bin/agent",
        ...(name === "smoke" ? { prompt_mode: "stdin" } : {}),
        args: [...args, "--more"],
      });
    });
  }
});
