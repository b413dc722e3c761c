import { parseArgs } from "node:util";

import type { LogFormat } from "./log";
import {
  type AgentChoice,
  type Forge,
  GIT_SERVICE,
  type PULL_REQUESTS,
  type Variable,
  VARIABLES,
} from "./contract";

/** The runner's settings, from flags and variables. Times are seconds. */
export interface Settings {
  readonly agent: AgentChoice;
  /** Task mode: the prompt to run. Without it the runner is a worker. */
  readonly prompt?: string;
  readonly maxIterations: number;
  readonly maxRuntime: number;
  /** Iterations between two commits of the workspace. */
  readonly checkpointInterval: number;
  /** Silence of an agent after which Ralph stops it. */
  readonly agentTimeout: number;
  /** Time for the iteration under way to end after a signal to stop. */
  readonly drain: number;
  /** Dollars for one unit of work, over all its runs. */
  readonly maxCostUsd: number | undefined;
  /** Dollars for all workers on a volume, in a day. */
  readonly maxDailyCostUsd: number | undefined;
  readonly model: string | undefined;
  readonly agentArgs: readonly string[];
  /** Ralph's hats: a preset or a file. */
  readonly hats: string | undefined;
  /** The user's own keys of Ralph's configuration. */
  readonly ralph: Readonly<Record<string, unknown>>;
  readonly logFormat: LogFormat;
  readonly verbose: boolean;
  readonly metrics: boolean;
  readonly port: number;
  /** Port of the status page alone; undefined if it has none. */
  readonly statusPort: number | undefined;
  /** Worker mode: files of /prompts that tasks and schedules run. */
  readonly skipPrompts: readonly string[];
  /** Where results are pushed to; undefined if nowhere. */
  readonly gitRemote: string | undefined;
  readonly gitBranchPrefix: string;
  /** Folder of the credentials for git, and of the server's host keys. */
  readonly gitSsh: string;
  /** The socket of the pod's container `git`; undefined if the runner reaches the server itself. */
  readonly gitSocket: string | undefined;
  /** The only server that gets a token; undefined for that of the repository. */
  readonly gitHost: string | undefined;
  /** Whether CI definitions are pushed with the results. */
  readonly gitAllowCi: boolean;
  readonly gitForge: Forge | undefined;
  readonly gitApi: string | undefined;
  readonly githubApp: string | undefined;
  /** The repository that Ralph works on; undefined if it starts in an empty folder. */
  readonly sourceRepository: string | undefined;
  readonly sourceRef: string | undefined;
  readonly sourceDirectory: string | undefined;
  /** Worker mode: folder of the repository with further prompts. */
  readonly sourcePrompts: string | undefined;
  readonly sourceSetup: string | undefined;
  readonly pullRequest: (typeof PULL_REQUESTS)[number];
  readonly pullRequestBase: string | undefined;
  /** Where traces and the agents' telemetry are sent; undefined if nowhere. */
  readonly otlpEndpoint: string | undefined;
  readonly otlpProtocol: (typeof VARIABLES)["RALPH_OTLP_PROTOCOL"]["choices"][number];
  readonly otlpSignals: readonly string[];
  readonly otlpHeaders: string | undefined;
  readonly otlpAttributes: string | undefined;
  /** Worker mode: the Secret whose key is waited for; undefined if none is. */
  readonly keySecret: string | undefined;
  /** `<address>:<port>` that must be closed before an agent starts; undefined if nothing is waited for. */
  readonly closedAddress: string | undefined;
}

/** An invalid flag or variable. */
export interface Problem {
  readonly name: string;
  readonly problem: string;
}

/** How a setting is read from its variable or flag. */
interface Rule<T> {
  readonly variable: Variable;
  readonly default: T;
  /** The value, or undefined if it is not of the `form`. */
  readonly parse: (text: string) => T | undefined;
  readonly form: string;
}

/** The variables that the contract describes in this way. */
type VariablesWith<Shape> = {
  [Name in Variable]: (typeof VARIABLES)[Name] extends Shape ? Name : never;
}[Variable];

function wholeNumber(variable: VariablesWith<{ readonly min: number }>): Rule<number> {
  const { min, max, default: value } = VARIABLES[variable];
  const parse = (text: string): number | undefined =>
    /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined;
  return { variable, default: value, parse, form: `a whole number from ${min} to ${max}` };
}

