import { type Agent, AGENTS, API_KEYS, type KeyedAgent, KEYED_AGENTS } from "../../../runner/src/contract";
import { API_KEY_SECRET, CONFIG_MAP, EXTERNAL_API_KEY_SECRET, RALPH } from "../../../workload/names";
import { podSpecs, variableSecrets } from "../read";
import { check, type Finding } from "../types";

const PLACEHOLDER = /^(your|<|xxx|changeme|todo|example|dummy)|[-_]here$/i;

/** API keys that are missing, empty or malformed. Their values are never printed. */
export const keys = check({
  name: "API keys",
  alert: "RalphAgentUnavailable",
  needs: ["deployments", "jobs", "cronJobs", "secrets", "configMaps"],
  look({ secrets, configMaps, ...templates }, { set, setSecret, up, refresh, kubectl }) {
    const specs = podSpecs(templates);
    const names = new Set(specs.flatMap(variableSecrets));
    const containers = specs.flatMap((spec) => spec.containers);
    const settings = configMaps.find(({ metadata }) => metadata?.name === CONFIG_MAP)?.data ?? {};
    const variables = [
      ...Object.keys(settings),
      ...containers.flatMap(({ env = [] }) => env.map((variable) => variable.name)),
    ];
    const needKeys = KEYED_AGENTS.filter((agent) => !hasOtherLogin(AGENTS[agent], variables));
    const agents = agentsOf(
      containers.flatMap(({ args = [] }) => args),
      settings.RALPH_AGENT,
    ).filter((agent) => needKeys.includes(agent));
    return [...names].flatMap((name): Finding[] => {
      const object = `Secret ${name}`;
      const own = name === API_KEY_SECRET;
      const external = name === EXTERNAL_API_KEY_SECRET;
      const fixKey = (agent: KeyedAgent): string[] =>
        own
          ? [setSecret(`apiKeys.${agent}`), up]
          : external
            ? [set(`apiKeys.externalSecret.keys.${agent}.key`, "<name in the store>"), up]
            : [kubectl(`edit secret ${name}`), kubectl(`rollout restart deployment ${RALPH}`)];
      const secret = secrets.get(name);
      if (secret === undefined)
        return [
          {
            object,
            what: "does not exist, and the pods take their API keys from it",
            cause: own
              ? "It has been deleted."
              : external
                ? "External Secrets has not written it."
                : "It is the Secret named by apiKeys.existingSecret, and has not been created.",
            fix: own
              ? [refresh, up]
              : external
                ? [kubectl(`describe externalsecret ${name}`)]
                : [kubectl(`create secret generic ${name} --from-file=CLAUDE_API_KEY=<file>`)],
          },
        ];
      const value = (agent: KeyedAgent): string | undefined => {
        const data = secret.data?.[API_KEYS[agent]];
        return data === undefined ? undefined : Buffer.from(data, "base64").toString();
      };
      const missing = agents.filter((agent) => (value(agent) ?? "").trim() === "");
      const absent: Finding[] =
        agents.length === 0 &&
        needKeys.length === KEYED_AGENTS.length &&
        KEYED_AGENTS.every((agent) => (value(agent) ?? "").trim() === "")
          ? [
              {
                object,
                what: `has none of ${Object.values(API_KEYS).join(", ")}`,
                cause: "No agent can call its model.",
                fix: fixKey("claude"),
              },
            ]
          : missing.map((agent) => ({
              object,
              what: `has no ${API_KEYS[agent]}, or an empty one`,
              cause: `A task, a schedule or the workers use the agent ${agent}, which cannot call its model without it.`,
              fix: fixKey(agent),
            }));
      const odd = KEYED_AGENTS.flatMap((agent): Finding[] => {
        const key = value(agent) ?? "";
        if (key.trim() === "") return [];
        const flaw = /\s/.test(key)
          ? "contains white space, perhaps a line break"
          : PLACEHOLDER.test(key)
            ? "is a placeholder"
            : undefined;
        return flaw === undefined
          ? []
          : [
              {
                object,
                what: `${API_KEYS[agent]} ${flaw}`,
                cause: "The model's provider will reject it.",
                fix: fixKey(agent),
              },
            ];
      });
      return [...absent, ...odd];
    });
  },
});

/** Whether a pod's variables let an agent log in without its API key: by the identity of a cloud, or at a gateway. */
const hasOtherLogin = ({ credentials, identities }: Agent, variables: readonly string[]): boolean =>
  [...credentials, ...identities].some((name) => variables.includes(name));

/** Agents that the workload names, and that need their own key. `auto` works with any key. */
function agentsOf(args: readonly string[], configured: string | undefined): KeyedAgent[] {
  const named = [configured, ...args.map((arg) => /^--agent=(.+)$/.exec(arg)?.[1])];
  return KEYED_AGENTS.filter((agent) => named.includes(agent));
}
