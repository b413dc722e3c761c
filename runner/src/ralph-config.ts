import type { ChosenAgent } from "./agents";
import { type Agent, AGENTS } from "./contract";
import type { Settings } from "./settings";

/** The line that an agent prints when the prompt is done. The prompts of this project ask for it. */
const PROMISE = "LOOP_COMPLETE";

/** The backends that Ralph has a time of silence for (`AdaptersConfig` of ralph-core 2.10.1). */
const ADAPTERS = ["claude", "gemini", "kiro", "codex", "amp"];

type Yaml = Readonly<Record<string, unknown>>;

/**
 * The `ralph.yml` of a run; JSON is YAML. It contains no credentials: those are in the environment. The user's own keys
 * (`config.ralph`) are beneath those by which the runner keeps its limits.
 *
 * @param wrapper the program between Ralph and its agent (bin/agent)
 * @param maxRuntime remaining seconds
 */
export function ralphConfig(
  { name, backend }: ChosenAgent,
  { maxIterations, agentTimeout, model, agentArgs, ralph }: Settings,
  wrapper: string,
  maxRuntime: number,
): string {
  const { args: always = [], modelFlag }: Agent = AGENTS[name];
  const args = [
    ...always,
    ...(model === undefined || modelFlag === undefined ? [] : [modelFlag, model]),
    ...agentArgs,
  ];
  const own = {
    // The other arguments are those of Ralph's backend.
    cli: {
      backend,
      command: wrapper,
      ...(backend === "custom" ? { prompt_mode: "stdin" } : {}),
      ...(args.length > 0 ? { args } : {}),
    },
    event_loop: { max_iterations: maxIterations, max_runtime_seconds: maxRuntime },
    // All of them: a hat can have a backend of its own, and one that is not in the list has the time of `claude`.
    adapters: Object.fromEntries(ADAPTERS.map((adapter) => [adapter, { timeout: agentTimeout }])),
    // A second loop in one directory would be a git worktree that no one merges.
    features: { parallel: false, auto_merge: false },
  };
  const below = merged({ event_loop: { completion_promise: PROMISE } }, ralph);
  return `${JSON.stringify(merged(below, own), null, 2)}\n`;
}

/** Both maps, at every depth; where both have a value, that of `over`. */
function merged(under: Yaml, over: Yaml): Yaml {
  const both = Object.entries(over).map(([key, value]) => {
    const other = under[key];
    return [key, isMap(value) && isMap(other) ? merged(other, value) : value] as const;
  });
  return { ...under, ...Object.fromEntries(both) };
}

const isMap = (value: unknown): value is Yaml =>
  value !== null && typeof value === "object" && !Array.isArray(value);
