import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import type { ChosenAgent } from "./agents";
import type { Claims } from "./claims";
import { type Environment, execute } from "./execute";
import { discard, queued, retryMark, unique, type Unit } from "./layout";
import { PROMPT_STATES, type PromptState } from "./metrics";
import { Queue } from "./queue";
import { SourceError } from "./source";
import { exhaustedRetries, isDue, isFinal, promptState, readState, type State, writeState } from "./state";
import { fullVolume, isFull } from "./storage";

/** Milliseconds between two scans of the prompts; kubelet takes up to a minute to update a changed one. */
const POLL = 5_000;

/**
 * The Deployment's mode: runs one prompt after another, each content once, alongside other workers. Prompts that are
 * added or edited meanwhile are included.
 */
export class Worker {
  private readonly queue: Queue;
  /** Hashes of prompts that run again only if they are retried by hand, with their final state. */
  private readonly finished = new Map<string, PromptState>();
  private mark = "";
  /** When to retry units that could not be run, as on a full volume; milliseconds since the epoch. */
  private readonly later = new Map<string, number>();
  private failure: string | undefined;
  /** That the volume is full. */
  private full: string | undefined;
  /** Why the repository that the prompts are for cannot be had, and when to try again. */
  private noSource: { readonly reason: string; readonly until: number } | undefined;

  /** @param agent an agent, or why there is none: then the worker stays up and runs nothing */
  constructor(
    private readonly environment: Environment,
    private readonly agent: ChosenAgent | string,
    private readonly claims: Claims,
  ) {
    this.queue = new Queue(environment.layout, environment.settings.skipPrompts);
  }

  /** Why no prompts can be run; undefined if they can. */
  get unready(): string | undefined {
    const { repositoryPrompts, availability } = this.environment;
    return typeof this.agent === "string"
      ? this.agent
      : (this.failure ??
          this.full ??
          this.noSource?.reason ??
          repositoryPrompts?.problem ??
          availability.problem);
  }

  /** Runs prompts until the signal. */
  async run(): Promise<void> {
    const { signal, log, settings, publisher, repositoryPrompts } = this.environment;
    if (settings.skipPrompts.length > 0)
      log("skipping the prompts of tasks and schedules", { prompts: settings.skipPrompts.join() });
    if (typeof this.agent === "string") log("cannot run prompts", { reason: this.agent });
    await repositoryPrompts?.refresh();
    // Keeps the counts current during a run, which may take hours.
    const counting = setInterval(() => {
      void repositoryPrompts?.refresh();
      this.survey();
    }, POLL);
    try {
      while (!signal.aborted) {
        const worked = await this.pass();
        if (worked) continue;
        // This pod may succeed where an earlier one failed to push, for lack of a key for example.
        if (!signal.aborted) await publisher.retry();
        await delay(POLL, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      clearInterval(counting);
      await repositoryPrompts?.idle;
    }
  }

  /** Runs the first prompt that it can claim. @returns whether there was one */
  private async pass(): Promise<boolean> {
    const { availability, signal } = this.environment;
    const units = this.survey();
    if (this.noSource !== undefined && this.noSource.until > Date.now()) return false;
    if (typeof this.agent === "string" || !(await availability.ready(signal))) return false;
    for (const unit of units) {
      if (availability.pause !== undefined || signal.aborted) return false;
      try {
        if (!(await this.runUnit(unit, this.agent))) continue;
        this.full = undefined;
        return true;
      } catch (error) {
        if (error instanceof SourceError) {
          // It would be the same for the next prompt.
          this.noSource = { reason: error.message, until: Date.now() + 60_000 };
          this.environment.log("cannot run prompts", { reason: error.message });
          return false;
        }
        this.cannotRun(unit, error);
      }
    }
    return false;
  }

  private cannotRun({ prompt, name }: Unit, error: unknown): void {
    this.later.set(prompt.hash, Date.now() + 60_000);
    const known = this.full;
    if (isFull(error)) this.full = fullVolume(this.environment.layout.workspace);
    // As long as the volume is full, one line says so.
    if (this.full === undefined || this.full !== known)
      this.environment.log("cannot run the prompt", {
        prompt: name,
        error: this.full ?? (error as Error).message,
      });
  }

  private async runUnit(unit: Unit, agent: ChosenAgent): Promise<boolean> {
    if ((this.later.get(unit.prompt.hash) ?? 0) > Date.now() || !isDue(readState(unit.state))) return false;
    const claim = this.claims.take(unit.state);
    if (claim === undefined) return false;
    try {
      // Another worker may have finished it between the scan and the claim.
      const state = readState(unit.state);
      if (!isDue(state)) return false;
      if (exhaustedRetries(state)) return this.giveUp(unit, state);
      const prompt = this.queue.find(unit.prompt);
      if (prompt === undefined) return false; // it was just edited: the next scan finds it
      const worked = await execute(unit, prompt.content, claim, agent, this.environment);
      this.noSource = undefined;
      if (worked !== undefined) {
        const report = { name: unit.name, prompt: prompt.content, agent: agent.name, state: worked };
        await this.environment.publisher.push(unit, report);
      }
      if (promptState(worked) === "failed")
        this.environment.log("gave up", { prompt: unit.name, again: `./ralphctl retry ${unit.name}` });
      if (worked !== undefined && isFinal(worked.outcome)) discard(unit.cache); // it never runs again by itself
      return true;
    } finally {
      if (claim.held()) claim.release();
      this.survey();
    }
  }

  /** Marks a prompt as failed that would crash every worker, and so block all prompts after it. */
  private giveUp(unit: Unit, state: State): true {
    writeState(unit.state, { ...state, outcome: "failed", ended: new Date().toISOString() });
    this.environment.log("gave up: the runs were killed", { prompt: unit.name, runs: state.runs });
    return true;
  }

  /** Another process may have reset finished prompts (retry.ts). */
  private noticeRetries(): void {
    let mark: string;
    try {
      mark = readFileSync(retryMark(this.environment.layout), "utf8");
    } catch {
      return; // none was retried yet
    }
    if (mark !== this.mark) this.finished.clear();
    this.mark = mark;
  }

  /** Counts the prompts by state. @returns the unfinished units */
  private survey(): Unit[] {
    const { layout, metrics, log } = this.environment;
    const counts = Object.fromEntries(PROMPT_STATES.map((state) => [state, 0])) as Record<
      PromptState,
      number
    >;
    const open: Unit[] = [];
    this.noticeRetries();
    try {
      for (const prompt of unique(this.queue.read())) {
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
      if (this.failure === undefined) log("cannot run prompts", { reason });
      this.failure = reason;
      return [];
    }
    this.failure = undefined;
    metrics.prompts = counts;
    // During a run, only its own progress counts.
    if (metrics.current === undefined) metrics.progress();
    return open;
  }
}