const trueOrFalse = (variable: VariablesWith<{ readonly default: boolean }>): Rule<boolean> => ({
  variable,
  default: VARIABLES[variable].default,
  parse: (text) => ({ true: true, false: false })[text],
  form: "true or false",
});

type PatternVariable = VariablesWith<{ readonly pattern: RegExp }>;

function matching<Name extends PatternVariable>(
  variable: Name,
): Rule<string | (typeof VARIABLES)[Name]["default"]> {
  const { pattern, form, default: value } = VARIABLES[variable];
  return { variable, default: value, parse: (text) => (pattern.test(text) ? text : undefined), form };
}

type ChoiceVariable = VariablesWith<{ readonly choices: readonly string[] }>;

function oneOf<Name extends ChoiceVariable>(
  variable: Name,
): Rule<(typeof VARIABLES)[Name]["choices"][number] | (typeof VARIABLES)[Name]["default"]> {
  const { choices, default: value } = VARIABLES[variable];
  return {
    variable,
    default: value,
    parse: (text) => choices.find((choice) => choice === text),
    form: `one of ${choices.join(", ")}`,
  };
}

function list(variable: PatternVariable): Rule<readonly string[]> {
  const { parse, form } = matching(variable);
  return { variable, default: [], parse: (text) => parse(text)?.split(","), form };
}

function number(variable: PatternVariable): Rule<number | undefined> {
  const { parse, form } = matching(variable);
  return {
    variable,
    default: undefined,
    parse: (text) => (parse(text) === undefined ? undefined : Number(text)),
    form,
  };
}

