import { hostname } from "node:os";

import { processStart } from "../../tools/processes";

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

/**
 * Whether a lock is a remnant: of a process of this machine that is gone, or of a machine that the caller
 * knows to be, such as the one of an earlier job of the same CI run.
 */
export const isStale = ({ host, pid }: LockOwner, gone: readonly string[]): boolean =>
  gone.includes(host) || (host === hostname() && processStart(pid) === undefined);
