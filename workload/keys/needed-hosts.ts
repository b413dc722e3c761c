import { isIP } from "node:net";
import type { z } from "zod";
import { matchesHost } from "../../lib/host-pattern";
import { type KeyedAgent, KEYED_AGENTS } from "../../runner/src/contract";
import { repositoriesOf, serverOf } from "../git-server";
import { apiKeys } from "./api-keys";
import { config } from "./config";
import { git } from "./git";
import { ANY_REGION, type Models, models, onPlatforms } from "./models";
import { networkPolicy } from "./network-policy";
import { proxy } from "./pods/proxy";
import { extraEnv } from "./pods/variables";
import { schedules, tasks } from "./runs";
import { warning } from "./section";
import { source } from "./source";
import { addressOf, namespaceOf, telemetry } from "./telemetry";

/** The keys by which the configuration names the hosts that the pods need. */
interface Values {
  readonly apiKeys: z.output<typeof apiKeys>;
  readonly models: Models;
  readonly config: z.output<typeof config>;
  readonly tasks: z.output<typeof tasks>;
  readonly schedules: z.output<typeof schedules>;
  readonly source: z.output<typeof source>;
  readonly git: z.output<typeof git>;
  readonly extraEnv: z.output<typeof extraEnv>;
  readonly telemetry: z.output<typeof telemetry>;
}

/** Where each platform serves its models; docs/policy.md has the sources. */
const ENDPOINTS = {
  anthropic: () => ["api.anthropic.com"],
  google: () => ["generativelanguage.googleapis.com"],
  bedrock: ({ region = "" }) => [`bedrock-runtime.${region}.amazonaws.com`],
  vertex: ({ region = ANY_REGION }) => [
    region === ANY_REGION ? "aiplatform.googleapis.com" : `${region}-aiplatform.googleapis.com`,
  ],
  foundry: ({ resource, resourceId = "" }) => [
    `${(resource ?? resourceId.split("/").at(-1) ?? "").toLowerCase()}.services.ai.azure.com`,
    "login.microsoftonline.com",
  ],
} satisfies Record<
  Models["claude"]["via"] | Models["gemini"]["via"],
  (place: Partial<Record<"region" | "resource" | "resourceId", string | undefined>>) => string[]
>;

/** Where OpenCode finds a model, which it names `<vendor>/<model>`: https://opencode.ai/docs/zen, .../docs/providers */
const VENDORS: Readonly<Record<string, string>> = {
  anthropic: "api.anthropic.com",
  google: "generativelanguage.googleapis.com",
  openai: "api.openai.com",
  opencode: "opencode.ai",
};

/** The hosts of each agent's model. No page of its vendor lists Kiro's. */
const HOSTS: Readonly<Record<KeyedAgent, (values: Values) => readonly string[]>> = {
  claude: ({ models: { claude } }) => ENDPOINTS[claude.via](claude),
  gemini: ({ models: { gemini } }) => ENDPOINTS[gemini.via](gemini),
  q: () => [],
  // https://platform.openai.com/docs/api-reference; its other addresses are options of the program
  codex: ({ config: { agentArgs = [] } }) =>
    agentArgs.some((each) => /base_url|model_provider/.test(each)) ? [] : ["api.openai.com"],
  opencode: ({ config: { model }, apiKeys: keys }) => {
    const vendor = model?.split("/")[0] ?? (keys.opencode === undefined ? "" : "opencode");
    const host = VENDORS[vendor];
    return host === undefined ? [] : [host];
  },
  // https://docs.github.com/en/copilot/reference/copilot-allowlist-reference
  copilot: () => ["api.github.com", "*.githubcopilot.com"],
  amp: () => ["ampcode.com"], // https://ampcode.com/manual
};

/** The variable with the address of a gateway in front of an agent's models. */
const GATEWAYS: Readonly<Partial<Record<KeyedAgent, string>>> = {
  claude: "ANTHROPIC_BASE_URL",
  gemini: "GOOGLE_GEMINI_BASE_URL",
  copilot: "COPILOT_PROVIDER_BASE_URL",
  amp: "AMP_URL",
};

/** The hosts that the configuration itself names or implies; agents may need others. */
export function neededHosts(values: Values): string[] {
  const servers = repositoriesOf(values).map((address) => serverOf(address).host);
  const opensPullRequests = [
    values.source,
    ...[...values.tasks, ...values.schedules].map((run) => run.source),
  ].some((each) => each?.pullRequest.enabled === true);
  const { otlp } = values.telemetry;
  const hosts = [
    ...KEYED_AGENTS.filter((agent) => runs(agent, values)).flatMap(
      (agent) => gatewayOf(agent, values) ?? HOSTS[agent](values),
    ),
    ...servers,
    ...(opensPullRequests && servers.includes("github.com") ? ["api.github.com"] : []),
    // Another port is opened by `allow`, which the collector's own rule asks for.
    ...(otlp === undefined ? [] : [addressOf(otlp)])
      .filter(({ port }) => port === 443)
      .map(({ host }) => host),
  ];
  // `allowPods` opens Services of the cluster, and `allow` opens addresses.
  return [...new Set(hosts)].filter((host) => namespaceOf(host, "own") === undefined && isIP(host) === 0);
}

/** Whether an agent is named, or has what it needs to be chosen. */
function runs(
  agent: KeyedAgent,
  { apiKeys: keys, models: given, config: { agent: ofWorkers }, ...values }: Values,
): boolean {
  const named = [ofWorkers, ...[...values.tasks, ...values.schedules].map((run) => run.agent)];
  const isReady = keys[agent] !== undefined || onPlatforms(given).some((each) => each.agent === agent);
  return named.includes(agent) || (named.includes("auto") && isReady);
}

function gatewayOf(agent: KeyedAgent, { extraEnv: variables }: Values): string[] | undefined {
  const address = variables.find(({ name }) => name === GATEWAYS[agent])?.value;
  return address !== undefined && URL.canParse(address) ? [addressOf({ endpoint: address }).host] : undefined;
}

/** Whether a list of names and patterns has a host, or for a pattern one that it matches. */
export const names = (list: readonly string[], host: string): boolean =>
  list.some((each) => matchesHost(each, host) || matchesHost(host, each));

export const warnings = [
  warning(
    { networkPolicy, proxy, apiKeys, models, config, tasks, schedules, source, git, extraEnv, telemetry },
    ({ networkPolicy: { hosts }, proxy: { https }, ...values }) =>
      // Behind a proxy, it is the proxy that reaches them.
      hosts.length === 0 || https !== undefined
        ? []
        : neededHosts(values)
            .filter((host) => !names(hosts, host))
            .map(
              (host, i) =>
                `networkPolicy.hosts lacks ${host}, which this configuration needs: pulumi config set --path ` +
                `'ralph:networkPolicy.hosts[${hosts.length + i}]' ${host}`,
            ),
  ),
];
