import { z } from "zod";
import { AGENT_CHOICES, VARIABLES } from "../../runner/src/contract";
import { section, within } from "./section";

export const agent = z.enum(AGENT_CHOICES);
export const maxIterations = within(VARIABLES.RALPH_MAX_ITERATIONS);
/** In seconds. The runner accepts less, but no agent completes anything in less than a minute. */
export const maxRuntime = within({ ...VARIABLES.RALPH_MAX_RUNTIME, min: 60 });

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
