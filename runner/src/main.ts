import { execFile } from "node:child_process";
import { accessSync, constants, mkdirSync, readFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { chooseAgent, type ChosenAgent, findProgram, secretValues } from "./agents";
import { awaitedKey, keyArrival } from "./awaited-key";
import { Availability } from "./availability";
import { backup, check } from "./backup";
import { Claims } from "./claims";
import { networkClosed } from "./closed-network";
import { ownCluster } from "./cluster";
import {
  BACKUP,
  BACKUP_CHECK,
  type BackupVariables,
  type CheckVariables,
  type End,
  ENDPOINTS,
  ENDS,
  GIT_SERVICE,
  reportsCosts,
  SSH_FILES,
} from "./contract";
import { readEnvironment } from "./environment";
import type { Environment } from "./execute";
import { serveGit } from "./git-container";
import { readKeyFiles } from "./key-files";
import { layout, type Layout } from "./layout";
import { Ledger } from "./ledger";
import { createEcho, createLog, type Log, redactor } from "./log";
import { Metrics } from "./metrics";
import { headerSecrets } from "./otlp";
import { Publisher, repositoryKey } from "./push";
import { RepositoryPrompts } from "./repository-prompts";
import { retry } from "./retry";
import { serve } from "./server";
import { Source } from "./source";
import { parseSettings, problemReport, type Settings, USAGE } from "./settings";
import { Telemetry } from "./telemetry";
import { runTask } from "./task";
import { Worker } from "./worker";

const VERSION = (
  JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8")) as { version: string }
).version;
/** Seconds: twice the interval of the guide's scrape configuration. */
const LAST_SCRAPE = 60;
const NO_LIMIT =
  "Use claude, or remove the limit: pulumi config rm --path ralph:config.maxCostUsd (or maxDailyCostUsd).";
const PROGRAMS = join(__dirname, "..", "bin");

/** Runs the container: a task if there are flags, else a worker; a `retry` or `git` beside one; a backup. @returns how it ends */
async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<End> {
  if (args[0] === BACKUP) return backUp(args[1] === BACKUP_CHECK, env);
  const retries = args[0] === "retry";
  const servesGit = args.join() === GIT_SERVICE;
  const settings = parseSettings(retries || servesGit ? [] : args, env);
  if (settings === "help") {
    console.log(USAGE);
    return "completed";
  }
  if (!("agent" in settings)) {
    console.error(problemReport(settings));
    return "usage";
  }
  const places: Layout = {
    ...layout(env.RALPH_ROOT ?? "/"),
    source: settings.sourceRepository === undefined ? undefined : repositoryKey(settings.sourceRepository),
    ...(settings.sourcePrompts === undefined ? {} : { repositoryPrompts: join(tmpdir(), "ralph-prompts") }),
  };
  if (retries) {
    console.log(JSON.stringify(await retry(args.slice(1), settings, places)));
    return "completed";
  }
  const inContainer = env !== process.env; // bin/entry has handed it over
  const secrets = [...secretValues(env, inContainer), ...headerSecrets(settings.otlpHeaders)];
  const redact = redactor(secrets);
  // Tokens change, and are known only once they are used.
  const hide = (secret: string): void => void (secrets.includes(secret) || secrets.unshift(secret));
  const keys = (): NodeJS.ProcessEnv => readKeyFiles(places.keys);
  const print = (line: string): void => {
    // What wrote the line may have read a key that was rotated a moment ago.
    for (const secret of [...secretValues(keys(), true), ...keyLines(settings)]) hide(secret);
    process.stdout.write(`${redact(line)}\n`);
  };
  const log = createLog(print, settings.logFormat);
  const stopping = stopOnSignal();

  // Helpers of the agent are there; `smoke` is one of them.
  const environment = { ...env, PATH: `${env.PATH ?? ""}:${PROGRAMS}` };
  if (servesGit) {
    await serveGit(settings, {
      layout: { ...places, workspace: tmpdir() },
      ...{ env: environment, log, signal: stopping, hide, redact },
    });
    return "completed";
  }
  const ralph = findProgram("ralph", environment);
  const metrics = new Metrics();
  const waiting = awaitedKey(settings, { ...environment, ...keys() });
  const agent = waiting ?? usableAgent(settings, environment, places, ralph, keys);
  if (waiting !== undefined) metrics.unavailable = "no_key";
  if (typeof agent !== "string" && settings.agent === "auto")
    log("auto picked the first agent that has a key", { agent: agent.name });

  const pod = env.HOSTNAME ?? hostname();
  const telemetry = new Telemetry(
    settings,
    { "service.version": VERSION, "k8s.pod.name": pod },
    environment,
    log,
  );
  const ledger = new Ledger(join(places.workspace, ".runner", "spent"), pod, settings.maxDailyCostUsd);
  const publisher = new Publisher({
    ...{ settings, layout: places, env: environment, metrics, log, signal: stopping, hide },
    trace: telemetry.push,
  });
  const all: Environment = {
    publisher,
    ...repositoryOf(settings, publisher, places, environment, log),
    telemetry,
    settings,
    layout: places,
    ralph: ralph ?? "ralph",
    wrapper: join(PROGRAMS, "agent"),
    env: environment,
    metrics,
    availability: new Availability(agent, metrics, log, ledger, settings.model),
    ledger,
    log,
    echo: createEcho(print, settings.logFormat, (): Readonly<Record<string, string | number>> => {
      const { current, iterations } = metrics;
      return current === undefined
        ? {}
        : { prompt: current.name, run: current.run, iteration: iterations + 1 };
    }),
    signal:
      waiting === undefined
        ? stopping
        : AbortSignal.any([stopping, keyArrival(settings.agent, keys, stopping)]),
  };
  const claims = new Claims(pod);
  const worker = settings.prompt === undefined ? new Worker(all, agent, claims) : undefined;
  await listen(settings, metrics, worker, all, waiting);
  metrics.built(VERSION, await versionOf(ralph));
  if (!(await networkClosed(settings.closedAddress, log, stopping))) return "interrupted";
  if (worker === undefined) {
    const end = await runTask(settings.prompt ?? "", agent, claims, all);
    await telemetry.close();
    if (settings.metrics && metrics.costUsd > 0) await lastScrape(metrics, stopping);
    return end;
  }
  await worker.run();
  await telemetry.close();
  // Kubernetes starts the container again, with the variables of the Secret.
  return waiting === undefined || stopping.aborted ? "completed" : "configuration";
}

/** What comes from the repository that Ralph works on: the working directories, and prompts. */
function repositoryOf(
  { sourceRepository, sourcePrompts, gitBranchPrefix, prompt }: Settings,
  { server, session }: Publisher,
  { repositoryPrompts: copy }: Layout,
  env: NodeJS.ProcessEnv,
  log: Log,
): Pick<Environment, "source" | "repositoryPrompts"> {
  if (sourceRepository === undefined || server === undefined || session === undefined)
    return { source: undefined };
  return {
    source: new Source(server, session, gitBranchPrefix, env, log),
    ...(prompt !== undefined || sourcePrompts === undefined || copy === undefined
      ? {}
      : { repositoryPrompts: new RepositoryPrompts(server, session, sourcePrompts, copy, log) }),
  };
}

/** It needs neither an agent nor settings of one. */
function backUp(checks: boolean, env: NodeJS.ProcessEnv): Promise<End> {
  const { workspace } = layout(env.RALPH_ROOT ?? "/");
  if (checks) return check(env as unknown as CheckVariables, workspace);
  const log = createLog((line) => void process.stdout.write(`${line}\n`));
  return backup(env as unknown as BackupVariables, { cluster: ownCluster(env), workspace, log });
}

/** The lines of the private SSH key, to be hidden in the log. */
function keyLines({ gitRemote, sourceRepository, gitSsh }: Settings): string[] {
  if (gitRemote === undefined && sourceRepository === undefined) return [];
  try {
    const lines = readFileSync(join(gitSsh, SSH_FILES.privateKey), "utf8").split("\n");
    return lines.map((line) => line.trim()).filter((line) => line.length >= 8 && !line.startsWith("-----"));
  } catch {
    return []; // the first push reports it
  }
}

/** An agent that can run here, or every reason why none can. */
function usableAgent(
  { agent, maxCostUsd, maxDailyCostUsd }: Settings,
  env: NodeJS.ProcessEnv,
  { workspace }: Layout,
  ralph: string | undefined,
  keys: () => NodeJS.ProcessEnv,
): ChosenAgent | string {
  const chosen = chooseAgent(agent, env, keys);
  const limited = maxCostUsd !== undefined || maxDailyCostUsd !== undefined;
  const problems = [
    ...(typeof chosen === "string" ? [chosen] : []),
    ...(limited && typeof chosen !== "string" && !reportsCosts(chosen.name)
      ? [
          `The agent ${chosen.name} does not report what it costs, so no limit in dollars can be kept. ${NO_LIMIT}`,
        ]
      : []),
    ...(ralph === undefined ? ["The program ralph is not in the image."] : []),
    ...(findProgram("git", env) === undefined ? ["The program git is not in the image."] : []),
    ...(isWritable(workspace) ? [] : [`${workspace} is not writable for user ${process.getuid?.()}.`]),
  ];
  return problems.length > 0 || typeof chosen === "string" ? problems.join(" ") : chosen;
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function versionOf(program: string | undefined): Promise<string> {
  if (program === undefined) return "none";
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: 10_000 });
    return /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? "unknown";
  } catch {
    return "unknown";
  }
}

