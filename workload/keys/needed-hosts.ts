import type { z } from "zod";
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

/** The keys that say which hosts the pods need. */
interface Values {
  readonly apiKeys: z.output<typeof apiKeys>;
  readonly models: Models;
  readonly config: z.output<typeof config>;
  readonly tasks: z.output<typeof tasks>;
  readonly schedules: z.output<typeof schedules>;
  readonly source: z.output<typeof source>;
  readonly git: z.output<typeof git>;
  readonly extraEnv: z.output<typeof extraEnv>;
}

type Agent = "claude" | "gemini";

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

/** The hosts that the configuration itself names or implies; agents may need others. */
export function neededHosts(values: Values): string[] {
  const servers = repositoriesOf(values).map((address) => serverOf(address).host);
  const opensPullRequests = [
    values.source,
    ...[...values.tasks, ...values.schedules].map((run) => run.source),
  ].some((each) => each?.pullRequest.enabled === true);
  const hosts = [
    ...(["claude", "gemini"] as const)
      .filter((agent) => runs(agent, values))
      .flatMap(
        (agent) => gatewayOf(agent, values) ?? ENDPOINTS[values.models[agent].via](values.models[agent]),
      ),
    ...servers,
    ...(opensPullRequests && servers.includes("github.com") ? ["api.github.com"] : []),
  ];
  return [...new Set(hosts)];
}

/** Whether an agent is named, or has what it needs to be chosen. */
function runs(
  agent: Agent,
  { apiKeys: keys, models: given, config: { agent: ofWorkers }, ...values }: Values,
): boolean {
  const named = [ofWorkers, ...[...values.tasks, ...values.schedules].map((run) => run.agent)];
  const isReady = keys[agent] !== undefined || onPlatforms(given).some((each) => each.agent === agent);
  return named.includes(agent) || (named.includes("auto") && isReady);
}

/** The host of a gateway in front of Claude's models. */
function gatewayOf(agent: Agent, { extraEnv: variables }: Values): string[] | undefined {
  const address = variables.find(({ name }) => name === "ANTHROPIC_BASE_URL")?.value;
  return agent === "claude" && address !== undefined && URL.canParse(address)
    ? [new URL(address).hostname]
    : undefined;
}

/** Whether a list of names and patterns has a host. */
export const names = (list: readonly string[], host: string): boolean =>
  list.some((each) => each === host || (each.startsWith("*.") && host.endsWith(each.slice(1))));

export const warnings = [
  warning(
    { networkPolicy, proxy, apiKeys, models, config, tasks, schedules, source, git, extraEnv },
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
