/** Proves that docs/metrics.md lists exactly the metrics that the runner registers, and that events are counted. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Metrics, PROMPT_STATES } from "../../runner/src/metrics";
import { REPOSITORY } from "../../lib/repository";

const TOKENS = { input: 1, output: 2, cache_read: 3, cache_write: 4 };

describe("the metrics", () => {
  const fresh = (): Metrics => new Metrics();
  const samples = async (metrics: Metrics, pattern: RegExp): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split("\n")
      .filter((line) => pattern.test(line) && !line.startsWith("#"));

  it("are those of docs/metrics.md: name, type and labels", async () => {
    const metrics = fresh();
    metrics.built("0.1.0", "2.10.1");
    metrics.prompts = { pending: 1 };
    metrics.started("p", "claude", 0);
    metrics.unavailable = "quota";
    const registered = (await metrics.registry.getMetricsAsJSON()).map(({ name, type, values }) => ({
      name,
      type: String(type),
      labels: [...new Set(values.flatMap(({ labels }) => Object.keys(labels)))].filter(
        (label) => label !== "le",
      ),
    }));
    const documented = [
      ...readFileSync(join(REPOSITORY, "docs", "metrics.md"), "utf8").matchAll(
        /^\| `(ralph_\w+)` +\| (\w+) +\| (.*?) +\|/gm,
      ),
    ].map(([, name, type, labels = ""]) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    }));
    const byName = (a: { name?: string }, b: { name?: string }): number =>
      (a.name ?? "") < (b.name ?? "") ? -1 : 1;
    assert.deepEqual(documented.sort(byName), registered.sort(byName));
  });

  it("count a run that resumes an earlier one, and show it while it lasts", async () => {
    const metrics = fresh();
    metrics.started('a"b', "claude", 3);
    assert.match(
      (await samples(metrics, /^ralph_run_start_timestamp_seconds/)).join(),
      /^ralph_run_start_timestamp_seconds\{prompt="a\\"b",agent="claude"\} \d+/,
    );
    metrics.iterated(4);
    metrics.iterated(6); // two at once: they were short
    metrics.agentFailed();
    metrics.spent(0.5, TOKENS);
    metrics.ended("limit");
    assert.deepEqual(
      await samples(metrics, /^ralph_(iterations|agent_failures|cost_usd|tokens|runs)_total/),
      [
        "ralph_iterations_total 3",
        'ralph_runs_total{outcome="completed"} 0',
        'ralph_runs_total{outcome="failed"} 0',
        'ralph_runs_total{outcome="stuck"} 0',
        'ralph_runs_total{outcome="stopped"} 0',
        'ralph_runs_total{outcome="limit"} 1',
        'ralph_runs_total{outcome="setup"} 0',
        'ralph_runs_total{outcome="interrupted"} 0',
        'ralph_runs_total{outcome="unavailable"} 0',
        "ralph_agent_failures_total 1",
        "ralph_cost_usd_total 0.5",
        'ralph_tokens_total{type="input"} 1',
        'ralph_tokens_total{type="output"} 2',
        'ralph_tokens_total{type="cache_read"} 3',
        'ralph_tokens_total{type="cache_write"} 4',
      ],
    );
    assert.deepEqual(await samples(metrics, /^ralph_iteration_duration_seconds_count/), [
      "ralph_iteration_duration_seconds_count 3",
    ]);
    assert.deepEqual(await samples(metrics, /^ralph_run_start_timestamp_seconds/), []);
  });

  it("load without the rest of their package, which takes a tenth of an idle pod's memory", () => {
    const script = 'require("./runner/src/metrics.ts"); console.log(Object.keys(require.cache).join("\\n"))';
    const loaded = execFileSync(process.execPath, ["-r", "./boot/loader.js", "-e", script], {
      cwd: REPOSITORY,
      encoding: "utf8",
    });
    assert.match(loaded, /prom-client\/lib\/counter\.js$/m);
    assert.doesNotMatch(loaded, /prom-client\/(index|lib\/(pushgateway|cluster|defaultMetrics))\.js$/m);
  });

  it("stay as many after a thousand prompts as after one: no prompt has a series of its own", async () => {
    const count = async (prompts: number): Promise<number> => {
      const metrics = fresh();
      metrics.prompts = Object.fromEntries(PROMPT_STATES.map((state) => [state, prompts]));
      for (let i = 0; i < prompts; i++) {
        metrics.started(`prompt-${i}`, "claude", 0);
        metrics.ended("completed");
      }
      return (await metrics.registry.metrics()).split("\n").length;
    };
    assert.equal(await count(1000), await count(1));
  });
});
