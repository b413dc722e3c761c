import type { core } from "@pulumi/kubernetes/types/input";
import {
  type Agent,
  type AgentChoice,
  AGENTS,
  API_KEYS,
  KEYED_AGENTS,
  type KeyedAgent,
} from "../runner/src/contract";
import type { RalphConfig } from "./keys";
import { loginsOf } from "./keys/api-keys";
import { onPlatforms } from "./keys/models";
import { apiKeySecretName } from "./names";

/**
 * The keys of a pod's agent as files. Kubernetes updates them when the Secret changes, unlike variables, and the runner
 * reads them at each start of an agent. An agent can read these files, so they are its own keys only.
 *
 * @returns undefined if it has none, or if only the runner will know which agent it is
 */
export function keyFiles(config: RalphConfig, choice: AgentChoice): core.v1.SecretVolumeSource | undefined {
  const { existingSecret } = config.apiKeys;
  const agent = choice === "auto" ? onlyKey(config) : choice;
  if (agent === undefined || agent === "smoke") return undefined;
  const names = existingSecret === undefined ? [API_KEYS[agent]] : variablesOf(AGENTS[agent]);
  return {
    secretName: apiKeySecretName(config),
    items: names.map((name) => ({ key: name, path: name })),
    // Readable by the group of the pod's volumes.
    defaultMode: 0o440,
    // A key that the Secret lacks is left out.
    optional: true,
  };
}

/**
 * The Secret of the user's that the workers wait for themselves. Their pods start without it, so that the update ends that
 * creates its namespace. With another way to log in they would work without what else it has: then their pods wait.
 */
export function awaitedSecret({
  apiKeys,
  config: { agent },
  models,
  extraEnv,
  extraEnvFrom,
}: RalphConfig): string | undefined {
  const agents = agent === "auto" ? KEYED_AGENTS : KEYED_AGENTS.filter((name) => name === agent);
  const others = agents.some(
    (name) =>
      onPlatforms(models).some((each) => each.agent === name) ||
      extraEnv.some((variable) => loginsOf(AGENTS[name]).includes(variable.name)),
  );
  const waits =
    agents.length > 0 && !others && extraEnvFrom.every(({ secretRef }) => secretRef === undefined);
  return waits ? apiKeys.existingSecret : undefined;
}

/** The agent that `auto` will pick, because the others have no key. */
function onlyKey({ apiKeys }: RalphConfig): KeyedAgent | undefined {
  const known = apiKeys.externalSecret?.keys ?? apiKeys;
  const [only, ...others] = KEYED_AGENTS.filter((agent) => known[agent] !== undefined);
  return others.length === 0 ? only : undefined;
}

/** Every variable that may hold a credential of the agent in a Secret of the user's. */
const variablesOf = ({ key, credentials, vendorKeys = [], cloudKeys = [] }: Agent): string[] => [
  ...new Set([
    ...(key === undefined ? [] : [key.variable, key.passedAs]),
    ...credentials,
    ...vendorKeys,
    ...cloudKeys,
  ]),
];
