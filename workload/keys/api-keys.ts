import type { z } from "zod";
import {
  type Agent,
  type AgentChoice,
  AGENTS,
  API_KEYS,
  type KeyedAgent,
  KEYED_AGENTS,
} from "../../runner/src/contract";
import { config } from "./config";
import { models, onPlatforms } from "./models";
import { checkExternal, externalSecret } from "./external-secret";
import { checkInline, existingSecret } from "./existing-secret";
import { extraEnv, extraEnvFrom } from "./pods/variables";
import { brief, schedules, tasks } from "./runs";
import { rule, secretText, section, warning } from "./section";

const keys = Object.fromEntries(
  KEYED_AGENTS.map((agent) => [
    agent,
    secretText.optional().meta({ description: `Secret. ${API_KEYS[agent]} of the pods.` }),
  ]),
) as Record<KeyedAgent, z.ZodOptional<typeof secretText>>;

export const apiKeys = section({
  ...keys,
  existingSecret: existingSecret(Object.values(API_KEYS)),
  externalSecret: externalSecret(
    Object.fromEntries(KEYED_AGENTS.map((agent) => [agent, `${API_KEYS[agent]} of the pods`])) as Record<
      KeyedAgent,
      string
    >,
  ),
})
  .prefault({})
  .meta({ description: "API keys of the agents: the Secret `ralph-secrets`." });

export const rules = [
  rule({ apiKeys }, ({ apiKeys: { existingSecret: existing, externalSecret: external, ...inline } }) => [
    ...(external === undefined ? checkInline("apiKeys", inline, existing) : []),
    ...checkExternal(["apiKeys"], external, { ...inline, existingSecret: existing }),
  ]),
];

export const warnings = [
  warning(
    { apiKeys, models, extraEnv, extraEnvFrom, config, tasks, schedules },
    ({ apiKeys: given, ...values }) => {
      const runs = [{ name: "the worker", agent: values.config.agent }, ...values.tasks, ...values.schedules];
      // A Secret of the user's may have any variable.
      const isUnknown = [given.existingSecret, ...values.extraEnvFrom.map(({ secretRef }) => secretRef)].some(
        (secret) => secret !== undefined,
      );
      const can = (name: KeyedAgent) =>
        given[name] !== undefined ||
        given.externalSecret?.keys[name] !== undefined ||
        onPlatforms(values.models).some(({ agent }) => agent === name) ||
        values.extraEnv.some((variable) => loginsOf(AGENTS[name]).includes(variable.name));
      const hasKey = (agent: AgentChoice) =>
        isUnknown ||
        (agent !== "auto" && !("key" in AGENTS[agent])) ||
        KEYED_AGENTS.some((name) => (agent === "auto" || agent === name) && can(name));
      // One warning per agent: each is a call of the engine, and a hundred tasks would hide every other line.
      return [...new Set(runs.map(({ agent }) => agent))]
        .filter((agent) => !hasKey(agent))
        .map(
          (agent) =>
            `No API key for ${brief(runs.filter((run) => run.agent === agent))} (agent ${agent}): ` +
            `pulumi config set --secret --path ralph:apiKeys.${agent === "auto" ? KEYED_AGENTS[0] : agent}`,
        );
    },
  ),
];

/** Every variable by which an agent logs in. */
export const loginsOf = ({ key, credentials, identities }: Agent): readonly string[] => [
  ...(key === undefined ? [] : [key.variable, key.passedAs]),
  ...credentials,
  ...identities,
];
