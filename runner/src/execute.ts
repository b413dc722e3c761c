import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ChosenAgent } from "./agents";
import type { Claim } from "./claims";
import { parseStreamLine } from "./claude-stream";
import type { Settings } from "./contract";
import type { Outcome } from "./exit-codes";
import { Repository } from "./git";
import type { Layout, Unit } from "./layout";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import type { Publisher } from "./push";
import { canResume, type Running, startRalph } from "./ralph";
import { ralphConfig } from "./ralph-config";

/** What is kept of a unit between its runs, on the volume. */
export interface State {
  /** Hash of the prompt that it is about. */
  readonly hash: string;
  readonly runs: number;
  /** Seconds that its runs have taken: the limit of runtime is for all of them together. */
  readonly seconds: number;
  readonly iterations: number;
  /** Undefined while it is under way, and after a run that was killed. */
  readonly outcome?: Outcome;
  /** When, as ISO 8601. */
  readonly ended?: string;
}

/** What a run needs of the process that it is part of. */
export interface Environment {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly ralph: string;
  /** The program that stands between Ralph and its agent (bin/agent). */
  readonly wrapper: string;
  readonly env: NodeJS.ProcessEnv;
  readonly metrics: Metrics;
  readonly publisher: Publisher;
  readonly log: Log;
  /** A line of Ralph's or the agent's, for the log. */
  readonly echo: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs Ralph on a claimed unit to its end: goes on with a loop that was interrupted or has failed, commits the
 * workspace every few iterations and at the end, and keeps within the limits over all runs.
 *
 * @param content of the unit's prompt
 * @returns undefined when another worker has taken the claim over
 */
export async function execute(
  unit: Unit,
  content: string,
  claim: Claim,
  agent: ChosenAgent,
  environment: Environment,
): Promise<State | undefined> {
  const { settings, layout, metrics, log, signal } = environment;
  const before = readState(unit.state);
  const resume = canContinue(before, unit) && canResume(unit.work);
  const spent = resume ? (before?.seconds ?? 0) : 0;
  const runs = canContinue(before, unit) ? (before?.runs ?? 0) + 1 : 1;
  const began = Date.now();
  const seconds = (): number => spent + Math.round((Date.now() - began) / 1000);
  const save = (iterations: number, outcome?: Outcome): State => {
    const ended = outcome === undefined ? {} : { outcome, ended: new Date().toISOString() };
    return writeState(unit.state, { hash: unit.prompt.hash, runs, seconds: seconds(), iterations, ...ended });
  };
  save(resume ? (before?.iterations ?? 0) : 0);

  const repository = await Repository.open(unit.work, environment.env);
  const commit = async (message: string): Promise<void> => {
    try {
      if (await repository.commit(message)) log("committed", { prompt: unit.name, message });
    } catch (error) {
      // The agent may be using git in this moment; the next checkpoint has it all.
      log("commit failed", { prompt: unit.name, error: firstLine(error) });
    }
  };

  log(resume ? "continues" : "starts", { prompt: unit.name, agent: agent.name, run: runs });
  const left = Math.max(1, settings.maxRuntime - spent);
  let pending: Promise<void> = Promise.resolve();
  let checkpoint = resume ? (before?.iterations ?? 0) : 0;
  metrics.started(unit.name, agent.name, resume ? (before?.iterations ?? 0) : 0);
  const run: Running = startRalph(
    {
      ralph: environment.ralph,
      agent,
      cache: layout.cache,
      work: unit.work,
      state: unit.state,
      config: ralphConfig(agent, settings, environment.wrapper, left),
      prompt: content,
      resume,
      verbose: settings.verbose,
    },
    {
      line: (line) => {
        metrics.progress();
        const claude = agent.name === "claude" ? parseStreamLine(line) : undefined;
        if (claude !== undefined) metrics.spent(claude.costUsd, claude.tokens);
        const text = claude?.text ?? line;
        // Without a verbose log, what Ralph complains about remains.
        if (text !== "" && (settings.verbose || / (WARN|ERROR) /.test(text))) environment.echo(text);
      },
      iterations: (total) => {
        metrics.iterated(total);
        save(total);
        if (total - checkpoint < settings.checkpointInterval) return;
        checkpoint = total;
        pending = pending.then(() => commit(`Checkpoint at iteration ${total}`));
      },
      agentEnded: (code) => {
        if (code !== 0) metrics.agentFailed();
      },
    },
  );

  let lost = false;
  claim.onLost = () => {
    lost = true;
    run.stop("interrupted");
  };
  const interrupt = (): void => run.stop("interrupted");
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  // Ralph looks at its own limit between two iterations only, and one may take hours.
  const limit = setTimeout(() => run.stop("limit"), left * 1000);
  try {
    const { outcome, iterations } = await run.ended;
    metrics.ended(outcome);
    await pending;
    if (lost) {
      log("taken over by another worker", { prompt: unit.name });
      return undefined;
    }
    await commit(`${TITLE[outcome]} after ${iterations} iterations`);
    if (existsSync(layout.output)) await repository.copyTo(join(layout.output, unit.name));
    log(outcome, { prompt: unit.name, iterations, seconds: seconds() });
    return save(iterations, outcome);
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", interrupt);
    claim.onLost = () => undefined;
    metrics.current = undefined; // Ralph may not even have started
  }
}

const TITLE: Readonly<Record<Outcome, string>> = {
  completed: "Completed",
  failed: "Failed",
  limit: "Limit reached",
  interrupted: "Interrupted",
};

/** A loop that has completed, or used up its limit, is over; so is one about another prompt. */
const canContinue = (state: State | undefined, { prompt }: Unit): boolean =>
  state?.hash === prompt.hash && state.outcome !== "completed" && state.outcome !== "limit";

const stateFile = (folder: string): string => join(folder, "state.json");

/** Undefined before the first run. */
export function readState(folder: string): State | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(folder), "utf8")) as State;
  } catch {
    return undefined;
  }
}

function writeState(folder: string, state: State): State {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${stateFile(folder)}.new`, JSON.stringify(state));
  renameSync(`${stateFile(folder)}.new`, stateFile(folder)); // whole or not at all
  return state;
}

const firstLine = (error: unknown): string => String((error as Error).message).split("\n")[0] ?? "";
