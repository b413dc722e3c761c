/**
 * `npm run kill-points -- --runs 200 --seed 1`: many life cycles of stacks, each with one interruption in its `up`
 * and one in its `destroy`, on separate control planes. A seed and its index among the runs determine an
 * interruption completely.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Command, InvalidArgumentError } from "commander";

import { LOCAL } from "../../../local/stacks";
import { mochaGlobalSetup, mochaGlobalTeardown } from "../support/fixture";
import { draw } from "./draw";
import { live, type Outcome } from "./live";

interface Options {
  /** Number of interruptions; each life cycle has two. */
  readonly runs: number;
  readonly seed: number;
  readonly workers: number;
  /** Internal, of a worker: its own number. */
  readonly worker?: number;
}

const FILE = join(LOCAL, "kill-points.json");

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("must be a whole number");
  return value;
};

const program = new Command("kill-points")
  .description(
    "Interrupts runs of the engine at random points, recovers, destroys, and checks that nothing is left.",
  )
  .option("--runs <n>", "number of interruptions; each life cycle of a stack has two", count, 200)
  .option("--seed <n>", "seed of the first life cycle; the others follow", count, 1)
  .option("--workers <n>", "number of concurrent control planes", count, 2)
  .option("--worker <n>", "run as this worker (internal)", count)
  .action((options: Options) => (options.worker === undefined ? lead(options) : work(options)));

/** The seeds that one worker runs. */
const seedsOf = ({ runs, seed, workers, worker = 0 }: Options): number[] =>
  Array.from({ length: Math.ceil(runs / 2) }, (_, i) => seed + i).filter((_, i) => i % workers === worker);

async function work(options: Options): Promise<void> {
  await mochaGlobalSetup();
  try {
    for (const seed of seedsOf(options)) {
      for (const outcome of await live(draw(seed))) console.log(JSON.stringify(outcome));
    }
  } finally {
    await mochaGlobalTeardown();
  }
}

async function lead({ runs, seed, workers }: Options): Promise<void> {
  const outcomes: Outcome[] = [];
  const began = Date.now();
  const total = 2 * Math.ceil(runs / 2);
  mkdirSync(LOCAL, { recursive: true });
  const report = (outcome: Outcome): void => {
    outcomes.push(outcome);
    outcomes.sort((x, y) => x.seed - y.seed);
    // After each outcome, so that an interrupted run has reported what it found.
    writeFileSync(FILE, JSON.stringify(outcomes, undefined, 2));
    const { seed: life, cloud, phase, victim, signal, point, outcome: end, clean, problem } = outcome;
    const line = `seed ${life} ${cloud} ${phase}: ${signal} to ${victim} at step ${point}, ${end}`;
    console.error(`[${outcomes.length}/${total}] ${line}${clean ? "" : `: NOT CLEAN: ${problem}`}`);
  };
  const ended = await Promise.all(
    Array.from({ length: workers }, (_, worker) => startWorker({ runs, seed, workers, worker }, report)),
  );
  const clean = outcomes.filter((outcome) => outcome.clean).length;
  console.error(
    `${clean} of ${total} clean in ${Math.round((Date.now() - began) / 1000)} s, seed ${seed}; all in ${FILE}`,
  );
  process.exitCode = clean === total && ended.every((code) => code === 0) ? 0 : 1;
}

/** @returns the exit code of a worker; its outcomes are reported as they arrive */
function startWorker(options: Options, report: (outcome: Outcome) => void): Promise<number> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [...process.execArgv, __filename, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface({ input: child.stdout }).on("line", (line) => report(JSON.parse(line) as Outcome));
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => void child.kill(name));
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

void program.parseAsync();
