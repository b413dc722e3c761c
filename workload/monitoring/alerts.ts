import { longestPause } from "../../config/cron";
import type { RalphConfig } from "../keys";
import { BACKUP, BACKUP_COPY } from "../names";
import { dailyCost, freeShare, memoryShare, prompts, type Selector } from "./expressions";

/** The page with a section for each alert. */
export const RUNBOOKS = "docs/monitoring.md";

export interface Alert {
  readonly name: AlertName;
  readonly expression: string;
  /** How long it must hold; none for what is an event. */
  readonly for?: string;
  readonly severity: "warning" | "critical";
  readonly summary: string;
}

/** In the order of the page. */
export const ALERTS = [
  "RalphWorkersGone",
  "RalphAgentUnavailable",
  "RalphPromptsFail",
  "RalphTaskFailed",
  "RalphQueueStuck",
  "RalphRunTooLong",
  "RalphPushFails",
  "RalphOverBudget",
  "RalphMemoryHigh",
  "RalphVolumeFull",
  "RalphBackupOld",
] as const;
export type AlertName = (typeof ALERTS)[number];

/** The section of an alert, as a link into the page. */
export const runbook = (alert: AlertName, page = RUNBOOKS): string => `${page}#${alert.toLowerCase()}`;

/** A run's own end, before Kubernetes has ended it. */
const LATE_SECONDS = 600;

/** The alerts of one stack. They name its namespace: the Prometheus may scrape others. */
export function alerts(config: RalphConfig, of: Selector): Alert[] {
  const { autoscaling, replicaCount, monitoring, tasks, schedules } = config;
  const longest = Math.max(
    ...[config.config, ...tasks, ...schedules].map(({ maxRuntime }) => maxRuntime ?? 0),
  );
  const budget = monitoring.rules.dailyBudgetUsd ?? config.config.maxDailyCostUsd;
  const workers = autoscaling.enabled || replicaCount > 0;
  // One that failed is followed by the next: another alert has the age of the newest.
  const notBackups = config.backup.enabled ? [`job_name!~"${BACKUP}-.*"`] : [];
  const all: (Alert | undefined)[] = [
    workers
      ? {
          name: "RalphWorkersGone",
          expression: `absent(${of("ralph_prompts")})`,
          for: "10m",
          severity: "critical",
          summary: "No worker of Ralph has reported for 10 minutes.",
        }
      : undefined,
    {
      name: "RalphAgentUnavailable",
      // Workers that a budget pauses do what they were configured to.
      expression: `max by (reason) (${of("ralph_agent_unavailable", 'reason!="budget"')}) > 0`,
      for: "15m",
      severity: "warning",
      summary: "Ralph's work pauses: the model API is unavailable ({{ $labels.reason }}).",
    },
    {
      name: "RalphPromptsFail",
      expression: `sum(increase(${of("ralph_runs_total", 'outcome=~"failed|stuck|setup"')}[1h])) >= 2`,
      severity: "warning",
      summary: "{{ $value | humanize }} runs of Ralph have failed within an hour.",
    },
    {
      name: "RalphTaskFailed",
      // Failed Jobs are kept for long: only today's are news.
      expression:
        `max by (job_name) (${of("kube_job_failed", 'condition="true"', ...notBackups)}) > 0 and ` +
        `max by (job_name) (time() - ${of("kube_job_status_start_time")}) < 86400`,
      severity: "warning",
      summary: "The task {{ $labels.job_name }} has failed.",
    },
    {
      name: "RalphQueueStuck",
      expression:
        `${prompts(of, "pending")} > 0 unless on () ${prompts(of, "running")} > 0 ` +
        `unless on () max(${of("ralph_agent_unavailable")}) > 0`,
      for: "15m",
      severity: "warning",
      summary: "{{ $value }} prompts wait, and no worker runs any.",
    },
    {
      name: "RalphRunTooLong",
      expression: `time() - ${of("ralph_run_start_timestamp_seconds")} > ${longest + LATE_SECONDS}`,
      severity: "warning",
      summary: "Ralph has worked on {{ $labels.prompt }} for {{ $value | humanizeDuration }}.",
    },
    {
      name: "RalphPushFails",
      expression:
        `sum(increase(${of("ralph_git_pushes_total", 'outcome="failure"')}[30m])) > 0 unless on () ` +
        `sum(increase(${of("ralph_git_pushes_total", 'outcome="success"')}[30m])) > 0`,
      for: "10m",
      severity: "warning",
      summary: "Results have not reached the git remote for 30 minutes.",
    },
    budget === undefined
      ? undefined
      : {
          name: "RalphOverBudget",
          expression: `${dailyCost(of)} > ${budget}`,
          severity: "warning",
          summary: `Ralph has cost $\{{ $value | printf "%.2f" }} in 24 hours; the budget is $${budget}.`,
        },
    {
      name: "RalphMemoryHigh",
      expression: `${memoryShare(of)} > 0.9`,
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its memory limit.",
    },
    {
      name: "RalphVolumeFull",
      expression: `${freeShare(of)} < 0.1`,
      for: "10m",
      severity: "warning",
      summary: "{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} of its space left.",
    },
    backupAges(config, of).length > 0
      ? {
          name: "RalphBackupOld",
          expression: backupAges(config, of).join(" or "),
          for: "10m",
          severity: "critical",
          summary: "The newest backup of {{ $labels.cronjob }} is {{ $value | humanizeDuration }} old.",
        }
      : undefined,
  ];
  return all.filter((alert) => alert !== undefined);
}

/** The age of the newest backup of each CronJob, where it is more than twice its interval. */
function backupAges({ backup }: RalphConfig, of: Selector): string[] {
  const { enabled, schedule, copy } = backup;
  if (!enabled) return [];
  const isCopied = copy.region !== undefined || copy.snapshotClass !== undefined;
  return [
    { name: BACKUP, schedule },
    // Where a service of the cloud makes the copies, there is no such CronJob, and so no such series.
    ...(isCopied ? [{ name: BACKUP_COPY, schedule: copy.schedule }] : []),
  ].flatMap((each) => {
    const pause = longestPause(each.schedule);
    const metric = (name: string): string => of(name, `cronjob="${each.name}"`);
    const last = `${metric("kube_cronjob_status_last_successful_time")} or ${metric("kube_cronjob_created")}`;
    return pause === undefined ? [] : [`time() - max by (cronjob) (${last}) > ${2 * pause}`];
  });
}
