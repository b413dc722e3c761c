import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { type Variable, type Variables } from "../../runner/src/contract";
import type { RalphConfig } from "../keys";
import { gitVariables } from "../git-variables";
import { modelVariables } from "../models";
import { CONFIG_MAP } from "../names";
import type { Scope } from "../scope";
import { telemetryVariables } from "../telemetry";

/** The variables of every Ralph pod (guide, section 1). */
export const configData = (ralph: RalphConfig): Record<string, string> => ({
  ...({
    RALPH_AGENT: ralph.config.agent,
    RALPH_MAX_ITERATIONS: String(ralph.config.maxIterations),
    RALPH_MAX_RUNTIME: String(ralph.config.maxRuntime),
    RALPH_CHECKPOINT_INTERVAL: String(ralph.config.checkpointInterval),
    RALPH_VERBOSE: String(ralph.config.verbose),
    RALPH_ENABLE_METRICS: String(ralph.config.enableMetrics),
  } satisfies Variables),
  ...optional({
    RALPH_AGENT_TIMEOUT: ralph.config.agentTimeout,
    RALPH_MAX_COST_USD: ralph.config.maxCostUsd,
    RALPH_MAX_DAILY_COST_USD: ralph.config.maxDailyCostUsd,
    RALPH_MODEL: ralph.config.model,
    RALPH_AGENT_ARGS: ralph.config.agentArgs,
    RALPH_HATS: ralph.config.hats,
    RALPH_SETTINGS: ralph.config.ralph,
    RALPH_LOG_FORMAT: ralph.config.logFormat,
  }),
  ...gitVariables(ralph),
  ...modelVariables(ralph),
  ...telemetryVariables(ralph),
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
