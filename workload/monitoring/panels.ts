import { dailyCost, freeShare, memoryShare, prompts, type Selector } from "./expressions";

export interface Panel {
  readonly title: string;
  /** What the reader learns from it. */
  readonly description?: string;
  readonly type: "stat" | "timeseries";
  /** Of Grafana: https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
  /** Shown in place of "No data". */
  readonly noValue?: string;
  readonly unit?: "currencyUSD" | "percentunit" | "s" | "short";
  readonly queries: readonly {
    readonly expression: string;
    /** Name of a series, with its labels in double braces. */
    readonly legend?: string;
  }[];
}

/** Row by row: what the queue does, what runs do, what they cost, and what the pods need. */
export const panels = (of: Selector): readonly (readonly Panel[])[] => [
  [
    stat("Waiting prompts", prompts(of, "pending")),
    stat("Running prompts", prompts(of, "running")),
    stat("Workers", `count(${of("ralph_prompts", 'state="pending"')})`),
    stat(
      "Failed runs, 24 h",
      `sum(increase(${of("ralph_runs_total", 'outcome=~"failed|stuck|setup"')}[24h]))`,
    ),
    { ...stat("Cost, 24 h", dailyCost(of)), unit: "currencyUSD" },
    {
      ...stat("Model API", `max by (reason) (${of("ralph_agent_unavailable")})`, "{{reason}}"),
      description: "Available, or the reason why no prompt runs.",
      noValue: "available",
    },
  ],
  [
    over("Prompts", `max by (state) (${of("ralph_prompts")})`, "{{state}}"),
    over(
      "Finished runs per hour",
      `sum by (outcome) (increase(${of("ralph_runs_total")}[1h]))`,
      "{{outcome}}",
    ),
  ],
  [
    {
      ...over(
        "Duration of the current runs",
        `time() - ${of("ralph_run_start_timestamp_seconds")}`,
        "{{prompt}} ({{agent}})",
      ),
      unit: "s",
    },
    {
      ...over(
        "Time since the last progress",
        `time() - ${of("ralph_last_progress_timestamp_seconds")}`,
        "{{pod}}",
      ),
      unit: "s",
    },
  ],
  [
    {
      title: "Duration of an iteration",
      type: "timeseries",
      unit: "s",
      queries: [quantile(of, 0.5), quantile(of, 0.95)],
    },
    {
      title: "Iterations and failed calls of the agent per hour",
      type: "timeseries",
      queries: [
        { expression: `sum(increase(${of("ralph_iterations_total")}[1h]))`, legend: "iterations" },
        { expression: `sum(increase(${of("ralph_agent_failures_total")}[1h]))`, legend: "failed calls" },
      ],
    },
  ],
  [
    {
      ...over("Cost per hour, workers", `sum(increase(${of("ralph_cost_usd_total")}[1h]))`, "US dollars"),
      unit: "currencyUSD",
    },
    over("Tokens per hour", `sum by (type) (increase(${of("ralph_tokens_total")}[1h]))`, "{{type}}"),
    over(
      "Pushes per hour",
      `sum by (outcome) (increase(${of("ralph_git_pushes_total")}[1h]))`,
      "{{outcome}}",
    ),
  ],
  [
    { ...over("Memory, of the limit", memoryShare(of), "{{pod}}"), unit: "percentunit" },
    over(
      "CPU cores",
      `sum by (pod) (rate(${of("container_cpu_usage_seconds_total", 'container="ralph"')}[5m]))`,
      "{{pod}}",
    ),
    { ...over("Free space of volumes", freeShare(of), "{{persistentvolumeclaim}}"), unit: "percentunit" },
  ],
];

const stat = (title: string, expression: string, legend?: string): Panel => ({
  title,
  type: "stat",
  queries: [{ expression, legend }],
});
const over = (title: string, expression: string, legend: string): Panel => ({
  title,
  type: "timeseries",
  queries: [{ expression, legend }],
});

const quantile = (of: Selector, part: number) => ({
  expression: `histogram_quantile(${part}, sum by (le) (rate(${of("ralph_iteration_duration_seconds_bucket")}[1h])))`,
  legend: `${part * 100} %`,
});
