/** Proves what Ralph reads as RALPH_*, and how each key of `ralph:config` gets there. */
import assert from "node:assert/strict";
import { changed, defaults, KIND, manifest } from "../support/workload";

describe("ConfigMap ralph-config", () => {
  it("is the guide's", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.configMap, "ralph-config").inputs,
      manifest(`
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: ralph-config
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        data:
          RALPH_AGENT: "auto"
          RALPH_MAX_ITERATIONS: "100"
          RALPH_MAX_RUNTIME: "14400"
          RALPH_CHECKPOINT_INTERVAL: "5"
          RALPH_VERBOSE: "true"
          RALPH_ENABLE_METRICS: "true"
      `),
    );
  });

  it("is not where the time to finish an iteration is: that follows from the pod's grace period", async () => {
    const run = await changed({ terminationGracePeriodSeconds: 900 });
    const [container] = run.find(KIND.deployment, "ralph-orchestrator").inputs.spec.template.spec.containers;
    const drain = (container.env as { name: string; value: string }[]).find(
      ({ name }) => name === "RALPH_DRAIN",
    );
    assert.equal(drain?.value, "840");
  });

  it("has limits in dollars, which the agent must report", async () => {
    const run = await changed({ config: { agent: "claude", maxCostUsd: 2.5, maxDailyCostUsd: 40 } });
    const { RALPH_MAX_COST_USD: each, RALPH_MAX_DAILY_COST_USD: day } = run.find(
      KIND.configMap,
      "ralph-config",
    ).inputs.data;
    assert.deepEqual([each, day], ["2.5", "40"]);
  });

  it("has each configured value as text", async () => {
    const run = await changed({
      config: {
        agent: "gemini",
        maxIterations: 7,
        maxRuntime: 600,
        checkpointInterval: 2,
        verbose: false,
        enableMetrics: false,
        agentTimeout: 900,
        model: "gemini-3.5-pro",
        agentArgs: ["--debug"],
        hats: "builtin:debug",
        ralph: { event_loop: { max_consecutive_failures: 3 } },
        logFormat: "json",
      },
      monitoring: { enabled: false },
    });
    assert.deepEqual(run.find(KIND.configMap, "ralph-config").inputs.data, {
      RALPH_AGENT: "gemini",
      RALPH_MAX_ITERATIONS: "7",
      RALPH_MAX_RUNTIME: "600",
      RALPH_CHECKPOINT_INTERVAL: "2",
      RALPH_VERBOSE: "false",
      RALPH_ENABLE_METRICS: "false",
      RALPH_AGENT_TIMEOUT: "900",
      RALPH_MODEL: "gemini-3.5-pro",
      RALPH_AGENT_ARGS: '["--debug"]',
      RALPH_HATS: "builtin:debug",
      RALPH_SETTINGS: '{"event_loop":{"max_consecutive_failures":3}}',
      RALPH_LOG_FORMAT: "json",
    });
  });
});
