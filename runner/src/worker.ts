import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { ChosenAgent } from "./agents";
import type { Claims } from "./claims";
import { type Environment, execute, readState, type State } from "./execute";
import { PromptFolder, queued, type PromptId, readPrompt, type Unit } from "./layout";
import { PROMPT_STATES, type PromptState } from "./metrics";

/** Milliseconds between two looks at the prompts: kubelet takes up to a minute to bring a changed one. */
const POLL = 5_000;
/** How often a prompt that has failed is tried again, and after how many seconds the first time, as Jobs are. */
const RETRIES = 3;
const FIRST_RETRY_SECONDS = 10;

/**
 * The Deployment's mode: takes one prompt after another, each content once, while other workers do the same.
 * Prompts that are added or edited meanwhile are taken as well.
 */
export class Worker {
  private readonly folder: PromptFolder;
  /** Nobody touches these again. */
  private readonly finished = new Map<string, PromptState>();
  /** Units that could not be worked on, such as on a full volume: when to look again, in ms. */
  private readonly later = new Map<string, number>();
  private failure: string | undefined;

  /** @param agent or the sentence why there is none, with which the worker stays up and does nothing */
  constructor(
    private readonly environment: Environment,
    private readonly agent: ChosenAgent | string,
    private readonly claims: Claims,
  ) {
    this.folder = new PromptFolder(environment.layout.prompts);
  }

  /** Why it takes no prompts now; undefined when it does. */
  get unready(): string | undefined {
    return typeof this.agent === "string" ? this.agent : this.failure;
  }

  /** Works until the signal. */
  async run(): Promise<void> {
    const { signal, log, settings, publisher } = this.environment;
    if (settings.skipPrompts.length > 0)
      log("leaves to tasks and schedules", { prompts: settings.skipPrompts.join() });
    if (typeof this.agent === "string") log("takes no prompts", { reason: this.agent });
    // Beside the run that is under way, which may take hours: the count of what waits stays true.
    const counting = setInterval(() => this.survey(), POLL);
    try {
      while (!signal.aborted) {
        const worked = await this.pass();
        if (worked) continue;
        // What an earlier pod could not push, such as for want of a key, this one may.
        if (!signal.aborted) await publisher.retry();
        await delay(POLL, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      clearInterval(counting);
    }
  }

  /** Works on the first prompt that it gets. @returns whether there was one */
  private async pass(): Promise<boolean> {
    for (const unit of this.survey()) {
      if (typeof this.agent === "string" || this.environment.signal.aborted) return false;
      try {
        if (await this.workOn(unit, this.agent)) return true;
      } catch (error) {
        this.later.set(unit.prompt.hash, Date.now() + 60_000);
        this.environment.log("cannot work on it", { prompt: unit.name, error: (error as Error).message });
      }
    }
    return false;
  }

  private async workOn(unit: Unit, agent: ChosenAgent): Promise<boolean> {
    if ((this.later.get(unit.prompt.hash) ?? 0) > Date.now() || !isDue(readState(unit.state))) return false;
    const claim = this.claims.take(unit.state);
    if (claim === undefined) return false;
    try {
      // Another worker may have finished it between the look and the claim.
      if (!isDue(readState(unit.state))) return false;
      const prompt = readPrompt(join(this.environment.layout.prompts, unit.prompt.file));
      if (prompt?.hash !== unit.prompt.hash) return false; // edited in this moment: the next look has it
      const state = await execute(unit, prompt.content, claim, agent, this.environment);
      if (state !== undefined) await this.environment.publisher.push(unit);
      return true;
    } finally {
      if (claim.held()) claim.release();
      this.survey();
    }
  }

  /** Counts the prompts by state. @returns the units that are not finished */
  private survey(): Unit[] {
    const { layout, metrics, log, settings } = this.environment;
    const counts = Object.fromEntries(PROMPT_STATES.map((state) => [state, 0])) as Record<
      PromptState,
      number
    >;
    const open: Unit[] = [];
    try {
      const prompts = this.folder.read().filter(({ file }) => !settings.skipPrompts.includes(file));
      for (const prompt of unique(prompts)) {
        const known = this.finished.get(prompt.hash);
        if (known !== undefined) {
          counts[known]++;
          continue;
        }
        const unit = queued(prompt, layout);
        const state = promptState(readState(unit.state));
        counts[state]++;
        if (state === "pending" || state === "running") open.push(unit);
        else this.finished.set(prompt.hash, state);
      }
    } catch (error) {
      const reason = `${layout.prompts} cannot be read: ${(error as Error).message}`;
      if (this.failure === undefined) log("takes no prompts", { reason });
      this.failure = reason;
      return [];
    }
    this.failure = undefined;
    metrics.prompts = counts;
    // While a run is under way, its own progress is what counts.
    if (metrics.current === undefined) metrics.progress();
    return open;
  }
}

/** Two files of one content are one thing to do. */
const unique = (prompts: PromptId[]): PromptId[] => [
  ...new Map(prompts.map((prompt) => [prompt.hash, prompt])).values(),
];

/** Whether it is to be worked on now, as far as its state goes: somebody else may hold the claim. */
export function isDue(state: State | undefined, now = Date.now()): boolean {
  if (state?.outcome !== "failed") return state?.outcome === undefined || state.outcome === "interrupted";
  const wait = FIRST_RETRY_SECONDS * 2 ** (state.runs - 1) * 1000;
  return state.runs <= RETRIES && now >= Date.parse(state.ended ?? "") + wait;
}

export function promptState(state: State | undefined): PromptState {
  if (state === undefined) return "pending";
  if (state.outcome === undefined) return "running";
  if (state.outcome === "interrupted") return "pending";
  return state.outcome === "failed" && state.runs <= RETRIES ? "pending" : state.outcome;
}
