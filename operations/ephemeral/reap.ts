import { Interrupted, ToolError } from "../../lib/errors";
import type { CloudName } from "../../clusters";
import { Locked } from "../engine/engine";
import { LONGEST_RUN } from "../engine/lock";
import { listed } from "../leaks/report";
import type { Unseen } from "../unseen";
import { Backend } from "./backend";
import { type Candidate, decide, type Decision, type Reaped } from "./decide";
import { takeDown } from "./down";
import { findOrphans } from "./orphans";

export interface ReapOptions {
  /** Only stacks on this cloud. Default: all stacks, and orphans in every cloud. */
  readonly cloud?: CloudName;
  /** Whether to reap; if not, only report what would be reaped. */
  readonly yes: boolean;
  readonly say: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: number;
  /** Machines that are known to be gone: their locks are stale. */
  readonly gone?: readonly string[];
  /** Milliseconds, as `destroy` takes them. */
  readonly waits?: readonly number[];
}

/**
 * Destroys every stack of this project that has expired. A failure of one does not stop the others; a stack that is
 * not certainly ephemeral, expired, unprotected and idle is kept.
 */
export async function reap(options: ReapOptions): Promise<ReapReport> {
  const { cloud, yes, say, now = Date.now() } = options;
  const backend = new Backend();
  const outcomes: Reaped[] = [];
  const stacks = await backend.list();
  for (const listed of stacks) {
    outcomes.push(
      await attempt(listed.name, async () => {
        const candidate = await backend.inspect(listed);
        const { verdict, ...decision } = decide(candidate, now);
        const on = candidate.record?.cloud;
        if (verdict === "reap" && cloud !== undefined && on !== cloud)
          return {
            ...decision,
            outcome: "keep",
            reason: `has expired, but is on ${on ?? "an unknown cloud"}`,
          };
        if (verdict === "keep" || !yes) return { ...decision, outcome: verdict };
        say(`Stack ${candidate.stack} ${decision.reason}:`);
        return take(candidate, decision, options);
      }),
    );
  }
  say(`Looking in ${cloud ?? "every cloud"} for what removed stacks have left behind ...`);
  const { orphans, unseen } = await findOrphans(
    stacks.map(({ name }) => name),
    now,
    cloud,
  );
  return { stacks: [...outcomes, ...orphans], unseen };
}

export interface ReapReport {
  readonly stacks: readonly Reaped[];
  /** Questions that could not be answered. */
  readonly unseen: readonly Unseen[];
}

/** Turns an error into an outcome of its stack. */
async function attempt(stack: string, work: () => Promise<Reaped>): Promise<Reaped> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (error instanceof Locked)
      return { stack, outcome: "keep", reason: ["is being updated", ...error.by].join(": ") };
    if (error instanceof ToolError) return { stack, outcome: "failed", reason: error.message };
    throw error;
  }
}

async function take(
  candidate: Candidate,
  decision: Omit<Decision, "verdict">,
  { say, gone, waits, now = Date.now() }: ReapOptions,
): Promise<Reaped> {
  const before = now - LONGEST_RUN;
  const { outcome, leaks } = await takeDown(candidate, {
    ...{ say, gone, before, waits },
    confirm: async () => true,
  });
  if (outcome === "left")
    return {
      ...decision,
      outcome,
      reason: `has left behind ${listed(leaks.leftovers)}`,
      remove: leaks.leftovers.flatMap(({ remove }) => remove),
    };
  return { ...decision, outcome: "reaped" };
}
