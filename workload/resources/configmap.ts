import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { MOUNTS, type Variable, type Variables } from "../../runner/src/contract";
import type { RalphConfig } from "../keys";
import { CONFIG_MAP } from "../names";
import type { Scope } from "../scope";

/** The variables of every Ralph pod (guide, section 1). */
export const configData = ({ config, git }: RalphConfig): Record<string, string> => ({
  ...({
    RALPH_AGENT: config.agent,
    RALPH_MAX_ITERATIONS: String(config.maxIterations),
    RALPH_MAX_RUNTIME: String(config.maxRuntime),
    RALPH_CHECKPOINT_INTERVAL: String(config.checkpointInterval),
    RALPH_VERBOSE: String(config.verbose),
    RALPH_ENABLE_METRICS: String(config.enableMetrics),
  } satisfies Variables),
  ...optional({
    RALPH_AGENT_TIMEOUT: config.agentTimeout,
    RALPH_MAX_COST_USD: config.maxCostUsd,
    RALPH_MAX_DAILY_COST_USD: config.maxDailyCostUsd,
    RALPH_MODEL: config.model,
    RALPH_AGENT_ARGS: config.agentArgs,
    RALPH_HATS: config.hats,
    RALPH_SETTINGS: config.ralph,
    RALPH_LOG_FORMAT: config.logFormat,
  }),
  ...(git.remote !== undefined &&
    ({
      RALPH_GIT_REMOTE: git.remote,
      RALPH_GIT_BRANCH_PREFIX: git.branchPrefix,
      RALPH_GIT_SSH: MOUNTS.ssh,
      ...(git.allowCI ? { RALPH_GIT_ALLOW_CI: "true" } : {}),
    } satisfies Variables)),
});

/** The variables that are set, lists and maps as JSON. */
const optional = (values: Readonly<Partial<Record<Variable, unknown>>>): Variables =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );

export function configMap({ name, config, metadata, options }: Scope): ConfigMap {
  return new ConfigMap(
    `${name}-config`,
    { metadata: metadata(CONFIG_MAP), data: configData(config) },
    options(),
  );
}
