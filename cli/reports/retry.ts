import type { RetryReport } from "../../operations/retry";

/** What `retry` did and found, for people. */
export function retryText({ namespace, results, ended, jobs }: RetryReport): string {
  return [
    ...results.map(({ prompt, result }) => `${prompt}: ${MEANINGS[result]}`),
    ...(results.length > 0
      ? []
      : ended.map(
          ({ name, state, outcome, runs, iterations, ended: at }) =>
            `${name}: ${state === outcome ? state : `${state}: ${outcome}`} (runs: ${runs}, iterations: ${iterations})${at === undefined ? "" : `, ${at}`}`,
        )),
    ...(results.length > 0
      ? []
      : jobs.flatMap(({ name, what, fix }) => [`Job ${name}: ${what}`, ...fix.map((line) => `    ${line}`)])),
    ...(results.length > 0 || ended.length + jobs.length > 0
      ? []
      : [`Nothing in namespace ${namespace} has failed.`]),
    ...(results.length > 0 || ended.length === 0
      ? []
      : ["Retry prompts by their names, or all failed ones with --all."]),
  ].join("\n");
}

const MEANINGS: Readonly<Record<RetryReport["results"][number]["result"], string>> = {
  retried: "runs again as soon as a worker is free",
  pending: "waits for a worker already",
  running: "is running",
  completed: "is completed, and stays as it is: edit the prompt to have it run again",
  busy: "a worker still holds it: repeat the command in a minute",
  unknown: "there is no such prompt in the queue; tasks and schedules are Jobs: list them without a name",
};