function json<T>(variable: Variable, value: T, form: string, is: (value: unknown) => value is T): Rule<T> {
  const parse = (text: string): T | undefined => {
    try {
      const parsed: unknown = JSON.parse(text);
      return is(parsed) ? parsed : undefined;
    } catch {
      return undefined;
    }
  };
  return { variable, default: value, parse, form };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const RULES: { readonly [Key in Exclude<keyof Settings, "prompt">]: Rule<Settings[Key]> } = {
  agent: oneOf("RALPH_AGENT"),
  maxIterations: wholeNumber("RALPH_MAX_ITERATIONS"),
  maxRuntime: wholeNumber("RALPH_MAX_RUNTIME"),
  checkpointInterval: wholeNumber("RALPH_CHECKPOINT_INTERVAL"),
  agentTimeout: wholeNumber("RALPH_AGENT_TIMEOUT"),
  drain: wholeNumber("RALPH_DRAIN"),
  maxCostUsd: number("RALPH_MAX_COST_USD"),
  maxDailyCostUsd: number("RALPH_MAX_DAILY_COST_USD"),
  model: matching("RALPH_MODEL"),
  agentArgs: json("RALPH_AGENT_ARGS", [], "a JSON array of texts", isTexts),
  hats: matching("RALPH_HATS"),
  ralph: json("RALPH_SETTINGS", {}, "a JSON object", isMap),
  logFormat: {
    variable: "RALPH_LOG_FORMAT",
    default: VARIABLES.RALPH_LOG_FORMAT.default,
    parse: (text) => VARIABLES.RALPH_LOG_FORMAT.choices.find((choice) => choice === text),
    form: `one of ${VARIABLES.RALPH_LOG_FORMAT.choices.join(", ")}`,
  },
  verbose: trueOrFalse("RALPH_VERBOSE"),
  metrics: trueOrFalse("RALPH_ENABLE_METRICS"),
  port: wholeNumber("RALPH_METRICS_PORT"),
  statusPort: number("RALPH_STATUS_PORT"),
  skipPrompts: list("RALPH_SKIP_PROMPTS"),
  gitRemote: matching("RALPH_GIT_REMOTE"),
  gitBranchPrefix: matching("RALPH_GIT_BRANCH_PREFIX"),
  gitSsh: matching("RALPH_GIT_SSH"),
  gitSocket: matching("RALPH_GIT_SOCKET"),
  gitHost: matching("RALPH_GIT_HOST"),
  gitAllowCi: trueOrFalse("RALPH_GIT_ALLOW_CI"),
  gitForge: oneOf("RALPH_GIT_FORGE"),
  gitApi: matching("RALPH_GIT_API"),
  githubApp: matching("RALPH_GITHUB_APP"),
  sourceRepository: matching("RALPH_SOURCE_REPOSITORY"),
  sourceRef: matching("RALPH_SOURCE_REF"),
  sourceDirectory: matching("RALPH_SOURCE_DIRECTORY"),
  sourcePrompts: matching("RALPH_SOURCE_PROMPTS"),
  sourceSetup: matching("RALPH_SOURCE_SETUP"),
  pullRequest: oneOf("RALPH_PULL_REQUEST"),
  pullRequestBase: matching("RALPH_PULL_REQUEST_BASE"),
  otlpEndpoint: matching("RALPH_OTLP_ENDPOINT"),
  otlpProtocol: oneOf("RALPH_OTLP_PROTOCOL"),
  otlpSignals: list("RALPH_OTLP_SIGNALS"),
  otlpHeaders: matching("RALPH_OTLP_HEADERS"),
  otlpAttributes: matching("RALPH_OTLP_ATTRIBUTES"),
  keySecret: matching("RALPH_KEY_SECRET"),
  closedAddress: matching("RALPH_CLOSED_ADDRESS"),
};

/** The flag that overrides a variable, where there is one. */
const FLAGS = new Map(
  Object.entries(VARIABLES).flatMap(([variable, described]) =>
    "flag" in described ? [[variable as Variable, described.flag] as const] : [],
  ),
);
const row = ([name, meaning]: readonly [string, string]): string => `  ${name.padEnd(28)}${meaning}`;

export const USAGE = [
  "usage: runner                             worker: every prompt of /prompts/*.md, once for each content",
  "       runner --prompt=FILE [flags]       task: this prompt, once",
  `       runner ${GIT_SERVICE}                         beside both: reaches the git server for them, on RALPH_GIT_SOCKET`,
  "       runner retry [--all | PROMPT ...]  beside a worker: has failed prompts run again; prints those that are left",
  "",
  row(["--prompt=FILE", "prompt of the task"]),
  ...[...FLAGS].map(([variable, flag]) =>
    row([`--${flag}=`, `overrides ${variable}: ${VARIABLES[variable].meaning}`]),
  ),
  row(["--help", "this text"]),
  "",
  ...Object.entries(VARIABLES).map(([variable, { default: value, meaning }]) =>
    row([variable, `${meaning} (${value ?? "none"})`]),
  ),
].join("\n");

/** Reads flags, else variables, else defaults. @returns every problem at once, or "help" if that is requested */
export function parseSettings(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Settings | "help" | readonly Problem[] {
  const problems: Problem[] = [];
  const flags = parseFlags(args, problems);
  if (flags.has("help")) return "help";
  const values = Object.entries(RULES as Record<string, Rule<unknown>>).map(([key, rule]) => {
    const flag = FLAGS.get(rule.variable);
    const given = flag === undefined ? undefined : flags.get(flag);
    const text = given ?? env[rule.variable];
    if (text === undefined) return [key, rule.default];
    const value = rule.parse(text);
    if (value === undefined) {
      const name = given === undefined ? rule.variable : `--${flag}`;
      problems.push({ name, problem: `must be ${rule.form}, is ${JSON.stringify(text)}` });
    }
    return [key, value];
  });
  const prompt = flags.get("prompt");
  if (args.length > 0 && (prompt === undefined || prompt === "")) {
    problems.push({ name: "--prompt", problem: "is missing: it names the prompt file of the task" });
  }
  return problems.length > 0 ? problems : { ...(Object.fromEntries(values) as Settings), prompt };
}

function parseFlags(args: readonly string[], problems: Problem[]): Map<string, string> {
  const known: string[] = ["prompt", "help", ...FLAGS.values()];
  const options = Object.fromEntries(
    known.map((name) => [name, { type: name === "help" ? ("boolean" as const) : ("string" as const) }]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") {
      problems.push({ name: JSON.stringify(token.value), problem: "is not a flag" });
    } else if (token.kind === "option") {
      if (!known.includes(token.name)) problems.push({ name: token.rawName, problem: "is not a flag" });
      else if (flags.has(token.name)) problems.push({ name: token.rawName, problem: "is given twice" });
      else if (token.name !== "help" && token.value === undefined)
        problems.push({ name: token.rawName, problem: "needs a value" });
      else flags.set(token.name, token.value ?? "");
    }
  }
  return flags;
}

/** All problems, then the usage. */
export function problemReport(problems: readonly Problem[]): string {
  const width = Math.max(...problems.map(({ name }) => name.length));
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [
    `error: ${count}; nothing was run.`,
    ...problems.map(({ name, problem }) => `  ${name.padEnd(width)}  ${problem}`),
    "",
    USAGE,
  ].join("\n");
}
