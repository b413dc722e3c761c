/**
 * Proves the PrometheusRule: its manifest, what switches it and its parts off, that every metric and label of an alert is one
 * that the runner exports, and that every alert has a section to link to. When the alerts fire is in test/engine/alerts.test.ts.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { ALERTS } from "../../workload/monitoring/alerts";
import { runnerMetrics, selections, unknownSeries } from "../support/expressions";
import type { StackConfig } from "../support/stack";
import { changed, defaults, KIND, manifest } from "../support/workload";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const object = async (config: StackConfig) =>
  (await changed(config)).find(KIND.prometheusRule, "ralph-prometheusrule").inputs;
const rulesOf = (inputs: { spec: { groups: { rules: Rule[] }[] } }): Rule[] =>
  inputs.spec.groups.flatMap(({ rules }) => rules);
const BACKUP = { enabled: true, snapshotClass: "csi" };
const names = (rules: readonly Rule[]): string[] => rules.map(({ alert }) => alert);

describe("PrometheusRule ralph-orchestrator", () => {
  it("has the alerts of the workload", async () => {
    const { inputs } = (await defaults()).find(KIND.prometheusRule, "ralph-prometheusrule");
    const [first, ...others] = rulesOf(inputs);
    assert.deepEqual(
      { ...inputs, spec: { groups: [{ ...inputs.spec.groups[0], rules: [first] }] } },
      manifest(`
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata:
          annotations:
            pulumi.com/deletionPropagationPolicy: background
          name: ralph-orchestrator
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          groups:
            - name: ralph-orchestrator
              rules:
                - alert: RalphWorkersGone
                  expr: absent(ralph_prompts{namespace="ralph-orchestrator"})
                  for: 10m
                  labels:
                    severity: critical
                  annotations:
                    summary: No worker of Ralph has reported for 10 minutes.
                    runbook_url: docs/monitoring.md#ralphworkersgone
      `),
    );
    assert.deepEqual(
      names(others),
      ALERTS.filter((name) => !["RalphWorkersGone", "RalphOverBudget", "RalphBackupOld"].includes(name)),
    );
  });

  it("does not exist without the ServiceMonitor, or if it is switched off", async () => {
    for (const monitoring of [
      { enabled: false },
      { serviceMonitor: { enabled: false } },
      { rules: { enabled: false } },
    ])
      assert.deepEqual(
        (await changed({ monitoring })).ofType(KIND.prometheusRule),
        [],
        JSON.stringify(monitoring),
      );
  });

  it("has the labels that a Prometheus selects by, beside the program's own", async () => {
    const { metadata } = await object({
      monitoring: { rules: { labels: { release: "prometheus", app: "kube-prometheus-stack" } } },
    });
    assert.deepEqual(metadata.labels, {
      release: "prometheus",
      app: "ralph-orchestrator",
      "app.kubernetes.io/name": "ralph-orchestrator",
    });
  });

  it("compares the cost with the budget, which is the workers' own if no other is set", async () => {
    const limit = async (config: StackConfig) =>
      /> ([\d.]+)$/.exec(
        rulesOf(await object(config)).find(({ alert }) => alert === "RalphOverBudget")?.expr ?? "",
      )?.[1];
    assert.equal(await limit({ monitoring: { rules: { dailyBudgetUsd: 12.5 } } }), "12.5");
    const config = { maxDailyCostUsd: 40, agent: "claude" };
    const runs = { tasks: [], schedules: [] };
    assert.equal(await limit({ config, ...runs }), "40");
    assert.equal(await limit({ config, ...runs, monitoring: { rules: { dailyBudgetUsd: 50 } } }), "50");
  });

  it("waits for as long as the longest run may take", async () => {
    const limit = async (config: StackConfig) =>
      /> (\d+)$/.exec(
        rulesOf(await object(config)).find(({ alert }) => alert === "RalphRunTooLong")?.expr ?? "",
      )?.[1];
    assert.equal(await limit({}), "15000");
    const tasks = [{ name: "long", prompt: "task.md", maxRuntime: 30_000, activeDeadlineSeconds: 30_300 }];
    assert.equal(await limit({ tasks }), "30600");
  });

  it("misses a backup after twice the time between two, of snapshots and of copies", async () => {
    const ages = async (backup: StackConfig) =>
      [
        ...(
          rulesOf(await object({ backup })).find(({ alert }) => alert === "RalphBackupOld")?.expr ?? ""
        ).matchAll(/ > (\d+)/g),
      ].map(([, seconds]) => Number(seconds));
    assert.deepEqual(await ages(BACKUP), [7200]);
    assert.deepEqual(await ages({ ...BACKUP, schedule: "*/15 8-18 * * *", copy: { snapshotClass: "far" } }), [
      2 * (13.25 * 3600),
      2 * 86_400,
    ]);
  });

  it("does not miss workers where there shall be none", async () => {
    const none = { autoscaling: { enabled: false }, replicaCount: 0 };
    assert.ok(!names(rulesOf(await object(none))).includes("RalphWorkersGone"));
  });

  it("selects its own namespace in every series, by metrics and labels that exist", async () => {
    const rules = rulesOf(
      await object({
        namespace: "team-a",
        backup: BACKUP,
        monitoring: { rules: { dailyBudgetUsd: 1 } },
      }),
    );
    assert.deepEqual(names(rules), [...ALERTS]);
    const runner = await runnerMetrics();
    for (const { alert, expr } of rules) {
      assert.ok(selections(expr).length > 0, alert);
      assert.deepEqual(unknownSeries(expr, runner, "team-a"), [], alert);
    }
  });

  it("would be found to select what nothing exports", async () => {
    const wrong =
      'ralph_prompt{namespace="a"} > max(ralph_runs_total{namespace="b",outcome=~"failed|lost",pod="p"})';
    assert.deepEqual(unknownSeries(wrong, await runnerMetrics(), "a"), [
      "nothing exports ralph_prompt",
      "ralph_runs_total of namespace b",
      "ralph_runs_total has no outcome lost",
    ]);
  });

  it("links each alert to its section, of the page of this repository or another", async () => {
    const page = readFileSync("docs/monitoring.md", "utf8");
    const sections = [...page.matchAll(/^### (Ralph\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(sections, [...ALERTS]);
    const at = "https://wiki.example.com/ralph";
    const rules = rulesOf(await object({ backup: BACKUP, monitoring: { rules: { runbookUrl: at } } }));
    assert.deepEqual(
      rules.map(({ annotations }) => annotations.runbook_url),
      names(rules).map((name) => `${at}#${name.toLowerCase()}`),
    );
  });
});
