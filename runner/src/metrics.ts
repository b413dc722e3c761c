import Counter from "prom-client/lib/counter";
import Gauge from "prom-client/lib/gauge";
import Histogram from "prom-client/lib/histogram";
import Registry from "prom-client/lib/registry";

import { TOKEN_TYPES, type TokenType } from "./claude-stream";
import type { Outcome } from "./contract";
import type { OutageReason } from "./outage";

/** The states of a prompt in the queue. */
export const PROMPT_STATES = ["pending", "running", "completed", "failed", "stopped", "limit"] as const;
export type PromptState = (typeof PROMPT_STATES)[number];

const PUSH_OUTCOMES = ["success", "failure"] as const;
type PushOutcome = (typeof PUSH_OUTCOMES)[number];

const OUTCOMES: readonly Outcome[] = [
  "completed",
  "failed",
  "stuck",
  "stopped",
  "limit",
  "setup",
  "interrupted",
  "unavailable",
];
/** From a minute to the guide's four hours. */
const RUN_BUCKETS = [60, 300, 900, 1800, 3600, 7200, 14400];
const ITERATION_BUCKETS = [10, 30, 60, 120, 300, 600, 1800, 3600];
/** Observations for one look at Ralph's count, which an agent can write. */
const AT_ONCE = 1000;
/** Number of runs that the status page shows. */
const RECENT = 20;

/** The state of the work, for the status page and as metrics. A test compares docs/metrics.md with it. */
export class Metrics {
  readonly registry = new Registry();

  /** When a run or the queue last made progress, in milliseconds since the epoch. */
  lastProgress = Date.now();
  /** The current run. */
  current:
    | { readonly name: string; readonly agent: string; readonly since: number; readonly run: number }
    | undefined;
  /** Completed iterations of that run's loop. */
  iterations = 0;
  /** The latest runs, newest first. */
  readonly recent: { readonly name: string; readonly outcome: Outcome; readonly seconds: number }[] = [];
  /** Prompts of the queue by state; empty in a task. */
  prompts: Partial<Readonly<Record<PromptState, number>>> = {};
  /** Why the model API cannot be used; undefined while it can. */
  unavailable: OutageReason | undefined;
  /** How often /metrics was read. */
  scrapes = 0;
  /** Dollars in all. */
  costUsd = 0;
  private iterationBegan = 0;

  private readonly iterationsTotal = new Counter({
    name: "ralph_iterations_total",
    help: "Iterations completed by Ralph.",
    registers: [this.registry],
  });
  private readonly iterationSeconds = new Histogram({
    name: "ralph_iteration_duration_seconds",
    help: "Time between two completed iterations, accurate to half a second.",
    buckets: ITERATION_BUCKETS,
    registers: [this.registry],
  });
  private readonly runs = new Counter({
    name: "ralph_runs_total",
    help: "Finished runs of Ralph, by outcome.",
    labelNames: ["outcome"],
    registers: [this.registry],
  });
  private readonly runSeconds = new Histogram({
    name: "ralph_run_duration_seconds",
    help: "Duration of a run of Ralph.",
    buckets: RUN_BUCKETS,
    registers: [this.registry],
  });
  private readonly agentFailures = new Counter({
    name: "ralph_agent_failures_total",
    help: "Calls of the agent that exited with an error.",
    registers: [this.registry],
  });
  private readonly cost = new Counter({
    name: "ralph_cost_usd_total",
    help: "Cost in US dollars as reported by the agent; only Claude reports it.",
    registers: [this.registry],
  });
  private readonly tokens = new Counter({
    name: "ralph_tokens_total",
    help: "Tokens as reported by the agent, by type; only Claude reports them.",
    labelNames: ["type"],
    registers: [this.registry],
  });
  private readonly pushes = new Counter({
    name: "ralph_git_pushes_total",
    help: "Pushes of results to the git remote, by outcome.",
    labelNames: ["outcome"],
    registers: [this.registry],
  });

