import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { ChosenAgent } from "./agents";
import type { Claims } from "./claims";
import { type Environment, execute } from "./execute";
import { PromptFolder, queued, type PromptId, readPrompt, type Unit } from "./layout";
import { PROMPT_STATES, type PromptState } from "./metrics";
import { isDeadly, isDue, promptState, readState, type State, writeState } from "./state";

/** Milliseconds between two looks at the prompts: kubelet takes up to a minute to bring a changed one. */
const POLL = 5_000;
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
      const state = readState(unit.state);
      if (!isDue(state)) return false;
      if (isDeadly(state)) return this.giveUp(unit, state);
      const prompt = readPrompt(join(this.environment.layout.prompts, unit.prompt.file));
      if (prompt?.hash !== unit.prompt.hash) return false; // edited in this moment: the next look has it
      const worked = await execute(unit, prompt.content, claim, agent, this.environment);
      if (worked !== undefined) await this.environment.publisher.push(unit);
      return true;
    } finally {
      if (claim.held()) claim.release();
      this.survey();
    }
  }

  /** It would end the next worker as well, and keep all from what waits behind it. */
  private giveUp(unit: Unit, state: State): true {
    writeState(unit.state, { ...state, outcome: "failed", ended: new Date().toISOString() });
    this.environment.log("given up: its runs were killed", { prompt: unit.name, runs: state.runs });
    return true;
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
