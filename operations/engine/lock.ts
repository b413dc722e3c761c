import { hostname } from "node:os";

import { processStart } from "../../lib/processes";

/** The owner of a lock, as reported by an engine whose backend is not a service (backend/diy/lock.go). */
export interface LockOwner {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

/** The lock owners named in a command's output; undefined if the command failed for another reason. */
export function lockOwners(output: string): readonly LockOwner[] | undefined {
  // Pulumi Cloud words it differently, and does not name the owner.
  if (/\[409\] Conflict: Another update is currently in progress/.test(output)) return [];
  if (!output.includes("the stack is currently locked by")) return undefined;
  const pattern = /created by (?<user>\S*)@(?<host>\S+) \(pid (?<pid>\d+)\) at (?<since>\S+)/g;
  return [...output.matchAll(pattern)].map(({ groups = {} }) => ({
    user: groups.user ?? "",
    host: groups.host ?? "",
    pid: Number(groups.pid),
    since: groups.since ?? "",
  }));
}

/** Runs that the caller knows to be dead, although their lock does not show it. */
export interface KnownDeadRuns {
  /** Machines that no longer exist, such as that of an earlier job of the same CI run. */
  readonly gone?: readonly string[];
  /** Milliseconds since 1970: a run that began earlier is dead, on any machine. */
  readonly before?: number;
}

/**
 * Milliseconds. No run on an ephemeral stack lasts longer: CI stops its jobs after two hours (`timeout-minutes` in the
 * workflows, `timeout` on GitLab). An older lock belongs to a lost machine; if the state is in a bucket, the lock would
 * remain indefinitely.
 */
export const LONGEST_RUN = 3 * 3_600_000;

/** Whether a lock is stale: its process was on this machine and is dead, or the caller knows that its run is. */
export const isStale = (
  { host, pid, since }: LockOwner,
  { gone = [], before = -Infinity }: KnownDeadRuns,
): boolean =>
  gone.includes(host) ||
  Date.parse(since) < before ||
  (host === hostname() && processStart(pid) === undefined);

/** The owner in words, for messages. */
export const describeOwner = ({ user, host, pid, since }: LockOwner): string =>
  `process ${pid} of ${user} on ${host} (since ${since})`;
