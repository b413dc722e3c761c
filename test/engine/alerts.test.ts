/**
 * Proves when the alerts of the PrometheusRule fire, and that they are silent while all is well: promtool, of the real
 * Prometheus, evaluates the program's own rules over series as pods, the kubelet and kube-state-metrics export them.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

import { run } from "../../lib/process";
import { changed, KIND } from "../support/workload";
import { type Prometheus, prometheusOrSkip } from "./support/prometheus";

/** In minutes. */
const HOUR = 60;

/** Series by minute, in promtool's notation. Without a pod, they are those of the worker. */
type Series = Readonly<Record<string, string>>;

const worker = (metric: string, labels = ""): string =>
  `${metric}{namespace="ralph-orchestrator",pod="ralph-orchestrator-5d4-x2x4z"${labels && `,${labels}`}}`;
const task = (metric: string, labels = ""): string =>
  `${metric}{namespace="ralph-orchestrator",pod="ralph-task-x2x4z"${labels && `,${labels}`}}`;
const kubernetes = (metric: string, labels: string): string =>
  `${metric}{namespace="ralph-orchestrator",${labels}}`;

const state = (name: string): string => worker("ralph_prompts", `state="${name}"`);
const outcome = (name: string): string => worker("ralph_runs_total", `outcome="${name}"`);
const CONTAINER = 'pod="a",container="ralph"';
const LIMIT = kubernetes("kube_pod_container_resource_limits", `${CONTAINER},resource="memory"`);
const MEMORY = kubernetes("container_memory_working_set_bytes", CONTAINER);
const FREE = kubernetes("kubelet_volume_stats_available_bytes", 'persistentvolumeclaim="ralph-workspace"');
const SIZE = kubernetes("kubelet_volume_stats_capacity_bytes", 'persistentvolumeclaim="ralph-workspace"');
const FAILED = kubernetes("kube_job_failed", 'job_name="ralph-task",condition="true"');
const STARTED = kubernetes("kube_job_status_start_time", 'job_name="ralph-task"');

const BACKUP_CREATED = kubernetes("kube_cronjob_created", 'cronjob="ralph-backup"');
const BACKED_UP = kubernetes("kube_cronjob_status_last_successful_time", 'cronjob="ralph-backup"');

/** A day of a healthy worker with a long queue, in runs of four hours. */
const WELL: Series = {
  [state("pending")]: "3x1500",
  [state("running")]: "1x1500",
  [outcome("failed")]: "0x600 1x900",
  [outcome("completed")]: "0x240 1x240 2x1020",
  [worker("ralph_run_start_timestamp_seconds", 'prompt="p",agent="claude"')]: "0x240 14400x240 28800x240",
  [worker("ralph_git_pushes_total", 'outcome="failure"')]: "0x240 1x1260",
  [worker("ralph_git_pushes_total", 'outcome="success"')]: "0x245 1x1255",
  [worker("ralph_cost_usd_total")]: "0+0.01x1500",
  [MEMORY]: "3x1500",
  [LIMIT]: "4x1500",
  [FREE]: "5x1500",
  [SIZE]: "10x1500",
  [FAILED]: "0x1500",
  [STARTED]: "0x1500",
  [BACKED_UP]: "0+60x1500",
  [BACKUP_CREATED]: "0x1500",
};

interface Case {
  readonly what: string;
  /** In place of those of a healthy day; an empty text leaves a series out. */
  readonly series: Series;
  /** Minutes at which the alerts are those, and no others. */
  readonly firing: Readonly<Record<number, readonly Firing[]>>;
}
type Firing = readonly [alert: string, severity: string, labels?: Readonly<Record<string, string>>];

const NS = { namespace: "ralph-orchestrator" };
const POD = { ...NS, pod: "ralph-orchestrator-5d4-x2x4z" };

