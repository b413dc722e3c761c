import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { ChosenAgent } from "./agents";
import { parseStreamLine } from "./claude-stream";
import { type Agent, AGENTS } from "./contract";
import type { Ledger } from "./ledger";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import type { Outage } from "./outage";
import { OutageReader } from "./outage-reader";

/** Outages directly after an answered call, about an hour of them, after which a prompt itself is the cause. */
const RELAPSES = 6;
/** In milliseconds. */
const TIMING = {
  /** Each pause is twice as long as the one before. */
  first: 60_000,
  /** A reset that is further away is not waited for blindly: credit can be bought, and a limit raised. */
  longest: 3_600_000,
  /** A probe that has no answer by then cannot reach the API. */
  probe: 120_000,
};

export interface Pause extends Outage {
  readonly since: number;
  /** When the API is tried again; milliseconds since the epoch. */
  readonly next: number;
}

interface FailedProbe extends Outage {
  /** The program has ended by itself without a word on the API: it may fail for any reason. */
  readonly crashed?: true;
}

/**
 * Whether the model API can be used. Its failures are no failures of a prompt: they pause the queue, with growing
 * intervals, until a small call of the agent is answered.
 */
export class Availability {
  /** Undefined while the API can be used. */
  pause: Pause | undefined;
  /** Failures since the last call of a run that succeeded. */
  private failures = 0;
  private relapses = 0;

  constructor(
    private readonly agent: ChosenAgent | string,
    private readonly metrics: Metrics,
    private readonly log: Log,
    private readonly ledger: Ledger,
    private readonly model: string | undefined,
    private readonly timing = TIMING,
    private readonly now: () => number = Date.now,
  ) {}

  /** Pauses, or extends the pause. */
  failed(outage: Outage): void {
    const now = this.now();
    const { first, longest } = this.timing;
    const growing = now + first * 2 ** this.failures++;
    const reset = outage.until ?? 0;
    const budget = outage.reason === "budget";
    const next = budget ? reset : Math.min(reset > now ? reset : growing, now + longest);
    if (this.pause === undefined) {
      if (!budget) this.relapses++;
      this.log(`${SUBJECT(outage)} is ${budget ? "spent" : "unavailable"}`, {
        reason: outage.reason,
        message: outage.message,
        next: new Date(next).toISOString(),
      });
    }
    this.metrics.unavailable = outage.reason;
    this.pause = { ...outage, since: this.pause?.since ?? now, next };
  }

  /** A call of a run has succeeded. */
  worked(): void {
    this.failures = 0;
    this.relapses = 0;
  }

  /** Whether a run that sees an outage is to blame itself: the API answers other calls each time. */
  get answersOthers(): boolean {
    return this.relapses >= RELAPSES;
  }

  /** Why nothing can be run now; undefined if the API can be used. */
  get problem(): string | undefined {
    if (this.pause === undefined) return undefined;
    const { reason, message, next } = this.pause;
    const until = new Date(next).toISOString();
    return reason === "budget"
      ? `Paused until ${until}: ${message}. Raise the limit: pulumi config set --path ralph:config.maxDailyCostUsd <dollars>`
      : `The model API is unavailable (${reason}): ${message}. Next attempt at ${until}.`;
  }

  /** Whether work can go on: tries the API when the pause is over. */
  async ready(signal: AbortSignal): Promise<boolean> {
    const spent = this.ledger.outage();
    if (spent !== undefined && this.pause?.reason !== "budget") this.failed(spent);
    const { pause } = this;
    if (pause === undefined) return true;
    if (this.now() < pause.next) return false;
    const outage = pause.reason === "budget" ? undefined : await this.probe(signal);
    if (signal.aborted) return false;
    if (outage !== undefined) {
      this.failed(outage);
      return false;
    }
    this.log(pause.reason === "budget" ? "a new day's budget" : "the model API is available again", {
      seconds: Math.round((this.now() - pause.since) / 1000),
    });
    this.pause = undefined;
    this.metrics.unavailable = undefined;
    return true;
  }

  /** One small call. @returns why it failed; undefined if it succeeded, or if the agent has no such call */
  async probe(signal: AbortSignal): Promise<FailedProbe | undefined> {
    const { agent, metrics } = this;
    if (typeof agent === "string") return undefined;
    const { probe, modelFlag }: Agent = AGENTS[agent.name];
    if (probe === undefined) return undefined;
    const home = mkdtempSync(join(tmpdir(), "probe-"));
    try {
      const model = this.model === undefined || modelFlag === undefined ? [] : [modelFlag, this.model];
      const child = spawn(agent.program, [...probe.args, ...model], {
        cwd: home,
        env: { ...agent.env, ...probe.variables, HOME: home, XDG_CACHE_HOME: home, NO_COLOR: "1" },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true, // ends with everything that it starts
      });
      const end = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        } catch {
          // it has just exited
        }
      };
      const timer = setTimeout(end, this.timing.probe);
      signal.addEventListener("abort", end, { once: true });
      const reader = new OutageReader(agent.name);
      const lines: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on("line", (line) => {
          lines.push(line);
          const claude = agent.name === "claude" ? parseStreamLine(line) : undefined;
          if (claude !== undefined) {
            metrics.spent(claude.costUsd, claude.tokens);
            this.ledger.add(claude.costUsd);
          }
          if (reader.line(line) !== undefined) end();
        });
      child.stdin.on("error", () => undefined); // it need not read it
      child.stdin.end(probe.input ?? "");
      const code = await new Promise<number | null>((resolve) => {
        child.on("error", () => resolve(null));
        child.on("close", (status) => resolve(status));
      });
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      end();
      if (code === 0 || signal.aborted) return undefined;
      const outage = reader.ended(1);
      if (outage !== undefined) return outage;
      return {
        reason: "unreachable",
        message: lastWords(lines),
        ...(code === null ? {} : { crashed: true }),
      };
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }
}

const SUBJECT = ({ reason }: Outage): string => (reason === "budget" ? "the day's budget" : "the model API");

const lastWords = (lines: readonly string[]): string =>
  lines
    .filter((line) => line.trim() !== "" && !line.startsWith("{"))
    .at(-1)
    ?.slice(0, 300) ?? "no answer";