  private readonly commitFailures = new Counter({
    name: "ralph_commit_failures_total",
    help: "Ends of runs whose work could not be committed completely.",
    registers: [this.registry],
  });
  private readonly build = new Gauge({
    name: "ralph_build_info",
    help: "Always 1; the labels are the versions of the runner and of Ralph.",
    labelNames: ["version", "ralph_version"],
    registers: [this.registry],
  });

  constructor() {
    const metrics = this; // eslint-disable-line @typescript-eslint/no-this-alias -- `this` of collect is the gauge
    const registers = [this.registry];
    for (const outcome of OUTCOMES) this.runs.inc({ outcome }, 0);
    for (const type of TOKEN_TYPES) this.tokens.inc({ type }, 0);
    for (const outcome of PUSH_OUTCOMES) this.pushes.inc({ outcome }, 0);
    new Gauge({
      name: "ralph_prompts",
      help: "Prompts in the queue by state; pending is its length. Absent in a task.",
      labelNames: ["state"],
      registers,
      collect() {
        for (const [state, count] of Object.entries(metrics.prompts)) this.set({ state }, count);
      },
    });
    new Gauge({
      name: "ralph_agent_unavailable",
      help: "1 while no prompt runs because the model API is unavailable, by reason. Absent otherwise.",
      labelNames: ["reason"],
      registers,
      collect() {
        this.reset();
        if (metrics.unavailable !== undefined) this.set({ reason: metrics.unavailable }, 1);
      },
    });
    new Gauge({
      name: "ralph_run_start_timestamp_seconds",
      help: "Start of the current run, as Unix time, labelled with its prompt and agent. Absent between runs.",
      labelNames: ["prompt", "agent"],
      registers,
      collect() {
        this.reset();
        const { current } = metrics;
        if (current !== undefined)
          this.set({ prompt: current.name, agent: current.agent }, current.since / 1000);
      },
    });
    new Gauge({
      name: "ralph_last_progress_timestamp_seconds",
      help: "Last activity of Ralph, its agent or the queue, as Unix time.",
      registers,
      collect() {
        this.set(metrics.lastProgress / 1000);
      },
    });
  }

  /** Sets the versions. Ralph's takes a call of the program, which the probes do not wait for. */
  built(runner: string, ralph: string): void {
    this.build.set({ version: runner, ralph_version: ralph }, 1);
  }

  progress(): void {
    this.lastProgress = Date.now();
  }

  /** @param iterations completed by earlier runs of the loop */
  started(name: string, agent: string, iterations: number, run = 1): void {
    this.progress();
    this.current = { name, agent, since: Date.now(), run };
    this.iterations = iterations;
    this.iterationBegan = Date.now();
  }

  /** @param total completed iterations; it may grow by more than one if they are short */
  iterated(total: number): void {
    this.progress();
    const more = total - this.iterations;
    const each = (Date.now() - this.iterationBegan) / 1000 / more;
    this.iterationsTotal.inc(more);
    for (let i = 0; i < Math.min(more, AT_ONCE); i++) this.iterationSeconds.observe(each);
    this.iterations = total;
    this.iterationBegan = Date.now();
  }

  ended(outcome: Outcome): void {
    this.progress();
    if (this.current === undefined) return;
    const { name, since } = this.current;
    const seconds = (Date.now() - since) / 1000;
    this.runs.inc({ outcome });
    this.runSeconds.observe(seconds);
    this.recent.unshift({ name, outcome, seconds });
    this.recent.splice(RECENT);
    this.current = undefined;
  }

  pushed(outcome: PushOutcome): void {
    this.pushes.inc({ outcome });
  }

  commitFailed(): void {
    this.commitFailures.inc();
  }

  agentFailed(): void {
    this.agentFailures.inc();
  }

  spent(costUsd: number, tokens: Readonly<Record<TokenType, number>>): void {
    this.cost.inc(costUsd);
    this.costUsd += costUsd;
    for (const type of TOKEN_TYPES) this.tokens.inc({ type }, tokens[type]);
  }
}
