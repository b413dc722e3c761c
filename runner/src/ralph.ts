import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { type ChosenAgent, keyNames } from "./agents";
import { type Agent, AGENTS, type Outcome, VARIABLES } from "./contract";
import { withoutPrompts } from "./log";
import { outcomeOf } from "./outcome";
import { gitVariables } from "./git";
import { endRun } from "./processes";

/** Milliseconds between two reads of the files that Ralph and its agent write. */
const POLL = 500;
const MAX_ITERATIONS = VARIABLES.RALPH_MAX_ITERATIONS.max;
/** Milliseconds that Ralph has to end after SIGTERM: it gives its agent 250, and writes a summary. */
const GRACE = 10_000;

export interface RalphRun {
  readonly ralph: string;
  readonly agent: ChosenAgent;
  /** HOME of Ralph and its agent: empty at first, and of this run only. */
  readonly home: string;
  readonly cache: string;
  /** Folder of the agent's keys. */
  readonly keys: string;
  /** Ralph's working directory. */
  readonly work: string;
  /** Folder of the runner's own files of this run. */
  readonly state: string;
  readonly config: string;
  readonly prompt: string;
  /** Whether Ralph resumes the loop that its files describe. */
  readonly resume: boolean;
  readonly hats: string | undefined;
  /** The file with what the next call may cost. */
  readonly budget: string;
}

/** Callbacks of a run in progress. */
export interface Watcher {
  /** A line of output of Ralph or its agent, standard error included. */
  readonly line: (text: string) => void;
  /** The completed iterations, including those of earlier runs of this loop. */
  readonly iterations: (total: number) => void;
  /** A call of the agent has ended, at least half a second after its last line. */
  readonly agentEnded: (code: number) => void;
}

export interface Running {
  readonly ended: Promise<{ readonly outcome: Outcome; readonly iterations: number }>;
  /** Stops the run; the reason becomes its outcome, unless it has just completed by itself. */
  readonly stop: (reason: Outcome) => void;
}

/** Starts Ralph, headless, on one prompt. All its child processes have ended when `ended` resolves. */
export function startRalph(run: RalphRun, watch: Watcher): Running {
  const { work, state } = run;
  const files = {
    config: join(state, "ralph.yml"),
    prompt: join(state, "prompt.md"),
    codes: join(state, "codes"),
  };
  for (const folder of [state, run.home, run.cache]) mkdirSync(folder, { recursive: true });
  writeFileSync(files.config, run.config);
  writeFileSync(files.prompt, run.prompt); // the run keeps its prompt even if the file changes
  for (const old of [files.codes, join(work, ".ralph", "agent", "summary.md")]) rmSync(old, { force: true });
  if (run.resume) ensureScratchpad(work);
  else rmSync(loopState(work), { force: true }); // of an earlier loop

  const mark = `RUNNER_RUN=${randomUUID()}`;
  const child = spawn(
    run.ralph,
    [
      ...[
        "--color=never",
        `--config=${files.config}`,
        "run",
        "--autonomous",
        "--exclusive",
        "--no-auto-merge",
      ],
      ...(run.resume ? ["--continue"] : []),
      ...(run.hats === undefined ? [] : [`--hats=${run.hats}`]),
      `--prompt-file=${files.prompt}`,
    ],
    { cwd: work, env: ralphEnvironment(run, files.codes, mark), stdio: ["ignore", "pipe", "pipe"] },
  );

  let iterations = iterationsOf(work);
  let codes = 0;
  let seen = 0;
  const look = (last = false): void => {
    const total = iterationsOf(work);
    if (total > iterations) watch.iterations((iterations = total));
    const all = agentCodes(files.codes);
    const settled = last ? all.length : seen;
    for (const code of all.slice(codes, settled)) watch.agentEnded(code);
    codes = settled;
    seen = all.length;
  };
  const timers = [setInterval(look, POLL)];
  createInterface({ input: child.stdout }).on("line", watch.line);
  createInterface({ input: child.stderr }).on("line", withoutPrompts(watch.line));

  let stopped: Outcome | undefined;
  const stop = (reason: Outcome): void => {
    if (stopped !== undefined) return;
    stopped = reason;
    child.kill("SIGTERM");
    timers.push(setTimeout(() => child.kill("SIGKILL"), GRACE));
  };
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code));
  }).then(
    async (code) => {
      timers.forEach(clearTimeout);
      await endRun(mark);
      look(true);
      return { outcome: outcomeOf(code, iterations, stopped, statusOf(work)), iterations };
    },
    (error: unknown) => {
      timers.forEach(clearTimeout);
      throw error;
    },
  );
  return { ended, stop };
}

