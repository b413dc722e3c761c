import { parseArgs } from "node:util";

import { type AgentName, CHOICES } from "./agents";
import {
  BRANCH_PREFIX,
  BRANCH_PREFIX_FORM,
  DEFAULT_BRANCH_PREFIX,
  REMOTE,
  REMOTE_FORM,
  SSH_FOLDER,
} from "./remote";

/** What flags and variables say. Times are seconds. */
export interface Settings {
  readonly agent: AgentName | "auto";
  /** Task mode: the prompt to run. Without it the runner is a worker. */
  readonly prompt?: string;
  readonly maxIterations: number;
  readonly maxRuntime: number;
  /** Iterations between two commits of the workspace. */
  readonly checkpointInterval: number;
  /** Silence of an agent after which Ralph ends it. */
  readonly agentTimeout: number;
  readonly verbose: boolean;
  readonly metrics: boolean;
  readonly port: number;
  /** Worker mode: files of /prompts that are somebody else's to run. */
  readonly skipPrompts: readonly string[];
  /** Where results are pushed to; undefined: nowhere. */
  readonly gitRemote: string | undefined;
  readonly gitBranchPrefix: string;
  /** Folder of the key that may push, and of the server's own keys. */
  readonly gitSsh: string;
}

/** A flag or variable that cannot be used. */
export interface Problem {
  readonly name: string;
  readonly problem: string;
}

interface Rule<T> {
  readonly variable: string;
  readonly flag?: string;
  readonly default: T;
  readonly meaning: string;
  /** The value, or undefined if it is none; `form` says what would be. */
  readonly parse: (text: string) => T | undefined;
  readonly form: string;
}

const whole = (min: number, max: number): Pick<Rule<number>, "parse" | "form"> => ({
  form: `a whole number from ${min} to ${max}`,
  parse: (text) =>
    /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined,
});
const yesOrNo: Pick<Rule<boolean>, "parse" | "form"> = {
  form: "true or false",
  parse: (text) => ({ true: true, false: false })[text],
};
const INT32 = 2 ** 31 - 1; // as the keys of the Pulumi configuration

/** Every flag and variable; defaults are the guide's, Ralph's own for the agent's silence. */
export const RULES: { readonly [Key in Exclude<keyof Settings, "prompt">]: Rule<Settings[Key]> } = {
  agent: {
    variable: "RALPH_AGENT",
    flag: "agent",
    default: "auto",
    meaning: "agent; auto takes the first that has a key",
    form: `one of ${CHOICES.join(", ")}`,
    parse: (text) => CHOICES.find((choice) => choice === text),
  },
  maxIterations: {
    variable: "RALPH_MAX_ITERATIONS",
    flag: "max-iterations",
    default: 100,
    meaning: "iterations after which a run ends",
    ...whole(1, INT32),
  },
  maxRuntime: {
    variable: "RALPH_MAX_RUNTIME",
    default: 14400,
    meaning: "seconds after which a run ends",
    ...whole(1, INT32),
  },
  checkpointInterval: {
    variable: "RALPH_CHECKPOINT_INTERVAL",
    default: 5,
    meaning: "iterations between two commits of the workspace",
    ...whole(1, INT32),
  },
  agentTimeout: {
    variable: "RALPH_AGENT_TIMEOUT",
    default: 300,
    meaning: "seconds of silence after which Ralph ends an agent",
    ...whole(1, INT32),
  },
  verbose: {
    variable: "RALPH_VERBOSE",
    default: true,
    meaning: "whether the log has what Ralph and the agent say",
    ...yesOrNo,
  },
  metrics: {
    variable: "RALPH_ENABLE_METRICS",
    default: true,
    meaning: "whether /metrics is served",
    ...yesOrNo,
  },
  port: {
    variable: "RALPH_METRICS_PORT",
    default: 8080,
    meaning: "port of /metrics, /healthz, /readyz and the status page",
    ...whole(1, 65535),
  },
  skipPrompts: {
    variable: "RALPH_SKIP_PROMPTS",
    default: [],
    meaning: "prompts that a worker leaves to tasks and schedules, by commas",
    form: "names of Markdown files, separated by commas",
    parse: (text) => (/^[-.\w]+\.md(,[-.\w]+\.md)*$/.test(text) ? text.split(",") : undefined),
  },
  gitRemote: {
    variable: "RALPH_GIT_REMOTE",
    default: undefined,
    meaning: "git repository that results are pushed to",
    form: REMOTE_FORM,
    parse: (text) => (REMOTE.test(text) ? text : undefined),
  },
  gitBranchPrefix: {
    variable: "RALPH_GIT_BRANCH_PREFIX",
    default: DEFAULT_BRANCH_PREFIX,
    meaning: "what the names of their branches begin with",
    form: BRANCH_PREFIX_FORM,
    parse: (text) => (BRANCH_PREFIX.test(text) ? text : undefined),
  },
  gitSsh: {
    variable: "RALPH_GIT_SSH",
    default: SSH_FOLDER,
    meaning: "folder with the ssh-privatekey and the known_hosts for it",
    form: "an absolute path",
    parse: (text) => (text.startsWith("/") ? text : undefined),
  },
};

