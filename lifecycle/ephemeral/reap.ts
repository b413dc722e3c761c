import { Interrupted, ToolError } from "../../tools/errors";
import { Locked } from "../engine/engine";
import { Backend } from "./backend";
import { type Candidate, decide, type Decision } from "./decide";
import { takeDown } from "./down";

export interface ReapOptions {
  /** Otherwise it only says what it would do. */
  readonly yes: boolean;
  readonly say: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: number;
  /** Machines that are known to be gone: their locks are remnants. */
  readonly gone?: readonly string[];
  /** Milliseconds, as `destroy` takes them. */
  readonly waits?: readonly number[];
}

export interface Reaped extends Omit<Decision, "verdict"> {
  /** `reap`: it would be, with --yes. `left`: its resources are gone but for what the report names. */
  readonly outcome: "reap" | "keep" | "reaped" | "left" | "failed";
  /** Commands that remove what is left in the cloud. */
  readonly remove?: readonly string[];
}

/**
 * Takes down every stack of this project whose time is over. One that fails does not keep the others from going;
 * what is not certain to be ephemeral, expired, unprotected and idle stays.
 */
export async function reap(options: ReapOptions): Promise<readonly Reaped[]> {
  const { yes, say, now = Date.now() } = options;
  const backend = new Backend();
  const outcomes: Reaped[] = [];
  for (const listed of await backend.list()) {
    outcomes.push(
      await attempt(listed.name, async () => {
        const candidate = await backend.inspect(listed);
        const { verdict, ...decision } = decide(candidate, now);
        if (verdict === "keep" || !yes) return { ...decision, outcome: verdict };
        say(`Stack ${candidate.stack} ${decision.reason}:`);
        return take(candidate, decision, options);
      }),
    );
  }
  return outcomes;
}

/** What goes wrong with one stack is its own. */
async function attempt(stack: string, work: () => Promise<Reaped>): Promise<Reaped> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (error instanceof Locked) return { stack, outcome: "keep", reason: "an update of it is in progress" };
    if (error instanceof ToolError) return { stack, outcome: "failed", reason: error.message };
    throw error;
  }
}

async function take(
  candidate: Candidate,
  decision: Omit<Decision, "verdict">,
  { say, gone, waits }: ReapOptions,
): Promise<Reaped> {
  const { outcome, leaks } = await takeDown(candidate, { say, gone, waits, confirm: async () => true });
  if (outcome === "left")
    return {
      ...decision,
      outcome,
      reason: `left ${leaks.leftovers.map(({ what, id }) => `${what} ${id}`).join(", ")}`,
      remove: leaks.leftovers.flatMap(({ remove }) => remove),
    };
  return { ...decision, outcome: "reaped" };
}

/** 1 where a stack could not be reaped, 2 where something of one is left. */
export const reapExitCode = (outcomes: readonly Reaped[]): number =>
  outcomes.some(({ outcome }) => outcome === "failed")
    ? 1
    : outcomes.some(({ outcome }) => outcome === "left")
      ? 2
      : 0;