/** What a run's processes find in their environment. */
export const environmentOf = ({ agent, home, cache }: Pick<RalphRun, "agent" | "home" | "cache">) => ({
  ...agent.env,
  ...gitVariables(agent.env),
  NO_COLOR: "1",
  HOME: home,
  XDG_CACHE_HOME: cache,
  npm_config_cache: join(cache, "npm"),
});

function ralphEnvironment(run: RalphRun, codes: string, mark: string): NodeJS.ProcessEnv {
  const { agent, budget, keys } = run;
  const [name = "", value] = mark.split("=");
  const row: Agent = AGENTS[agent.name];
  return {
    ...environmentOf(run),
    // Makes Ralph print the agent's standard error, which says why a call failed.
    RALPH_VERBOSE: "1",
    RUNNER_AGENT: agent.program,
    RUNNER_AGENT_CODES: codes,
    RUNNER_AGENT_BUDGET: budget,
    RUNNER_AGENT_BUDGET_FLAG: row.budgetFlag ?? "",
    RUNNER_AGENT_KEYS: keys,
    RUNNER_AGENT_KEY_NAMES: keyNames(row),
    [name]: value,
  };
}

const loopState = (work: string): string => join(work, ".ralph", "api", "loop-state.json");

/** Whether Ralph left a loop here that it can resume. */
export const canResume = (work: string): boolean => existsSync(loopState(work));

/** Completed iterations, by Ralph's own count; 0 before the first. */
function iterationsOf(work: string): number {
  try {
    const { iteration } = JSON.parse(readFileSync(loopState(work), "utf8")) as { iteration?: unknown };
    // An agent can write this file: no more than the largest limit, which Ralph would have stopped at.
    return Number.isSafeInteger(iteration) ? Math.min(iteration as number, MAX_ITERATIONS) : 0;
  } catch {
    return 0; // none yet, or half written: the next look sees it whole
  }
}

/**
 * Takes calls back that the model API refused: as iterations they would use up the limit.
 *
 * @returns the iterations that count
 */
export function uncount(work: string, calls: number): number {
  const iterations = Math.max(0, iterationsOf(work) - calls);
  if (iterations === 0) rmSync(loopState(work), { force: true });
  else {
    const state = JSON.parse(readFileSync(loopState(work), "utf8")) as object;
    writeFileSync(loopState(work), JSON.stringify({ ...state, iteration: iterations }));
  }
  return iterations;
}

/** The status in the summary that Ralph writes at its end. */
function statusOf(work: string): string | undefined {
  try {
    const summary = readFileSync(join(work, ".ralph", "agent", "summary.md"), "utf8");
    return /^\*\*Status:\*\* (.*)$/m.exec(summary)?.[1];
  } catch {
    return undefined;
  }
}

/** Ralph refuses to go on without one, and an agent need not have written any. */
function ensureScratchpad(work: string): void {
  const folder = join(work, ".ralph", "agent");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "scratchpad.md");
  if (!existsSync(file)) writeFileSync(file, "");
}

function agentCodes(file: string): number[] {
  try {
    return readFileSync(file, "utf8").split("\n").slice(0, -1).map(Number);
  } catch {
    return [];
  }
}
