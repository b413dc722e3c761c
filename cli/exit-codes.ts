import type { Diagnosis } from "../operations/doctor";
import type { ReapReport } from "../operations/ephemeral/reap";
import type { LeakReport } from "../operations/leaks/report";
import type { RestoreReport } from "../operations/restore";
import type { RetryReport } from "../operations/retry";
import type { VerifyReport } from "../operations/verify/report";

/** Exit codes of every verb. Ctrl-C is the shells' 130. */
export const EXIT = { done: 0, failed: 1, found: 2, unseen: 3, interrupted: 130 } as const;

/** What each one means, for `--help`. */
export const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "done, and nothing is left to do",
  failed: "refused or failed; the message says what to do",
  found:
    "done, but something was found or left over: each item is listed with the command that fixes or removes it",
  unseen: "could not look everywhere: what could not be read is listed",
  interrupted: "stopped by Ctrl-C; repeat the command to go on",
};

const codeOf = (found: number, unseen: number): number =>
  found > 0 ? EXIT.found : unseen > 0 ? EXIT.unseen : EXIT.done;

export const leaksExitCode = ({ leftovers, unseen }: LeakReport): number =>
  codeOf(leftovers.length, unseen.length);

export const doctorExitCode = ({ findings, unseen }: Diagnosis): number =>
  codeOf(findings.length, unseen.length);

/** Without names it is a list of what failed; with names, what is left counts for nothing. */
export function retryExitCode({ results, ended, jobs }: RetryReport): number {
  if (results.length === 0) return codeOf(ended.length + jobs.length, 0);
  return results.some(({ result }) => ["completed", "busy", "unknown"].includes(result))
    ? EXIT.failed
    : EXIT.done;
}

/** A list is neither good nor bad. */
export function restoreExitCode({ restored }: RestoreReport): number {
  if (restored === undefined) return EXIT.done;
  return codeOf(restored.files.damaged, restored.files.error === undefined ? 0 : 1);
}

/** A check that was skipped without a next step is about what the stack does not have. */
export const verifyExitCode = ({ checks }: VerifyReport): number =>
  codeOf(
    checks.filter(({ outcome }) => outcome === "failed").length,
    checks.filter(({ outcome, next }) => outcome === "skipped" && next.length > 0).length,
  );

/** A stack that could not be reaped is a failure; what a stack has left in its cloud is a finding. */
export function reapExitCode({ stacks, unseen }: ReapReport): number {
  if (stacks.some(({ outcome }) => outcome === "failed")) return EXIT.failed;
  return codeOf(
    stacks.filter(({ outcome }) => outcome === "left" || outcome === "orphan").length,
    unseen.length,
  );
}
