/**
 * How a run can end, as the container's exit code. Kubernetes counts a failed pod against `backoffLimit`;
 * `retry: false` are the codes that the Jobs' podFailurePolicy (workload/resources/job.ts) ends at once,
 * because the same pod would end the same way, or spend the same again. 64, 66, 70 and 78 are those of
 * sysexits.h, 143 is the shell's for SIGTERM.
 */
export const ENDS = {
  completed: { code: 0, retry: false, meaning: "the agent has kept its completion promise" },
  failed: { code: 1, retry: true, meaning: "the agent failed five times in a row, or the loop got nowhere" },
  limit: { code: 2, retry: false, meaning: "iterations or runtime are used up" },
  usage: { code: 64, retry: false, meaning: "a flag or a variable is wrong" },
  prompt: { code: 66, retry: false, meaning: "the prompt is missing or empty" },
  internal: { code: 70, retry: true, meaning: "a defect of the runner, or a volume or program that fails" },
  configuration: { code: 78, retry: false, meaning: "no API key, or a program that the image lacks" },
  interrupted: { code: 143, retry: true, meaning: "stopped by a signal; the next run continues" },
} as const;

export type End = keyof typeof ENDS;
/** Ends of a run that took place. */
export type Outcome = Extract<End, "completed" | "failed" | "limit" | "interrupted">;

export const exitCode = (end: End): number => ENDS[end].code;

/** For the Jobs' podFailurePolicy. */
export const NEVER_RETRIED: readonly number[] = Object.values(ENDS)
  .filter(({ code, retry }) => code !== 0 && !retry)
  .map(({ code }) => code);

/** What Ralph's own exit code says (`TerminationReason::exit_code`); every other one is a failure. */
const RALPH: Readonly<Record<number, Outcome>> = {
  0: "completed",
  1: "failed",
  2: "limit",
  130: "interrupted",
};

/**
 * The outcome of one run of Ralph.
 *
 * @param code null when a signal ended it: so it ends itself when it is asked to stop in mid-iteration
 * @param stopped why the runner has stopped it, which is then the outcome
 */
export function outcomeOf(code: number | null, iterations: number, stopped: Outcome | undefined): Outcome {
  if (code === 0) return "completed";
  if (stopped !== undefined) return stopped;
  // Its command line's error for a wrong flag is 2 as well.
  if (code === 2 && iterations === 0) return "failed";
  return RALPH[code ?? 1] ?? "failed";
}