async function listen(
  { port, statusPort, metrics: served, agentTimeout }: Settings,
  metrics: Metrics,
  worker: Worker | undefined,
  { log, availability }: Environment,
  waiting: string | undefined,
): Promise<void> {
  const unready = (): string | undefined => (worker === undefined ? availability.problem : worker.unready);
  try {
    const state = { metrics, served, agentTimeout, unready, waiting };
    await serve(port, state);
    if (statusPort !== undefined) await serve(statusPort, state, [ENDPOINTS.status]);
  } catch (error) {
    if (worker !== undefined) throw error; // without probes a worker would be restarted anyway
    log("running without metrics", { error: (error as Error).message });
  }
}

/** A task's agent reports its cost at the very end: waits until Prometheus has seen it, for two of its intervals at most. */
async function lastScrape(metrics: Metrics, signal: AbortSignal): Promise<void> {
  const before = metrics.scrapes;
  for (let waited = 0; waited < LAST_SCRAPE && metrics.scrapes === before && !signal.aborted; waited++)
    await delay(1000, undefined, { signal }).catch(() => undefined);
}

function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

function fail(error: unknown): never {
  console.error(`error: ${(error as Error).stack ?? String(error)}`);
  process.exit(ENDS.internal.code);
}

process.on("uncaughtException", fail); // by default the exit code would be that of a failed agent
main(process.argv.slice(2), readEnvironment(process.env)).then((end) => process.exit(ENDS[end].code), fail);
