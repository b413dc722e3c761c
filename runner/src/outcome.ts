import type { Outcome } from "./contract";

/** What Ralph's own exit code means (`TerminationReason::exit_code`); any other code is a failure. */
const RALPH: Readonly<Record<number, Outcome>> = {
  0: "completed",
  1: "failed",
  2: "limit",
  130: "interrupted",
};

/** The ends of Ralph with exit code 1 that no retry helps, by the status in its summary (`SummaryWriter::status_text`). */
const FAILURES: Readonly<Record<string, Outcome>> = {
  "Failed: loop thrashing detected": "stuck",
  "Failed: stale loop detected": "stuck",
  "Failed: too many malformed JSONL events": "stuck",
  "Stopped manually": "stopped",
};

/**
 * The outcome of one run of Ralph.
 *
 * @param code null if a signal ended it, which is how it ends when it is stopped in mid-iteration
 * @param stopped why the runner stopped it, which is then the outcome
 * @param status the status in Ralph's summary
 */
export function outcomeOf(
  code: number | null,
  iterations: number,
  stopped: Outcome | undefined,
  status?: string,
): Outcome {
  if (code === 0) return "completed";
  if (stopped !== undefined) return stopped;
  if (code === 1) return FAILURES[status ?? ""] ?? "failed";
  // Its command line also exits with 2 on an unknown flag.
  if (code === 2 && iterations === 0) return "failed";
  return RALPH[code ?? 1] ?? "failed";
}
