/**
 * What the runner and those who start it agree on: variables, flags, exit codes, paths and ports. Plain data
 * without imports of others, so that the workload's schema and manifests, and the doctor, can use the same values.
 */

import { AGENT_CHOICES } from "./agents";
import type { Outcome } from "./ends";

export * from "./agents";
export * from "./backup";
export * from "./ends";

/** A full commit id. */
export const COMMIT_ID = /^[0-9a-f]{40}$/;

const USER = String.raw`[\w.-]+@`;
const HOST = String.raw`[A-Za-z0-9][A-Za-z0-9.-]*`;
/** 1 to 65535. */
const PORT = String.raw`(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])`;
/** Parts of a path; none begins with a dash, which git would take for a flag. */
const PATH = String.raw`[\w.~+][\w.~+\/-]*`;
/**
 * An address that git reaches by SSH, `git@host:path` or `ssh://git@host:port/path`, or by HTTPS. SSH needs the user,
 * since the container's own user exists on no server. Credentials within an address are not accepted.
 */
export const GIT_REMOTE = {
  pattern: new RegExp(
    String.raw`^(?:(?:ssh:\/\/${USER}|https:\/\/)${HOST}(?::${PORT})?\/${PATH}|${USER}${HOST}:\/?${PATH})$`,
  ),
  form: "an address such as https://github.com/owner/name.git or git@github.com:owner/name.git",
} as const;

/** Of a repository: without `..`, and no part begins with a dash. */
const FOLDER = /^\.?[\w@+-]+(?:[. ][\w@+-]+)*(?:\/\.?[\w@+-]+(?:[. ][\w@+-]+)*)*$/;
const FOLDER_FORM = "a relative path of a folder in the repository";

/** The files in `MOUNTS.ssh`; the first is named as in Secrets of type kubernetes.io/ssh-auth. */
export const SSH_FILES = { privateKey: "ssh-privatekey", knownHosts: "known_hosts" } as const;
/** The files there for HTTPS: a token, or the private key of a GitHub App; and the server's own certificate authority. */
export const HTTPS_FILES = { token: "token", appKey: "github-app.pem", ca: "ca.crt" } as const;

/** The programs on servers that pull requests are opened by. */
export const FORGES = ["github", "gitlab", "gitea"] as const;
export type Forge = (typeof FORGES)[number];
export const PULL_REQUESTS = ["none", "ready", "draft"] as const;

/** The argument by which the image serves git to a worker or a task in another container of its pod. */
export const GIT_SERVICE = "git";

/** Where the container expects its volumes. */
export const MOUNTS = {
  prompts: "/prompts",
  workspace: "/workspace",
  cache: "/app/.cache",
  /** A task's results; optional. */
  output: "/output",
  home: "/home/ralph",
  ssh: "/etc/ralph/ssh",
  /** The keys of the pod's agent, each a file with the name of its variable; optional. */
  keys: "/etc/ralph/keys",
  /** The socket of the container `git`. */
  socket: "/run/ralph",
} as const;

export const METRICS_PORT = 8080;
/** The status page alone, for what is reachable from outside of the cluster. */
export const STATUS_PORT = 8081;
/** Paths of the HTTP server on that port. */
export const ENDPOINTS = { live: "/healthz", ready: "/readyz", metrics: "/metrics", status: "/" } as const;

const INT32 = 2 ** 31 - 1;

const DOLLARS = {
  pattern: /^(?=.*[1-9])\d{1,9}(?:\.\d{1,6})?$/,
  form: "an amount of dollars above 0",
} as const;

/**
 * Every variable with its flag, default and bounds. Defaults are the guide's, except the agent's silence: Ralph's own,
 * 300 s, is less than a stalled API takes to fail, or a build in a tool of Gemini CLI, which prints nothing meanwhile.
 * Times are seconds.
 */
