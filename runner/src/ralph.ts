import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { ChosenAgent } from "./agents";
import { type Outcome, VARIABLES } from "./contract";
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
  /** Ralph's working directory. */
  readonly work: string;
  /** Folder of the runner's own files of this run. */
  readonly state: string;
  readonly config: string;
  readonly prompt: string;
  /** Whether Ralph resumes the loop that its files describe. */
  readonly resume: boolean;
  readonly verbose: boolean;
}

/** Callbacks of a run in progress. */
export interface Watcher {
  /** A line of output of Ralph or its agent. */
  readonly line: (text: string) => void;
  /** The completed iterations, including those of earlier runs of this loop. */
  readonly iterations: (total: number) => void;
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
  // What an earlier prompt left in its home, such as hooks of its agent, would run in this one.
  rmSync(run.home, { recursive: true, force: true });
  for (const folder of [state, run.home, run.cache]) mkdirSync(folder, { recursive: true });
  writeFileSync(files.config, run.config);
  writeFileSync(files.prompt, run.prompt); // the run keeps its prompt even if the file changes
  rmSync(files.codes, { force: true });
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
      `--prompt-file=${files.prompt}`,
    ],
    { cwd: work, env: environment(run, files.codes, mark), stdio: ["ignore", "pipe", "pipe"] },
  );

  let iterations = iterationsOf(work);
  let codes = 0;
  const look = (): void => {
    const total = iterationsOf(work);
    if (total > iterations) watch.iterations((iterations = total));
    const all = agentCodes(files.codes);
    for (const code of all.slice(codes)) watch.agentEnded(code);
    codes = all.length;
  };
  const timers = [setInterval(look, POLL)];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", watch.line);

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
      look();
      return { outcome: outcomeOf(code, iterations, stopped), iterations };
    },
    (error: unknown) => {
      timers.forEach(clearTimeout);
      throw error;
    },
  );
  return { ended, stop };
}

function environment(
  { agent, verbose, home, cache }: RalphRun,
  codes: string,
  mark: string,
): NodeJS.ProcessEnv {
  const [name = "", value] = mark.split("=");
  return {
    ...agent.env,
    ...gitVariables(agent.env),
    NO_COLOR: "1",
    HOME: home,
    XDG_CACHE_HOME: cache,
    npm_config_cache: join(cache, "npm"),
    // Makes Ralph print the agent's standard error; the mere presence of the variable counts.
    ...(verbose ? { RALPH_VERBOSE: "1" } : {}),
    RUNNER_AGENT: agent.program,
    RUNNER_AGENT_CODES: codes,
    [name]: value,
  };
}

const loopState = (work: string): string => join(work, ".ralph", "api", "loop-state.json");

/** Whether Ralph left a loop here that it can resume. */
export const canResume = (work: string): boolean => existsSync(loopState(work));

/** Completed iterations, by Ralph's own count; 0 before the first. */
export function iterationsOf(work: string): number {
  try {
    const { iteration } = JSON.parse(readFileSync(loopState(work), "utf8")) as { iteration?: unknown };
    // An agent can write this file: no more than the largest limit, which Ralph would have stopped at.
    return Number.isSafeInteger(iteration) ? Math.min(iteration as number, MAX_ITERATIONS) : 0;
  } catch {
    return 0; // none yet, or half written: the next look sees it whole
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
