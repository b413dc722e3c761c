import { z } from "zod";
import { AGENT_CHOICES, VARIABLES } from "../../runner/src/contract";
import { section, within } from "./section";

export const agent = z.enum(AGENT_CHOICES);
export const maxIterations = within(VARIABLES.RALPH_MAX_ITERATIONS);
/** In seconds. The runner accepts less, but no agent completes anything in less than a minute. */
export const maxRuntime = within({ ...VARIABLES.RALPH_MAX_RUNTIME, min: 60 });

export const dollars = z.number().min(0.01).max(1_000_000);
export const hats = z.string().regex(VARIABLES.RALPH_HATS.pattern);

export const config = section({
  agent: agent
    .default(VARIABLES.RALPH_AGENT.default)
    .meta({ description: "Agent of the workers; `auto` picks the first one that has a key." }),
  maxIterations: maxIterations
    .default(VARIABLES.RALPH_MAX_ITERATIONS.default)
    .meta({ description: "Iterations after which Ralph ends a run." }),
  maxRuntime: maxRuntime
    .default(VARIABLES.RALPH_MAX_RUNTIME.default)
    .meta({ description: "Seconds after which Ralph ends a run." }),
  checkpointInterval: within(VARIABLES.RALPH_CHECKPOINT_INTERVAL)
    .default(VARIABLES.RALPH_CHECKPOINT_INTERVAL.default)
    .meta({ description: "Iterations between two checkpoints." }),
  agentTimeout: within({ ...VARIABLES.RALPH_AGENT_TIMEOUT, min: 60 })
    .optional()
    .meta({
      description: `Seconds of silence after which Ralph stops an agent; a minute later the pod counts as hung. Defaults to ${VARIABLES.RALPH_AGENT_TIMEOUT.default}.`,
    }),
  maxCostUsd: dollars.optional().meta({
    description:
      "US dollars after which the work on a prompt ends, over all its runs and restarts. Claude only: other agents do not report costs.",
  }),
  maxDailyCostUsd: dollars.optional().meta({
    description:
      "US dollars after which the workers pause until the next day (UTC). Counts everything on the same volume: all workers, and with ReadWriteMany also tasks and schedules, each of which otherwise counts for itself. Claude only.",
  }),
  model: z.string().regex(VARIABLES.RALPH_MODEL.pattern).optional().meta({
    description:
      "Model of the agents, by the name that their programs use. Defaults to the program's own choice.",
  }),
  agentArgs: z
    .array(z.string())
    .optional()
    .meta({ description: "Further command line arguments of the agents." }),
  hats: hats.optional().meta({
    description: "Ralph's hats: a preset such as `builtin:code-assist`, or a file in the work folder.",
  }),
  ralph: z.record(z.string(), z.json()).optional().meta({
    description:
      "Further keys of Ralph's own configuration (`ralph.yml`), such as `hats` or `event_loop.max_consecutive_failures`. Keys by which the runner keeps its limits cannot be changed.",
  }),
  logFormat: z.enum(VARIABLES.RALPH_LOG_FORMAT.choices).optional().meta({
    description: "Form of the pods' log: `text`, or `json` with one object a line. Defaults to `text`.",
  }),
  verbose: z
    .boolean()
    .default(VARIABLES.RALPH_VERBOSE.default)
    .meta({ description: "Whether the log has the output of Ralph and the agent." }),
  enableMetrics: z
    .boolean()
    .default(VARIABLES.RALPH_ENABLE_METRICS.default)
    .meta({ description: "Whether the pods serve /metrics." }),
})
  .prefault({})
  .meta({ description: "Ralph's settings, passed as RALPH_*: the ConfigMap `ralph-config`." });
