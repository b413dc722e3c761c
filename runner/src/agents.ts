import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

/** An agent of the guide as Ralph v2 knows it. */
interface Agent {
  /** Ralph's name for it. */
  readonly backend: string;
  /** Its command line program. */
  readonly program: string;
  /** The guide's variable for its key, and the one that the program reads. */
  readonly key?: { readonly from: string; readonly to: string };
  /** More variables of the program's own by which it may log in. */
  readonly credentials: readonly string[];
  /** Variables that make it log in at a cloud instead, by the pod's own identity or by `cloudKeys`. */
  readonly identities: readonly string[];
  readonly cloudKeys?: readonly string[];
  /** What it needs in order to work by itself in a pod. */
  readonly variables?: Readonly<Record<string, string>>;
}

export const AGENTS = {
  claude: {
    backend: "claude",
    program: "claude",
    key: { from: "CLAUDE_API_KEY", to: "ANTHROPIC_API_KEY" },
    credentials: ["ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
    identities: ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"],
    variables: { DISABLE_AUTOUPDATER: "1" }, // its version is the image's, whose root is read-only
  },
  gemini: {
    backend: "gemini",
    program: "gemini",
    key: { from: "GEMINI_API_KEY", to: "GEMINI_API_KEY" },
    credentials: [],
    identities: ["GOOGLE_GENAI_USE_VERTEXAI"],
    cloudKeys: ["GOOGLE_API_KEY"],
    variables: { GEMINI_CLI_TRUST_WORKSPACE: "true" }, // in a folder that it does not trust it changes no file
  },
  // Amazon Q Developer's program is called Kiro now.
  q: {
    backend: "kiro",
    program: "kiro-cli",
    key: { from: "Q_API_KEY", to: "KIRO_API_KEY" },
    credentials: [],
    identities: [],
  },
  /** A script that does what it takes to complete a run: no key, no network, no cost. */
  smoke: { backend: "custom", program: "smoke-agent", credentials: [], identities: [] },
} as const satisfies Record<string, Agent>;

export type AgentName = keyof typeof AGENTS;

/** What `auto` tries, in this order; never the script. */
const AUTO = ["claude", "gemini", "q"] as const satisfies readonly AgentName[];
export const CHOICES = ["auto", ...(Object.keys(AGENTS) as AgentName[])] as const;

/** An agent that can run: its program is there, and what it logs in with. */
export interface ChosenAgent {
  readonly name: AgentName;
  readonly backend: string;
  /** Absolute path. */
  readonly program: string;
  /** The environment of its process, with no other agent's credential. */
  readonly env: NodeJS.ProcessEnv;
}

/** The agent of that name, or the first that can run; else one sentence why there is none. */
export function chooseAgent(choice: AgentName | "auto", env: NodeJS.ProcessEnv): ChosenAgent | string {
  const names = choice === "auto" ? AUTO : [choice];
  const reasons: string[] = [];
  for (const name of names) {
    const agent: Agent = AGENTS[name];
    const program = findProgram(agent.program, env);
    const credential = hasCredential(agent, env);
    if (program !== undefined && credential) {
      return { name, backend: agent.backend, program, env: environment(agent, env) };
    }
    if (!credential) reasons.push(`${name} has no ${agent.key?.from}`);
    else reasons.push(`${name} has a key, but ${agent.program} is not in the image`);
  }
  return `No agent can run: ${reasons.join(", ")}. ${REMEDY[reasons.every((text) => / has no /.test(text)) ? "key" : "program"]}`;
}

const REMEDY = {
  key: "Set one with: pulumi config set --secret --path ralph:apiKeys.<agent>",
  program: "Build an image that has the program on its PATH (docs/runner.md).",
};

const value = (env: NodeJS.ProcessEnv, name: string): string => (env[name] ?? "").trim();

function hasCredential({ key, credentials, identities }: Agent, env: NodeJS.ProcessEnv): boolean {
  if (key === undefined) return true;
  if ([key.from, key.to, ...credentials].some((name) => value(env, name) !== "")) return true;
  return identities.some((name) => !["", "0", "false"].includes(value(env, name)));
}

/** Every variable that holds a credential of any agent. */
const SECRETS: readonly string[] = Object.values(AGENTS).flatMap((agent: Agent) => [
  ...(agent.key === undefined ? [] : [agent.key.from, agent.key.to]),
  ...agent.credentials,
  ...(agent.cloudKeys ?? []),
]);

/** The credentials themselves, so that no output shows them. */
export const secretValues = (env: NodeJS.ProcessEnv): string[] =>
  SECRETS.map((name) => value(env, name)).filter((secret) => secret.length >= 8); // shorter ones are none

function environment(agent: Agent, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { key, credentials, cloudKeys = [], variables = {} } = agent;
  const rest = Object.entries(env).filter(
    // Ralph reads variables of these names itself, and some by their mere presence.
    ([name]) => !name.startsWith("RALPH_") && !SECRETS.includes(name),
  );
  const own = (key === undefined ? [] : [key.to, key.from]).map(
    (name) => [key?.to, value(env, name)] as const,
  );
  const others = [...credentials, ...cloudKeys].map((name) => [name, value(env, name)] as const);
  return Object.fromEntries([
    ...Object.entries(variables),
    ...rest,
    ...[...own, ...others].filter(([, text]) => text !== ""),
  ]);
}

/** The executable of that name on PATH. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? "")
    .split(":")
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}
