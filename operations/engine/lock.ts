import { hostname, userInfo } from "node:os";

import { processStart } from "../../lib/processes";

/** The owner of a lock, as reported by an engine whose backend is not a service (backend/diy/lock.go). */
export interface LockOwner {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly since: string;
  /** Whether the state is where other machines can reach it: in a bucket, and not in a folder. */
  readonly shared: boolean;
}

/** The lock owners named in a command's output; undefined if the command failed for another reason. */
export function lockOwners(output: string): readonly LockOwner[] | undefined {
  // Pulumi Cloud words it differently, and does not name the owner.
  if (/\[409\] Conflict: Another update is currently in progress/.test(output)) return [];
  if (!output.includes("the stack is currently locked by")) return undefined;
  const pattern = /(?<at>\S+): created by (?<user>\S*)@(?<host>\S+) \(pid (?<pid>\d+)\) at (?<since>\S+)/g;
  return [...output.matchAll(pattern)].map(({ groups = {} }) => ({
    user: groups.user ?? "",
    host: groups.host ?? "",
    pid: Number(groups.pid),
    since: groups.since ?? "",
    shared: !(groups.at ?? "").startsWith("file://"),
  }));
}

/** Runs that the caller knows to be dead, although their lock does not show it. */
export interface KnownDeadRuns {
  /** Host names of machines that no longer exist, such as that of an earlier job of the same CI run. */
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
  owner: LockOwner,
  { gone = [], before = -Infinity }: KnownDeadRuns,
  env: NodeJS.ProcessEnv = process.env,
): boolean =>
  (gone.includes(owner.host) && !hasOwnName(owner)) ||
  Date.parse(owner.since) < before ||
  (wasHere(owner, env) && processStart(owner.pid) === undefined);

/** Whether the lock's host has the name of this machine, which is not gone. */
export const hasOwnName = ({ host }: LockOwner): boolean => host === hostname();

/** Whether a run was on this machine. A lock has no more than its host name and user to tell. */
const wasHere = (owner: LockOwner, env: NodeJS.ProcessEnv): boolean =>
  hasOwnName(owner) && owner.user.split("\\").at(-1) === userName() && isUnique(owner, env);

/** The user as Pulumi names it, which on Windows adds the domain. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? ""; // a container's user without an entry in /etc/passwd
  }
}

/** Variables that say that this machine runs a job of CI. */
const CI = ["CI", "GITHUB_ACTIONS", "GITLAB_CI"];

/**
 * Whether no other machine that reaches the state has this name. Laptops, and runners of CI that are made from one image,
 * may all have the same name: in CI only the one counts that .github/actions/setup sets.
 */
export function isUnique(
  { host, shared }: Pick<LockOwner, "host" | "shared">,
  env: NodeJS.ProcessEnv,
): boolean {
  const inCI = CI.some((name) => !["", "false", undefined].includes(env[name]));
  return inCI ? env.GITHUB_RUN_ID !== undefined && host.startsWith(`gh-${env.GITHUB_RUN_ID}-`) : !shared;
}

/** The owner in words, for messages. */
export const describeOwner = ({ user, host, pid, since }: LockOwner): string =>
  `process ${pid} of ${user} on ${host} (since ${since})`;
