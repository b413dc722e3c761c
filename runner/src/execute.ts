import { existsSync } from "node:fs";
import { join } from "node:path";

import type { ChosenAgent } from "./agents";
import type { Availability } from "./availability";
import type { Claim } from "./claims";
import { parseStreamLine, type StreamLine } from "./claude-stream";
import type { Outcome } from "./contract";
import { Repository } from "./git";
import { runSetup } from "./setup";
import type { Source } from "./source";
import { discard, type Layout, type Unit } from "./layout";
import type { Ledger } from "./ledger";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import type { Outage } from "./outage";
import { OutageReader } from "./outage-reader";
import { gitReason } from "./own-git";
import type { Publisher } from "./push";
import type { RepositoryPrompts } from "./repository-prompts";
import { canResume, environmentOf, type Running, startRalph, uncount } from "./ralph";
import { ralphConfig } from "./ralph-config";
import type { Settings } from "./settings";
import { Spending } from "./spending";
import { isFinal, readState, type State, writeState } from "./state";
import type { Telemetry } from "./telemetry";

/** What a run needs from its process. */
export interface Environment {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly ralph: string;
  /** The program between Ralph and its agent (bin/agent). */
  readonly wrapper: string;
  readonly env: NodeJS.ProcessEnv;
  readonly metrics: Metrics;
  readonly availability: Availability;
  readonly ledger: Ledger;
  readonly publisher: Publisher;
  readonly telemetry: Telemetry;
  /** Undefined if prompts start in an empty folder. */
  readonly source: Source | undefined;
  /** Undefined if no prompts come from the repository. */
  readonly repositoryPrompts?: RepositoryPrompts;
  readonly log: Log;
  /** Logs a line of Ralph's or the agent's output. */
  readonly echo: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs Ralph on a claimed unit to its end. Resumes a loop that was interrupted or failed, commits the workspace every
 * few iterations and at the end, and applies the limits to all runs together.
 *
 * @param content the unit's prompt
 * @returns undefined if another worker has taken the claim over
 * @throws SourceError if the repository cannot be had that the unit works on
 */
export async function execute(
  unit: Unit,
  content: string,
  claim: Claim,
  agent: ChosenAgent,
  environment: Environment,
): Promise<State | undefined> {
  const { settings, metrics, availability, log, signal, source } = environment;
  const began = performance.now();
  const ran = (): number => (performance.now() - began) / 1000;
  const repository = await (source?.prepare(unit) ?? Repository.open(unit.work, environment.env));
  const folder = join(unit.work, settings.sourceDirectory ?? "");
  const before = readState(unit.state);
  const resumed = isResumable(before, unit) ? before : undefined;
  const resume = resumed !== undefined && canResume(folder);
  const { runs = 0, failures = 0, seconds: spent = 0 } = resumed ?? {};
  const spending = new Spending(
    unit.state,
    { costUsd: resumed?.costUsd ?? 0, tokens: resumed?.tokens ?? {} },
    settings.maxCostUsd,
    environment.ledger,
  );
  const first = resume ? resumed.iterations : 0;
  const save = (iterations: number, failed: boolean, outcome?: Outcome): State =>
    writeState(unit.state, {
      hash: unit.prompt.hash,
      runs: runs + 1,
      failures: failures + (failed ? 1 : 0),
      seconds: spent + Math.round(ran()),
      iterations,
      ...(spending.total.costUsd > 0 ? spending.total : {}),
      ...(outcome === undefined ? {} : { outcome, ended: new Date().toISOString() }),
    });
  save(first, true);

  const checkpoint = async (message: string): Promise<void> => {
    try {
      const { committed } = await repository.commit(message);
      if (committed) log("committed", { prompt: unit.name, message });
    } catch (error) {
      // The agent may be using git right now; the next commit includes everything.
      log("commit failed", { prompt: unit.name, error: firstLine(error) });
    }
  };

  log(resume ? "resumed" : "started", { prompt: unit.name, agent: agent.name, run: runs + 1 });
  // What an earlier prompt left in its home, such as hooks of its agent, would run in this one.
  discard(unit.home);
  const left = Math.max(1, settings.maxRuntime - spent);
  const places = { agent, home: unit.home, cache: unit.cache };
  const unprepared =
    settings.sourceSetup === undefined || source === undefined
      ? undefined
      : await runSetup({
          command: settings.sourceSetup,
          folder,
          env: environmentOf(places),
          left,
          line: (line) => {
            metrics.progress();
            if (settings.verbose) environment.echo(line);
          },
          signal,
        });
  if (unprepared !== undefined) {
    const outcome = signal.aborted ? "interrupted" : "setup";
    log(`the setup command ${unprepared}`, { prompt: unit.name });
    return save(first, outcome === "setup", outcome);
  }
  let pending: Promise<void> = Promise.resolve();
  let committed = first;
  const reader = new OutageReader(agent.name);
  let outage: Outage | undefined;
  /** When a run that is asked to stop has to, in seconds since it began. */
  let stopAt = Infinity;
  /** Calls that have failed since the last one that did not. */
  let failed = 0;
  const pause = (found: Outage | undefined): void => {
    if (found === undefined || availability.answersOthers) return;
    outage ??= found;
    run.stop("unavailable");
  };
  metrics.started(unit.name, agent.name, first, runs + 1);
  const trace = environment.telemetry.startRun(agent.name, unit.name, runs + 1, first);
  const run: Running = startRalph(
    {
      ralph: environment.ralph,
      ...places,
      agent: { ...agent, env: { ...agent.env, ...trace.variables } },
      keys: environment.layout.keys,
      work: folder,
      state: unit.state,
      config: ralphConfig(agent, settings, environment.wrapper, left),
      prompt: content,
      resume,
      hats: settings.hats,
      budget: spending.file,
    },
    {
      line: (line) => {
        metrics.progress();
        const claude = agent.name === "claude" ? parseStreamLine(line) : undefined;
        if (claude !== undefined) pay(claude);
        pause(reader.line(line));
        const text = claude?.text ?? line;
        // Without verbose output, Ralph's warnings and errors are still logged.
        if (text !== "" && (settings.verbose || / (WARN|ERROR) /.test(text))) environment.echo(text);
      },
      iterations: (total) => {
        metrics.iterated(total);
        trace.iterated(total);
        if (stopAt < Infinity) interrupt();
        try {
          if (!claim.held()) return interrupt();
          save(total, false);
        } catch (error) {
          // On a full volume, for example: no reason to stop the run, and the final save reports it.
          log("cannot save the progress", { prompt: unit.name, error: firstLine(error) });
        }
        if (total - committed < settings.checkpointInterval) return;
        committed = total;
        pending = pending.then(() => checkpoint(`Checkpoint at iteration ${total}`));
      },
      agentEnded: (code) => {
        const found = reader.ended(code);
        failed = code === 0 ? 0 : failed + 1;
        if (code === 0) return availability.worked();
        metrics.agentFailed();
        pause(found);
      },
    },
  );

  const pay = (line: StreamLine): void => {
    metrics.spent(line.costUsd, line.tokens);
    try {
      spending.add(line);
    } catch (error) {
      log("cannot save what was spent", { prompt: unit.name, error: firstLine(error) });
    }
    if (spending.left <= 0) run.stop("limit");
    else if (line.costUsd > 0) pause(environment.ledger.outage());
  };
  const interrupt = (): void => run.stop("interrupted");
  claim.onLost = interrupt;
  if (signal.aborted || !claim.held()) interrupt();
  if (spending.left <= 0) run.stop("limit");
  const drain = (): void => {
    if (settings.drain === 0) return interrupt();
    log("finishing the iteration", { prompt: unit.name, seconds: settings.drain });
    stopAt = ran() + settings.drain;
  };
  signal.addEventListener("abort", drain, { once: true });
  // Ralph checks its own limit only between two iterations, and one may take hours.
  const limit = setInterval(() => {
    if (ran() >= left) run.stop("limit");
    if (ran() >= stopAt) interrupt();
  }, 500);
  try {
    let { outcome, iterations } = await run.ended;
    // A call that was ended for its silence does not say why.
    if (outcome === "failed" && !availability.answersOthers) {
      const found = await availability.probe(signal);
      if (found !== undefined && found.crashed === undefined) {
        outage = found;
        outcome = "unavailable";
        failed = FAILURES_IN_A_ROW;
      }
    }
    if (outcome === "unavailable" && outage !== undefined) {
      iterations = Math.max(first, uncount(folder, failed));
      availability.failed(outage);
    }
    metrics.ended(outcome);
    const { costUsd } = spending.total;
    trace.end(outcome, { "ralph.cost_usd": costUsd > 0 ? costUsd : undefined });
    await pending;
    if (!claim.held()) {
      log("taken over by another worker", { prompt: unit.name });
      return undefined;
    }
    await saveResults(repository, unit, `${TITLE[outcome]} after ${iterations} iterations`, environment);
    const state = save(iterations, outcome === "failed", outcome);
    log(outcome, { prompt: unit.name, iterations, seconds: state.seconds, ...spentFields(state) });
    return state;
  } finally {
    clearInterval(limit);
    signal.removeEventListener("abort", drain);
    claim.onLost = () => undefined;
    metrics.current = undefined; // even if Ralph never started
    trace.end("failed");
    discard(unit.home);
  }
}

/** Saves the results where they outlive the pod. Trouble with that is reported, and does not undo a run. */
async function saveResults(
  repository: Repository,
  unit: Unit,
  title: string,
  { layout, log, metrics }: Environment,
): Promise<void> {
  const prompt = unit.name;
  const trying = async (what: string, step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      metrics.commitFailed();
      log(`${what} failed`, { prompt, error: gitReason(error) });
    }
  };
  await trying("commit", async () => {
    if (await repository.ensure())
      log("the agent left no usable .git: its own commits are lost, its files are kept", { prompt });
    repository.unlock(); // no process works here any more, but one of the agent's git processes may have been killed
    const { committed, skipped } = await repository.commit(title);
    if (committed) log("committed", { prompt, message: title });
    if (skipped.length > 0) {
      metrics.commitFailed();
      log("files that cannot be read were not committed", { prompt, files: skipped.join() });
    }
    const nested = await repository.nested();
    const filled = await repository.filled();
    if (filled.length > 0) {
      metrics.commitFailed();
      log("files in the folders of submodules were not committed", { prompt, folders: filled.join() });
    }
    if (nested.length > 0) log("nested repositories were not committed", { prompt, folders: nested.join() });
  });
  await trying("copy to /output", async () => {
    if (existsSync(layout.output)) await repository.copyTo(join(layout.output, prompt));
  });
}

const TITLE: Readonly<Record<Outcome, string>> = {
  completed: "Completed",
  failed: "Failed",
  stuck: "Without progress",
  stopped: "Stopped by hand",
  limit: "Limit reached",
  setup: "Setup failed",
  interrupted: "Interrupted",
  unavailable: "Paused",
};

/** A loop that has come to an end, or had another prompt, is not resumed. */
const isResumable = (state: State | undefined, { prompt }: Unit): boolean =>
  state?.hash === prompt.hash && !isFinal(state.outcome);

const spentFields = ({ costUsd, tokens }: State): Record<string, number> =>
  costUsd === undefined ? {} : { costUsd, ...tokens };

/** Ralph's `max_consecutive_failures`, at which it gives up. */
const FAILURES_IN_A_ROW = 5;

const firstLine = (error: unknown): string => String((error as Error).message).split("\n")[0] ?? "";
