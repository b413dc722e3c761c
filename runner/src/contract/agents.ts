/** The agents: a row has what the runner, the image and the configuration must know of one. Plain data without imports. */

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
  /** Variables that turn its telemetry on, without prompts and without what its tools read; OTEL_* has the rest. */
  readonly telemetry?: {
    readonly variables: Readonly<Record<string, string>>;
    /** Whether it can only send all signals, or none. */
    readonly all?: true;
  };
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
    // https://code.claude.com/docs/en/monitoring-usage; it gives OTEL_* to none of the programs that it starts
    telemetry: {
      variables: { CLAUDE_CODE_ENABLE_TELEMETRY: "1", CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: "1" },
    },
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
    // packages/core/src/telemetry/config.ts of google-gemini/gemini-cli; its own default is to log prompts
    telemetry: {
      variables: {
        GEMINI_TELEMETRY_ENABLED: "true",
        GEMINI_TELEMETRY_TARGET: "local",
        GEMINI_TELEMETRY_OTLP_PROTOCOL: "http",
        GEMINI_TELEMETRY_LOG_PROMPTS: "false",
      },
      all: true,
    },
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
