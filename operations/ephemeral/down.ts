import { ToolError } from "../../lib/errors";
import { type DestroyPlan, type DestroyResult, destroy } from "../destroy";
import type { KnownDeadRuns } from "../engine/lock";
import { NO_LEAKS } from "../leaks/report";
import { Backend } from "./backend";
import { configure } from "./configure";
import type { Candidate } from "./decide";
import { discard } from "./stack-file";

export interface DownOptions extends KnownDeadRuns {
  readonly say: (text: string) => void;
  readonly confirm: (plan: DestroyPlan) => Promise<boolean>;
  /** Milliseconds, as `destroy` takes them. */
  readonly waits?: readonly number[];
}

export interface DownResult extends Omit<DestroyResult, "done"> {
  readonly stack: string;
  /** `absent`: it did not exist. `left`: the stack is kept as a record of what is left in its cloud. */
  readonly outcome: "removed" | "absent" | "left" | "declined";
}

const NOTHING = { kept: [], copies: [], leaks: NO_LEAKS };

/** Destroys an ephemeral stack, and removes the stack itself. A second call has nothing to do. */
export async function down(stack: string, options: DownOptions): Promise<DownResult> {
  const found = await new Backend().find(stack);
  if (found === undefined) {
    discard(stack);
    return { stack, outcome: "absent", ...NOTHING };
  }
  refuseOthers(found);
  return takeDown(found, options);
}

function refuseOthers({ stack, record, output, finished, resources }: Candidate): void {
  const ended = finished && output === undefined;
  if ((record === undefined && output === undefined && resources > 0) || (ended && resources > 0))
    throw new ToolError(
      `stack ${stack} is not ephemeral; nothing was changed. To delete it anyway:\n` +
        `  ./ralphctl destroy --stack ${stack}`,
    );
}

/** `down` for a stack that is known to be ephemeral. */
export async function takeDown(
  { stack, record, resources }: Candidate,
  { say, ...options }: DownOptions,
): Promise<DownResult> {
  const backend = new Backend();
  const result =
    record === undefined && resources === 0
      ? { done: true, ...NOTHING }
      : await destroy({
          stack,
          say,
          ...options,
          env: record === undefined ? undefined : await configure(stack, record, { say }),
        });
  const { done, ...rest } = result;
  if (!done) return { stack, outcome: "declined", ...rest };
  if (rest.leaks.leftovers.length > 0) return { stack, outcome: "left", ...rest };
  await backend.remove(stack);
  discard(stack);
  return { stack, outcome: "removed", ...rest };
}
