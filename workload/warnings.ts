import { type AgentChoice, AGENTS, KEYED_AGENTS } from "../runner/src/contract";
import type { ClusterTraits } from "../clusters/types";
import type { RalphConfig } from "./config";

/** What will come up and yet not do what was asked for, each with the way out. */
export function warnings(config: RalphConfig, traits: ClusterTraits): string[] {
  const { apiKeys, autoscaling, ingress, networkPolicy } = config;
  const runs = [{ name: "the worker", agent: config.config.agent }, ...config.tasks, ...config.schedules];
  // One warning an agent: each is a call of the engine, and a hundred tasks hide every other line.
  const agents = [...new Set(runs.map(({ agent }) => agent))];
  const has = (agent: AgentChoice) =>
    (agent !== "auto" && !("key" in AGENTS[agent])) ||
    apiKeys.existingSecret !== undefined ||
    KEYED_AGENTS.some((name) => (agent === "auto" || agent === name) && apiKeys[name] !== undefined);

  return [
    ...(autoscaling.enabled && !traits.metricsApi
      ? [
          "The cluster serves no metrics API, so ralph-hpa scales nothing: install metrics-server, " +
            "or pulumi config set --path ralph:autoscaling.enabled false",
        ]
      : []),
    ...(networkPolicy.enabled && !traits.networkPolicy.enforced
      ? ["The cluster enforces no network policy: Ralph's agents reach whatever its nodes reach."]
      : []),
    // Who names the class knows who serves it.
    ...(ingress.enabled && ingress.className === undefined && traits.ingress.missing !== undefined
      ? [
          `The cluster brings nothing that serves an Ingress of class ${traits.ingress.className}: install ` +
            `${traits.ingress.missing}. Where that is done: pulumi config set --path ralph:ingress.className ${traits.ingress.className}`,
        ]
      : []),
    ...agents
      .filter((agent) => !has(agent))
      .map(
        (agent) =>
          `No API key for ${someOf(runs.filter((run) => run.agent === agent))} (agent ${agent}): ` +
          `pulumi config set --secret --path ralph:apiKeys.${agent === "auto" ? KEYED_AGENTS[0] : agent}`,
      ),
  ];
}

/** The names, and past three of them their number. */
function someOf(runs: readonly { readonly name: string }[]): string {
  const shown = runs.slice(0, 3).map(({ name }) => name);
  const more = runs.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
