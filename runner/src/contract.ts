/**
 * What the runner and those who start it agree on: variables, flags, agents, exit codes, paths and ports. Plain data
 * without imports, so that the workload's schema and manifests, and the doctor, can use the same values.
 */

/** The variable of each agent's API key, in the order in which `auto` tries the agents. */
export const API_KEYS = {
  claude: "CLAUDE_API_KEY",
  gemini: "GEMINI_API_KEY",
  q: "Q_API_KEY",
  // The guide has no others: these are the names that the programs read.
  codex: "CODEX_API_KEY",
  opencode: "OPENCODE_API_KEY",
  copilot: "COPILOT_GITHUB_TOKEN",
  amp: "AMP_API_KEY",
} as const;
/** An agent that needs an API key. */
export type KeyedAgent = keyof typeof API_KEYS;
export const KEYED_AGENTS = Object.keys(API_KEYS) as readonly KeyedAgent[];

/** An agent as Ralph v2 knows it. */
export interface Agent {
  /** Ralph's name for it. */
  readonly backend: string;
  /** Its command line program. */
  readonly program: string;
  /** The variable for its key in a pod, and the one that the program reads. */
  readonly key?: {
    readonly variable: string;
    readonly passedAs: string;
    /** Keys with this prefix are tokens of a subscription, which the program reads from another variable. */
    readonly token?: { readonly prefix: string; readonly passedAs: string };
  };
  /** Other variables through which the program accepts credentials. */
  readonly credentials: readonly string[];
  /** Keys of other vendors' APIs, each of which is enough: the program's models come from many. */
  readonly vendorKeys?: readonly string[];
  /** Variables that make it log in to a cloud instead, by the pod's own identity or by `cloudKeys`. */
  readonly identities: readonly string[];
  readonly cloudKeys?: readonly string[];
  /** Variables that it needs to run unattended in a pod. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Arguments beside those that Ralph gives it. */
  readonly args?: readonly string[];
  /** The flag by which it takes the model, in its own notation. */
  readonly modelFlag?: string;
  /** The flag by which one call keeps within an amount of dollars. Without it the agent does not report costs either. */
  readonly budgetFlag?: string;
  /** The smallest call of its model: whether the API answers. */
  readonly probe?: {
    readonly args: readonly string[];
    readonly input?: string;
    readonly variables?: Readonly<Record<string, string>>;
  };
}

