import type { ChosenAgent } from "./agents";
import type { Settings } from "./settings";

/** The line that an agent prints when the prompt is done. The prompts of this project ask for it. */
const PROMISE = "LOOP_COMPLETE";

/**
 * The `ralph.yml` of a run; JSON is YAML. It contains no credentials: those are in the environment.
 *
 * @param wrapper the program between Ralph and its agent (bin/agent)
 * @param maxRuntime remaining seconds
 */
export function ralphConfig(
  { backend }: ChosenAgent,
  { maxIterations, agentTimeout }: Settings,
  wrapper: string,
  maxRuntime: number,
): string {
  const config = {
    // The other arguments are those of Ralph's backend.
    cli: { backend, command: wrapper, ...(backend === "custom" ? { prompt_mode: "stdin" } : {}) },
    event_loop: {
      completion_promise: PROMISE,
      max_iterations: maxIterations,
      max_runtime_seconds: maxRuntime,
    },
    // Ralph has no such key for a custom backend, where it is its default, 300 s.
    ...(backend === "custom" ? {} : { adapters: { [backend]: { timeout: agentTimeout } } }),
    // A second loop in one directory would be a git worktree that no one merges.
    features: { parallel: false, auto_merge: false },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
