import { API_KEYS, type KeyedAgent, KEYED_AGENTS } from "../../../runner/src/contract";
import { API_KEY_SECRET, CONFIG_MAP, RALPH } from "../../../workload/names";
import { podSpecs, variableSecrets } from "../read";
import { check, type Finding } from "../types";

const PLACEHOLDER = /^(your|<|xxx|changeme|todo|example|dummy)|[-_]here$/i;

/** API keys: there or not, empty, or with what does not belong to one. None of them is ever told. */
export const keys = check({
  name: "API keys",
  needs: ["deployments", "jobs", "cronJobs", "secrets", "configMaps"],
  look({ secrets, configMaps, ...templates }, { setSecret, up, refresh, kubectl }) {
    const specs = podSpecs(templates);
    const names = new Set(specs.flatMap(variableSecrets));
    const agents = agentsOf(
      specs.flatMap((spec) => spec.containers.flatMap(({ args = [] }) => args)),
      configMaps.find(({ metadata }) => metadata?.name === CONFIG_MAP)?.data?.RALPH_AGENT,
    );
    return [...names].flatMap((name): Finding[] => {
      const object = `Secret ${name}`;
      const own = name === API_KEY_SECRET;
      const mend = (agent: KeyedAgent): string[] =>
        own
          ? [setSecret(`apiKeys.${agent}`), up]
          : [kubectl(`edit secret ${name}`), kubectl(`rollout restart deployment ${RALPH}`)];
      const secret = secrets.get(name);
      if (secret === undefined)
        return [
          {
            object,
            what: "is not there, and the pods take their API keys from it",
            cause: own
              ? "Somebody has deleted it."
              : "It is what apiKeys.existingSecret names, and nobody has made it.",
            fix: own
              ? [refresh, up]
              : [kubectl(`create secret generic ${name} --from-file=CLAUDE_API_KEY=<file>`)],
          },
        ];
      const value = (agent: KeyedAgent): string | undefined => {
        const data = secret.data?.[API_KEYS[agent]];
        return data === undefined ? undefined : Buffer.from(data, "base64").toString();
      };
      const missing = agents.filter((agent) => (value(agent) ?? "").trim() === "");
      const absent: Finding[] =
        agents.length === 0 && KEYED_AGENTS.every((agent) => (value(agent) ?? "").trim() === "")
          ? [
              {
                object,
                what: `has none of ${Object.values(API_KEYS).join(", ")}`,
                cause: "No agent can call its model.",
                fix: mend("claude"),
              },
            ]
          : missing.map((agent) => ({
              object,
              what: `has no ${API_KEYS[agent]}, or an empty one`,
              cause: `A task, a schedule or the workers are to use the agent ${agent}, which cannot call its model.`,
              fix: mend(agent),
            }));
      const odd = KEYED_AGENTS.flatMap((agent): Finding[] => {
        const key = value(agent) ?? "";
        if (key.trim() === "") return [];
        const wrong = /\s/.test(key)
          ? "has white space in it, perhaps a line's end"
          : PLACEHOLDER.test(key)
            ? "is a placeholder"
            : undefined;
        return wrong === undefined
          ? []
          : [
              {
                object,
                what: `${API_KEYS[agent]} ${wrong}`,
                cause: "The model's provider refuses it.",
                fix: mend(agent),
              },
            ];
      });
      return [...absent, ...odd];
    });
  },
});

/** Agents that are named, which need their own key; `auto` takes any. */
function agentsOf(args: readonly string[], configured: string | undefined): KeyedAgent[] {
  const named = [configured, ...args.map((arg) => /^--agent=(.+)$/.exec(arg)?.[1])];
  return KEYED_AGENTS.filter((agent) => named.includes(agent));
}