const defaultOf = ({ default: value }: { readonly default: unknown }): string =>
  value === undefined || (Array.isArray(value) && value.length === 0) ? "none" : String(value);
const row = ([name, meaning]: readonly [string, string]): string => `  ${name.padEnd(28)}${meaning}`;

export const USAGE = [
  "usage: runner                             worker: every prompt of /prompts/*.md, once for each content",
  "       runner --prompt=FILE [flags]       task: this prompt, once",
  "",
  row(["--prompt=FILE", "prompt of the task"]),
  ...Object.values(RULES).flatMap(({ flag, variable, meaning }) =>
    flag === undefined ? [] : [row([`--${flag}=`, `instead of ${variable}: ${meaning}`])],
  ),
  row(["--help", "this text"]),
  "",
  ...Object.values(RULES).map((rule) => row([rule.variable, `${rule.meaning} (${defaultOf(rule)})`])),
].join("\n");

/** Flags over variables over defaults, or everything that is wrong with them; `help` when that is asked for. */
export function parseContract(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Settings | "help" | readonly Problem[] {
  const problems: Problem[] = [];
  const flags = parseFlags(args, problems);
  if (flags.has("help")) return "help";
  const values = Object.entries(RULES as Record<string, Rule<unknown>>).map(([key, rule]) => {
    const flag = rule.flag === undefined ? undefined : flags.get(rule.flag);
    const text = flag ?? env[rule.variable];
    if (text === undefined) return [key, rule.default];
    const value = rule.parse(text);
    if (value === undefined) {
      const name = flag === undefined ? rule.variable : `--${rule.flag}`;
      problems.push({ name, problem: `must be ${rule.form}, is ${JSON.stringify(text)}` });
    }
    return [key, value];
  });
  const prompt = flags.get("prompt");
  if (args.length > 0 && (prompt === undefined || prompt === "")) {
    problems.push({ name: "--prompt", problem: "is missing: the file that the task runs" });
  }
  return problems.length > 0 ? problems : { ...(Object.fromEntries(values) as Settings), prompt };
}

function parseFlags(args: readonly string[], problems: Problem[]): Map<string, string> {
  const known = ["prompt", "help", ...Object.values(RULES).flatMap(({ flag }) => flag ?? [])];
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
      problems.push({ name: JSON.stringify(token.value), problem: "is no flag" });
    } else if (token.kind === "option") {
      if (!known.includes(token.name)) problems.push({ name: token.rawName, problem: "is no flag" });
      else if (flags.has(token.name)) problems.push({ name: token.rawName, problem: "is given twice" });
      else if (token.name !== "help" && token.value === undefined)
        problems.push({ name: token.rawName, problem: "needs a value" });
      else flags.set(token.name, token.value ?? "");
    }
  }
  return flags;
}

/** All problems at once, then the usage. */
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
