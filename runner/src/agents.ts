import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

import { type Agent, type AgentChoice, type AgentName, AGENTS, KEYED_AGENTS, POD_IDENTITY } from "./contract";

/** An agent that can run: its program and its credentials exist. */
export interface ChosenAgent {
  readonly name: AgentName;
  readonly backend: string;
  /** Absolute path. */
  readonly program: string;
  /** The environment of its process, without the credentials of other agents; with the keys that are valid now. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The agent of that name, or for `auto` the first that can run.
 *
 * @param keys reads the keys that replace those of `env`
 * @returns a sentence with the reason if there is none
 */
export function chooseAgent(
  choice: AgentChoice,
  env: NodeJS.ProcessEnv,
  keys: () => NodeJS.ProcessEnv = () => ({}),
): ChosenAgent | string {
  const current = (): NodeJS.ProcessEnv => ({ ...env, ...keys() });
  const names = choice === "auto" ? KEYED_AGENTS : [choice];
  const reasons: string[] = [];
  for (const name of names) {
    const agent: Agent = AGENTS[name];
    const program = findProgram(agent.program, env);
    const credential = hasCredential(agent, current());
    if (program !== undefined && credential) {
      return {
        ...{ name, backend: agent.backend, program },
        get env() {
          return environment(agent, current());
        },
      };
    }
    if (!credential) reasons.push(`${name} has no ${agent.key?.variable}`);
    else reasons.push(`${name} has a key, but ${agent.program} is not in the image`);
  }
  return `No agent can run: ${reasons.join(", ")}. ${REMEDY[reasons.every((text) => / has no /.test(text)) ? "key" : "program"]}`;
}

const REMEDY = {
  key: "Set one with: pulumi config set --secret --path ralph:apiKeys.<agent>",
  program:
    "Add it to the image with: pulumi config set --path ralph:image.agents[<n>] <agent>, or build one that has it (docs/runner.md).",
};

const value = (env: NodeJS.ProcessEnv, name: string): string => (env[name] ?? "").trim();

function hasCredential(agent: Agent, env: NodeJS.ProcessEnv): boolean {
  const { key, credentials, vendorKeys = [], identities } = agent;
  if (key === undefined) return true;
  const names = [key.variable, key.passedAs, ...credentials, ...vendorKeys];
  if (names.some((name) => value(env, name) !== "")) return true;
  return identities.some((name) => !["", "0", "false"].includes(value(env, name)));
}

/** Whether the agent, or every one that `auto` may pick, has nothing to log in with. */
export const lacksKey = (choice: AgentChoice, env: NodeJS.ProcessEnv): boolean =>
  (choice === "auto" ? KEYED_AGENTS : [choice]).every((name) => !hasCredential(AGENTS[name], env));

/** Every variable that holds a credential of an agent. */
const SECRETS: readonly string[] = Object.values(AGENTS).flatMap((agent: Agent) => [
  ...(agent.key === undefined ? [] : [agent.key.variable, agent.key.passedAs]),
  ...agent.credentials,
  ...(agent.cloudKeys ?? []),
]);

/**
 * Variables of a container that hold no secret: those of Kubernetes, of the image and of this program. A Secret of the
 * user's can have any other name.
 */
const PLAIN =
  /^(RALPH_|RUNNER_|KUBERNETES_|NODE_|LC_|GIT_(AUTHOR|COMMITTER)_|CLAUDE_CODE_USE_|(PATH|HOME|HOSTNAME|PWD|OLDPWD|SHLVL|TERM|LANG|TZ|USER|_|YARN_VERSION)$)/;
/** Of them, where models are, and their names: an agent writes about nothing more often. */
const PLACES =
  /^((AWS|AWS_DEFAULT|CLOUD_ML)_REGION|ANTHROPIC_(VERTEX_PROJECT_ID|FOUNDRY_RESOURCE|MODEL|DEFAULT_[A-Z]+_MODEL)|GOOGLE_(CLOUD_PROJECT|CLOUD_LOCATION|GENAI_USE_VERTEXAI))$/;
const isPlain = (name: string): boolean =>
  PLAIN.test(name) || PLACES.test(name) || POD_IDENTITY.includes(name);

/**
 * The values to be hidden in all output, longest first. In a container that is whatever may have come from a Secret,
 * line by line; elsewhere only the credentials of agents, since everything else is the environment of a person.
 *
 * @param container whether the environment is a container's
 */
export function secretValues(env: NodeJS.ProcessEnv, container: boolean): string[] {
  const names = container ? Object.keys(env).filter((name) => !isPlain(name)) : SECRETS;
  return names
    .flatMap((name) => value(env, name).split("\n"))
    .map((line) => line.trim())
    .filter((line) => line.length >= 8) // nothing shorter is a credential
    .sort((one, other) => other.length - one.length);
}

function environment(agent: Agent, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { key, credentials, vendorKeys = [], cloudKeys = [], variables = {} } = agent;
  const rest = Object.entries(env).filter(
    // Ralph reads variables with this prefix itself, some of them by mere presence.
    ([name]) =>
      !name.startsWith("RALPH_") &&
      !SECRETS.includes(name) &&
      (agent.identities.length > 0 || !POD_IDENTITY.includes(name)),
  );
  const own = (key === undefined ? [] : [key.passedAs, key.variable])
    .map((name) => value(env, name))
    .map((text) => [nameOf(key, text), text] as const);
  const others = [...credentials, ...vendorKeys, ...cloudKeys].map(
    (name) => [name, value(env, name)] as const,
  );
  return Object.fromEntries([
    ...Object.entries(variables),
    ...rest,
    ...[...own, ...others].filter(([, text]) => text !== ""),
  ]);
}

/**
 * For bin/agent, which reads the keys again before each call: a line for each file, with the variable that the program
 * reads, and the prefix of tokens and their variable if they have another.
 */
export function keyNames({ key, credentials, vendorKeys = [], cloudKeys = [] }: Agent): string {
  const own = key === undefined ? [] : [key.passedAs, key.variable];
  const token = key?.token === undefined ? "" : `:${key.token.prefix}:${key.token.passedAs}`;
  return [
    ...own.map((file) => `${file}:${key?.passedAs}${token}`),
    ...[...credentials, ...vendorKeys, ...cloudKeys].map((name) => `${name}:${name}`),
  ].join("\n");
}

const nameOf = (key: Agent["key"], text: string): string | undefined =>
  key?.token !== undefined && text.startsWith(key.token.prefix) ? key.token.passedAs : key?.passedAs;

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
