import type { ChosenAgent } from "./agents";
import type { StreamLine } from "./claude-stream";
import type { Ledger } from "./ledger";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import type { Outage } from "./outage";
import { type FailedProbe, probe } from "./probe";

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
    const { agent, model, metrics, ledger } = this;
    if (typeof agent === "string") return undefined;
    const spent = ({ costUsd, tokens }: StreamLine): void => {
      metrics.spent(costUsd, tokens);
      ledger.add(costUsd);
    };
    return probe({ agent, model, timeout: this.timing.probe, spent }, signal);
  }
}

const SUBJECT = ({ reason }: Outage): string => (reason === "budget" ? "the day's budget" : "the model API");