export const AGENTS = {
  claude: {
    backend: "claude",
    program: "claude",
    key: {
      variable: API_KEYS.claude,
      passedAs: "ANTHROPIC_API_KEY",
      // Of `claude setup-token`. As an API key the API refuses it.
      token: { prefix: "sk-ant-oat", passedAs: "CLAUDE_CODE_OAUTH_TOKEN" },
    },
    credentials: ["ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
    identities: ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"],
    variables: { DISABLE_AUTOUPDATER: "1" }, // the image pins its version, and the root file system is read-only
    modelFlag: "--model",
    budgetFlag: "--max-budget-usd",
    probe: {
      args: [
        ...["--print", "--verbose", "--output-format", "stream-json", "--setting-sources", "project,local"],
        // Without tools and their descriptions a call costs a fraction of a cent.
        ...["--tools", "", "--system-prompt", "Reply with OK."],
      ],
      input: "OK?",
      variables: { CLAUDE_CODE_MAX_RETRIES: "1" },
    },
  },
  gemini: {
    backend: "gemini",
    program: "gemini",
    key: { variable: API_KEYS.gemini, passedAs: "GEMINI_API_KEY" },
    credentials: [],
    identities: ["GOOGLE_GENAI_USE_VERTEXAI"],
    cloudKeys: ["GOOGLE_API_KEY"],
    variables: { GEMINI_CLI_TRUST_WORKSPACE: "true" }, // it changes no file in a folder that it does not trust
    // Ralph puts long prompts into a file in /tmp, and Gemini CLI reads nothing outside its folders.
    args: ["--include-directories", "/tmp"],
    modelFlag: "--model",
    probe: { args: ["--prompt", "Reply with OK."] },
  },
  // Amazon Q Developer's program is now called Kiro.
  q: {
    backend: "kiro",
    program: "kiro-cli",
    key: { variable: API_KEYS.q, passedAs: "KIRO_API_KEY" },
    credentials: [],
    identities: [],
    modelFlag: "--model",
    probe: { args: ["chat", "--no-interactive", "Reply with OK."] },
  },
  codex: {
    backend: "codex",
    program: "codex",
    // OPENAI_API_KEY alone is not enough: https://developers.openai.com/codex/environment-variables
    key: { variable: API_KEYS.codex, passedAs: "CODEX_API_KEY" },
    credentials: ["CODEX_ACCESS_TOKEN"],
    identities: [],
    args: ["--skip-git-repo-check"], // an agent may have removed .git, and the next call has to work all the same
    modelFlag: "--model",
    probe: { args: ["exec", "--skip-git-repo-check", "--sandbox", "read-only", "Reply with OK."] },
  },
  opencode: {
    backend: "opencode",
    program: "opencode",
    // Of OpenCode Zen; the others as in https://opencode.ai/docs/providers.
    key: { variable: API_KEYS.opencode, passedAs: "OPENCODE_API_KEY" },
    credentials: [],
    vendorKeys: ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"],
    identities: [],
    variables: { OPENCODE_DISABLE_AUTOUPDATE: "1" }, // the image pins its version
    // Ralph does not allow it anything, and without a terminal it refuses what it would ask for. The log says why a call
    // fails: it tries again without a word.
    args: ["--auto", "--print-logs", "--log-level", "ERROR"],
    modelFlag: "--model",
    probe: { args: ["run", "--print-logs", "--log-level", "ERROR", "Reply with OK."] },
  },
  copilot: {
    backend: "copilot",
    program: "copilot",
    // Not GH_TOKEN, which it would read too: the prompt's own work may need that one.
    key: { variable: API_KEYS.copilot, passedAs: "COPILOT_GITHUB_TOKEN" },
    credentials: ["COPILOT_PROVIDER_API_KEY", "COPILOT_PROVIDER_BEARER_TOKEN"],
    identities: ["COPILOT_PROVIDER_BASE_URL"], // a model of one's own, which may need no key
    variables: { COPILOT_AUTO_UPDATE: "false" },
    args: ["--allow-all-paths", "--allow-all-urls", "--no-ask-user"],
    modelFlag: "--model",
    probe: { args: ["--prompt", "Reply with OK.", "--silent"] },
  },
  amp: {
    backend: "amp",
    program: "amp",
    key: { variable: API_KEYS.amp, passedAs: "AMP_API_KEY" },
    credentials: [],
    identities: [],
    modelFlag: "--mode", // which decides on the model
    probe: { args: ["--execute", "Reply with OK."] },
  },
  /** A script that completes a run without a key, a network or cost. */
  smoke: { backend: "custom", program: "smoke-agent", credentials: [], identities: [] },
} as const satisfies Readonly<Record<KeyedAgent | "smoke", Agent>>;

export type AgentName = keyof typeof AGENTS;
/** The agents that npm has, which the image can contain; a folder of runner/agents each. */
export const PACKAGED_AGENTS = ["claude", "gemini", "codex", "opencode", "copilot", "amp"] as const;
export const DEFAULT_AGENTS = ["claude", "gemini"] as const satisfies readonly PackagedAgent[];
/** Without a program for other processors in their lock files. */
export const AMD64_ONLY = ["amp"] as const satisfies readonly PackagedAgent[];
export type PackagedAgent = (typeof PACKAGED_AGENTS)[number];
/** Whether a limit in dollars can be kept. The smoke agent costs nothing. */
export const reportsCosts = (name: AgentName): boolean =>
  name === "smoke" || (AGENTS[name] as Agent).budgetFlag !== undefined;
export type AgentChoice = "auto" | AgentName;
/** What RALPH_AGENT accepts. */
export const AGENT_CHOICES = ["auto", ...(Object.keys(AGENTS) as AgentName[])] as const;

/** Variables by which a cloud gives a pod its identity: addresses and the paths of tokens, but no secrets. */
export const POD_IDENTITY: readonly string[] = [
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_ROLE_ARN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AZURE_CLIENT_ID",
  "AZURE_TENANT_ID",
  "AZURE_FEDERATED_TOKEN_FILE",
  "AZURE_AUTHORITY_HOST",
];

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
    pattern: /^\.?[\w@+-]+(?:[. ][\w@+-]+)*(?:\/\.?[\w@+-]+(?:[. ][\w@+-]+)*)*$/,
    form: "a relative path of a folder in the repository",
    meaning: "folder of the repository that Ralph works in",
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

/**
 * How the container can end, with its exit code. Kubernetes counts a failed pod against `backoffLimit`; the Jobs'
 * podFailurePolicy fails a Job at once on codes with `retry: false`, because the same pod would end the same way, or
 * spend the same again. 64 to 78 are those of sysexits.h; 143 is the shell's for SIGTERM.
 */
export const ENDS = {
  completed: { code: 0, retry: false, meaning: "the agent printed its completion promise" },
  failed: {
    code: 1,
    retry: true,
    meaning: "the agent failed five times in a row",
  },
  limit: { code: 2, retry: false, meaning: "the iteration or runtime limit was reached" },
  stuck: {
    code: 3,
    retry: false,
    meaning: "the loop made no progress: it repeated itself, or wrote events that cannot be read",
  },
  stopped: { code: 4, retry: false, meaning: "the loop was stopped by hand (ralph loops stop)" },
  usage: { code: 64, retry: false, meaning: "a flag or variable is invalid" },
  setup: { code: 65, retry: true, meaning: "the setup command of the source failed" },
  prompt: { code: 66, retry: false, meaning: "the prompt is missing or empty" },
  source: { code: 68, retry: true, meaning: "the source's repository cannot be fetched" },
  internal: { code: 70, retry: true, meaning: "a bug in the runner, or a failing volume or program" },
  storage: { code: 74, retry: true, meaning: "the volume of /workspace is full" },
  unavailable: {
    code: 75,
    retry: false,
    meaning: "the model API was unavailable until the run's time was up",
  },
  configuration: {
    code: 78,
    retry: false,
    meaning: "no API key, the API refuses it, or a program is missing from the image",
  },
  interrupted: { code: 143, retry: true, meaning: "stopped by a signal; the next run continues" },
} as const;

export type End = keyof typeof ENDS;
/** How a run of Ralph can end. */
export type Outcome = Extract<
  End,
  "completed" | "failed" | "stuck" | "stopped" | "limit" | "setup" | "interrupted" | "unavailable"
>;

/** The exit codes with which the Jobs' podFailurePolicy fails a Job. */
export const NEVER_RETRIED: readonly number[] = Object.values(ENDS)
  .filter(({ code, retry }) => code !== 0 && !retry)
  .map(({ code }) => code);

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