export const VARIABLES = {
  RALPH_AGENT: {
    flag: "agent",
    default: "auto",
    choices: AGENT_CHOICES,
    meaning: "agent to run; auto picks the first one that has a key",
  },
  RALPH_MAX_ITERATIONS: {
    flag: "max-iterations",
    default: 100,
    min: 1,
    max: INT32,
    meaning: "iterations after which a run ends",
  },
  RALPH_MAX_RUNTIME: { default: 14400, min: 1, max: INT32, meaning: "seconds after which a run ends" },
  RALPH_CHECKPOINT_INTERVAL: {
    default: 5,
    min: 1,
    max: INT32,
    meaning: "iterations between two commits of the workspace",
  },
  RALPH_AGENT_TIMEOUT: {
    default: 1800,
    min: 1,
    max: INT32,
    meaning: "seconds of silence after which Ralph stops an agent",
  },
  RALPH_DRAIN: {
    default: 0,
    min: 0,
    max: INT32,
    meaning: "seconds that the iteration under way may take to end after a signal to stop",
  },
  RALPH_MAX_COST_USD: {
    default: undefined,
    ...DOLLARS,
    meaning: "dollars after which the work on a prompt ends, over all its runs",
  },
  RALPH_MAX_DAILY_COST_USD: {
    default: undefined,
    ...DOLLARS,
    meaning: "dollars after which all workers on a volume pause until the next day (UTC)",
  },
  RALPH_MODEL: {
    default: undefined,
    pattern: /^[\w][\w.:/@[\]-]*$/,
    form: "a model's name",
    meaning: "model that the agent uses",
  },
  RALPH_AGENT_ARGS: { default: undefined, meaning: "further arguments of the agent, as a JSON array" },
  RALPH_HATS: {
    default: undefined,
    pattern: /^[\w.:/-]+$/,
    form: "a preset such as builtin:code-assist, or a file",
    meaning: "Ralph's hats",
  },
  RALPH_SETTINGS: { default: undefined, meaning: "further keys of Ralph's configuration, as a JSON object" },
  RALPH_LOG_FORMAT: {
    default: "text",
    choices: ["text", "json"],
    meaning: "form of the log: text, or one JSON object a line",
  },
  RALPH_VERBOSE: { default: true, meaning: "whether the log has the output of Ralph and the agent" },
  RALPH_ENABLE_METRICS: { default: true, meaning: "whether /metrics is served" },
  RALPH_METRICS_PORT: {
    default: METRICS_PORT,
    min: 1,
    max: 65535,
    meaning: "port of /metrics, /healthz, /readyz and the status page",
  },
  RALPH_STATUS_PORT: {
    default: undefined,
    pattern: new RegExp(`^${PORT}$`),
    form: "a port",
    meaning: "port of the status page alone, for access from outside of the cluster",
  },
  RALPH_SKIP_PROMPTS: {
    default: undefined,
    pattern: /^[-.\w]+\.md(,[-.\w]+\.md)*$/,
    form: "names of Markdown files, separated by commas",
    meaning: "prompts that workers skip, separated by commas",
  },
  RALPH_GIT_REMOTE: {
    default: undefined,
    ...GIT_REMOTE,
    meaning: "git repository that results are pushed to",
  },
  RALPH_GIT_BRANCH_PREFIX: {
    default: "ralph/",
    /** What git accepts before any name. */
    pattern: /^\w[\w-]*(?:\/[\w-]+)*\/?$/,
    form: "words of letters, digits, '_' and '-', separated by '/'",
    meaning: "prefix of the branches' names",
  },
  RALPH_GIT_SSH: {
    default: MOUNTS.ssh,
    pattern: /^\//,
    form: "an absolute path",
    meaning: "folder with the credentials for git, and the server's keys",
  },
  RALPH_GIT_SOCKET: {
    default: undefined,
    pattern: /^\//,
    form: "an absolute path",
    meaning: "socket of the container that reaches the git server; by default the runner does so itself",
  },
  RALPH_GIT_HOST: {
    default: undefined,
    pattern: /^[A-Za-z0-9][A-Za-z0-9.-]*$/,
    form: "the name of a server, without a port",
    meaning: "the only server that gets the token or the GitHub App's; by default that of the repository",
  },
  RALPH_GIT_ALLOW_CI: {
    default: false,
    meaning: "whether CI definitions, such as .github/workflows, are pushed with the results",
  },
  RALPH_GIT_FORGE: {
    default: undefined,
    choices: FORGES,
    meaning: "program on the git server; known by itself of github.com, gitlab.com and codeberg.org",
  },
  RALPH_GIT_API: {
    default: undefined,
    pattern: /^https:\/\/[\w.:[\]-]+(?:\/[\w.~/-]*)?$/,
    form: "an https:// address",
    meaning: "address of the git server's API, if it is not the usual one",
  },
  RALPH_GITHUB_APP: {
    default: undefined,
    pattern: /^[\w.]+$/,
    form: "the client ID or the number of a GitHub App",
    meaning: "GitHub App whose installation token is used instead of a token",
  },
  RALPH_SOURCE_REPOSITORY: {
    default: undefined,
    ...GIT_REMOTE,
    meaning: "git repository that Ralph works on, and pushes branches to",
  },
  RALPH_SOURCE_REF: {
    default: undefined,
    /** Of git-check-ref-format(1), what is common. */
    pattern: /^\w[\w+#-]*(?:[./][\w+#-]+)*$/,
    form: "a branch, a tag or a full commit id",
    meaning:
      "branch, tag or commit that Ralph's branches start from; by default the repository's default branch",
  },
  RALPH_SOURCE_DIRECTORY: {
    default: undefined,
    pattern: FOLDER,
    form: FOLDER_FORM,
    meaning: "folder of the repository that Ralph works in",
  },
  RALPH_SOURCE_PROMPTS: {
    default: undefined,
    pattern: FOLDER,
    form: FOLDER_FORM,
    meaning: "worker: folder of the repository with further prompts, as RALPH_SOURCE_REF has them",
  },
  RALPH_SOURCE_SETUP: {
    default: undefined,
    pattern: /\S/,
    form: "a shell command",
    meaning: "shell command that prepares the repository before each run, such as npm ci",
  },
  RALPH_PULL_REQUEST: {
    default: "none",
    choices: PULL_REQUESTS,
    meaning: "whether a branch of a source gets a pull request, and whether that is a draft",
  },
  RALPH_PULL_REQUEST_BASE: {
    default: undefined,
    pattern: /^\w[\w+#-]*(?:[./][\w+#-]+)*$/,
    form: "a branch",
    meaning: "branch that pull requests are for; by default the branch of RALPH_SOURCE_REF",
  },
  RALPH_OTLP_ENDPOINT: {
    default: undefined,
    pattern: new RegExp(String.raw`^https?:\/\/(?:${HOST}|\[[0-9A-Fa-f:.]+\])(?::${PORT})?(?:\/[\w.~/-]*)?$`),
    form: "an http:// or https:// address",
    meaning: "base address of an OTLP/HTTP collector, for the runner's traces and the agents' telemetry",
  },
  RALPH_OTLP_PROTOCOL: {
    default: "http/protobuf",
    choices: ["http/protobuf", "http/json"],
    meaning: "form of the agents' telemetry; the runner's traces are always JSON",
  },
  RALPH_OTLP_SIGNALS: {
    default: undefined,
    pattern: /^(traces|metrics|logs)(,(traces|metrics|logs))*$/,
    form: "of traces, metrics and logs, those that are sent, separated by commas",
    meaning: "what is sent there, separated by commas",
  },
  RALPH_OTLP_HEADERS: {
    default: undefined,
    pattern: /=/,
    form: "name=value, separated by commas",
    meaning: "headers of each request there, as in OTEL_EXPORTER_OTLP_HEADERS",
  },
  RALPH_OTLP_ATTRIBUTES: {
    default: undefined,
    pattern: /=/,
    form: "name=value, separated by commas",
    meaning: "attributes of all that is sent there, as in OTEL_RESOURCE_ATTRIBUTES",
  },
  RALPH_KEY_SECRET: {
    default: undefined,
    pattern: /^[a-z0-9][a-z0-9.-]*$/,
    form: "the name of a Secret",
    meaning: "worker: Secret with the agent's key, which is waited for if it does not exist yet",
  },
  RALPH_CLOSED_ADDRESS: {
    default: undefined,
    pattern: /^[\w.:[\]-]+:\d+$/,
    form: "<address>:<port>",
    meaning: "address that the network policy closes: no agent starts while it can be reached",
  },
} as const;

export type Variable = keyof typeof VARIABLES;
/** Values of variables, as an environment has them. */
export type Variables = Readonly<Partial<Record<Variable, string>>>;

/** The command in a worker's container that lists failed prompts, or has the workers run them again. */
export const RETRY_COMMAND = ["/app/bin/entry", "retry"] as const;

/** A prompt of the queue that has ended without being completed, as `retry` prints it. */
export interface EndedPrompt {
  /** As in the log and the metrics. */
  readonly name: string;
  readonly file: string;
  readonly state: "failed" | "limit" | "stopped";
  readonly outcome: Outcome;
  readonly runs: number;
  readonly iterations: number;
  /** As ISO 8601. */
  readonly ended?: string;
}

/** What became of a prompt that is to be retried: `pending` and `running` ones need nothing. */
export type Retried = "retried" | "pending" | "running" | "completed" | "busy" | "unknown";

/** What the command prints. */
export interface RetryAnswer {
  /** Those that are left. */
  readonly ended: readonly EndedPrompt[];
  readonly results: readonly { readonly prompt: string; readonly result: Retried }[];
}
