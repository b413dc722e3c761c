import { hostname } from "node:os";

import { processStart } from "../../lib/processes";

/** Who holds a stack, as the engine of a backend without a service says it (backend/diy/lock.go). */
export interface LockOwner {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

/** The lock's owners that a command's output names; undefined where it failed for another reason. */
export function lockOwners(output: string): readonly LockOwner[] | undefined {
  // The service of Pulumi says it in words of its own, and does not say who.
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

/** What the caller knows of runs whose end no lock tells. */
export interface Ended {
  /** Machines that are known to be gone, such as the one of an earlier job of the same CI run. */
  readonly gone?: readonly string[];
  /** Milliseconds since 1970: a run that began earlier has ended, whatever its machine was called. */
  readonly before?: number;
}

/**
 * Milliseconds. Nothing that works on an ephemeral stack lasts longer: CI ends its jobs after two hours at most
 * (`timeout-minutes` of the workflows, `timeout` on GitLab). An older lock is of a machine that was lost; where the
 * state is in a bucket, it never goes by itself.
 */
export const LONGEST_RUN = 3 * 3_600_000;

/** Whether a lock is a remnant: of a process of this machine that is gone, or of a run that the caller knows to be over. */
export const isStale = ({ host, pid, since }: LockOwner, { gone = [], before = -Infinity }: Ended): boolean =>
  gone.includes(host) ||
  Date.parse(since) < before ||
  (host === hostname() && processStart(pid) === undefined);

/** An owner, for people. */
export const called = ({ user, host, pid, since }: LockOwner): string =>
  `process ${pid} of ${user} on ${host} (since ${since})`;