const CASES: readonly Case[] = [
  { what: "a healthy day", series: {}, firing: { 1: [], 230: [], 250: [], 480: [], 700: [] } },
  {
    what: "no worker",
    series: { [state("pending")]: "3x30", [state("running")]: "1x30" },
    // Prometheus itself takes a series for gone five minutes after its last value.
    firing: { 40: [], 50: [["RalphWorkersGone", "critical", NS]] },
  },
  {
    what: "a model API that is unavailable, and prompts that wait for it",
    series: {
      [worker("ralph_agent_unavailable", 'reason="quota"')]: "_x10 1x60",
      [state("running")]: "1x10 0x60",
    },
    firing: { 20: [], 30: [["RalphAgentUnavailable", "warning", { reason: "quota" }]] },
  },
  {
    what: "a pause of a budget",
    series: {
      [worker("ralph_agent_unavailable", 'reason="budget"')]: "1x120",
      [state("running")]: "0x120",
    },
    firing: { 60: [] },
  },
  {
    what: "two failures, and an hour later none",
    series: { [outcome("stuck")]: "0x20 1x20 2x200" },
    firing: { 30: [], 50: [["RalphPromptsFail", "warning"]], 120: [] },
  },
  {
    what: "a queue that no worker takes up",
    series: { [state("running")]: "1x10 0x60" },
    firing: { 20: [], 30: [["RalphQueueStuck", "warning"]] },
  },
  {
    what: "a task that has failed, until a day later",
    series: { [FAILED]: "0x10 1x1490" },
    firing: { 5: [], 20: [["RalphTaskFailed", "warning", { job_name: "ralph-task" }]], 1445: [] },
  },
  {
    what: "a run that lasts too long",
    series: { [worker("ralph_run_start_timestamp_seconds", 'prompt="p",agent="claude"')]: "0x300" },
    firing: {
      [4 * HOUR + 5]: [],
      [4 * HOUR + 11]: [["RalphRunTooLong", "warning", { ...POD, prompt: "p", agent: "claude" }]],
    },
  },
  {
    what: "pushes that fail",
    series: {
      [worker("ralph_git_pushes_total", 'outcome="failure"')]: "0x10 1+1x100",
      [worker("ralph_git_pushes_total", 'outcome="success"')]: "0x200",
    },
    firing: { 15: [], 25: [["RalphPushFails", "warning"]] },
  },
  {
    what: "costs above the budget, of workers and of a task that was scraped once",
    series: {
      [worker("ralph_cost_usd_total")]: "0+0.1x400",
      [task("ralph_cost_usd_total")]: "_x99 15 _x600",
    },
    firing: { 200: [], 360: [["RalphOverBudget", "warning"]] },
  },
  {
    what: "memory near the limit",
    series: { [MEMORY]: "3x10 3.7x60" },
    firing: { 12: [], 20: [["RalphMemoryHigh", "warning", { pod: "a" }]] },
  },
  {
    what: "a full volume",
    series: { [FREE]: "5x10 0.9x60" },
    firing: { 15: [], 25: [["RalphVolumeFull", "warning", { persistentvolumeclaim: "ralph-workspace" }]] },
  },
  ...[
    { what: "a backup that is late", values: "0x1500" },
    { what: "a backup that has never succeeded", values: "" },
  ].map(({ what, values }): Case => ({
    what,
    series: { [BACKED_UP]: values },
    firing: { 125: [], 135: [["RalphBackupOld", "critical", { cronjob: "ralph-backup" }]] },
  })),
];

describe("the alerts", () => {
  let programs: Prometheus;
  let folder: string;
  let rules: Rule[];

  before(async function () {
    programs = await prometheusOrSkip(this);
    folder = mkdtempSync(join(tmpdir(), "alerts-"));
    const stack = await changed({
      backup: { enabled: true, snapshotClass: "csi" },
      monitoring: { rules: { dailyBudgetUsd: 50 } },
    });
    const { spec } = stack.find(KIND.prometheusRule, "ralph-prometheusrule").inputs;
    writeFileSync(join(folder, "rules.yaml"), stringify(spec));
    rules = (spec as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
    // promtool compares annotations too, which are texts.
    const bare = rules.map(({ alert, expr, for: time, labels }) => ({
      alert,
      expr,
      labels,
      ...(time && { for: time }),
    }));
    writeFileSync(join(folder, "bare.yaml"), stringify({ groups: [{ name: "ralph", rules: bare }] }));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  const test = async (file: string, tests: readonly object[]): Promise<string> => {
    const path = join(folder, "tests.yaml");
    writeFileSync(path, stringify({ rule_files: [join(folder, file)], evaluation_interval: "1m", tests }));
    const { stdout, stderr } = await run(programs.promtool, ["test", "rules", path]);
    return stdout + stderr;
  };

  it("are rules that Prometheus accepts", async () => {
    const { code, stdout, stderr } = await run(programs.promtool, [
      "check",
      "rules",
      join(folder, "rules.yaml"),
    ]);
    assert.equal(code, 0, stdout + stderr);
  });

  it("all fire in one of the cases", () => {
    const fired = CASES.flatMap(({ firing }) => Object.values(firing).flat()).map(([alert]) => alert);
    assert.deepEqual([...new Set(fired)].sort(), rules.map(({ alert }) => alert).sort());
  });

  for (const { what, series, firing } of CASES)
    it(`fire as they should on ${what}`, async () => {
      const input_series = Object.entries({ ...WELL, ...series }).map(([name, values]) => ({
        series: name,
        values,
      }));
      const alert_rule_test = Object.entries(firing).flatMap(([minute, all]) =>
        rules.map(({ alert }) => ({
          eval_time: `${minute}m`,
          alertname: alert,
          exp_alerts: all
            .filter(([name]) => name === alert)
            .map(([, severity, labels]) => ({ exp_labels: { severity, ...labels } })),
        })),
      );
      assert.match(await test("bare.yaml", [{ interval: "1m", input_series, alert_rule_test }]), /SUCCESS/);
    });

  it("say what is wrong, and where to read on", async () => {
    const input_series = Object.entries({ ...WELL, [MEMORY]: "3.7x60" }).map(([name, values]) => ({
      series: name,
      values,
    }));
    const exp_alerts = [
      {
        exp_labels: { severity: "warning", pod: "a" },
        exp_annotations: {
          summary: "a uses 92.5% of its memory limit.",
          runbook_url: "docs/monitoring.md#ralphmemoryhigh",
        },
      },
    ];
    const alert_rule_test = [{ eval_time: "20m", alertname: "RalphMemoryHigh", exp_alerts }];
    assert.match(await test("rules.yaml", [{ interval: "1m", input_series, alert_rule_test }]), /SUCCESS/);
  });
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: object;
}
