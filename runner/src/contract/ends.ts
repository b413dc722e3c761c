/**
 * How the container can end, with its exit code. Kubernetes counts a failed pod against `backoffLimit`; the Jobs'
 * podFailurePolicy fails a Job at once on codes with `retry: false`, because the same pod would end the same way, or
 * spend the same again. 64 to 78 are those of sysexits.h; 143 is the shell's for SIGTERM.
 */
export const ENDS = {
  completed: { code: 0, retry: false, meaning: "the agent printed its completion promise" },
  failed: {
    code: 1,
    retry: true,
    meaning: "the agent failed five times in a row",
  },
  limit: { code: 2, retry: false, meaning: "the iteration or runtime limit was reached" },
  stuck: {
    code: 3,
    retry: false,
    meaning: "the loop made no progress: it repeated itself, or wrote events that cannot be read",
  },
  stopped: { code: 4, retry: false, meaning: "the loop was stopped by hand (ralph loops stop)" },
  usage: { code: 64, retry: false, meaning: "a flag or variable is invalid" },
  setup: { code: 65, retry: true, meaning: "the setup command of the source failed" },
  prompt: { code: 66, retry: false, meaning: "the prompt is missing or empty" },
  source: { code: 68, retry: true, meaning: "the source's repository cannot be fetched" },
  internal: { code: 70, retry: true, meaning: "a bug in the runner, or a failing volume or program" },
  storage: { code: 74, retry: true, meaning: "the volume of /workspace is full" },
  unavailable: {
    code: 75,
    retry: false,
    meaning: "the model API was unavailable until the run's time was up",
  },
  configuration: {
    code: 78,
    retry: false,
    meaning: "no API key, the API refuses it, or a program is missing from the image",
  },
  interrupted: { code: 143, retry: true, meaning: "stopped by a signal; the next run continues" },
} as const;

export type End = keyof typeof ENDS;
/** How a run of Ralph can end. */
export type Outcome = Extract<
  End,
  "completed" | "failed" | "stuck" | "stopped" | "limit" | "setup" | "interrupted" | "unavailable"
>;

/** The exit codes with which the Jobs' podFailurePolicy fails a Job. */
export const NEVER_RETRIED: readonly number[] = Object.values(ENDS)
  .filter(({ code, retry }) => code !== 0 && !retry)
  .map(({ code }) => code);
