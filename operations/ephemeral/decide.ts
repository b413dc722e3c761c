import { moment, parseMoment } from "../../clusters/lifetime";
import { PROJECT } from "../../lib/repository";
import { type EphemeralRecord, later } from "./record";

/** What the backend knows of a stack that decides whether it is reaped. */
export interface Candidate {
  readonly stack: string;
  /** Name of its project; undefined while it has no resources. */
  readonly project?: string;
  /** Content of its tag. */
  readonly record?: EphemeralRecord;
  /** The tag, if it exists but cannot be read. */
  readonly unreadable?: string;
  /** `lifetime` of its outputs. */
  readonly output?: { readonly expires: string; readonly owner?: string };
  /** Whether a run of its program has finished: if so, its outputs are authoritative. */
  readonly finished: boolean;
  readonly resources: number;
  /** Logical names of its protected resources. */
  readonly guarded: readonly string[];
  /** Whether an update is in progress, as far as the backend reports it without its lock. */
  readonly busy: boolean;
}

export interface Decision {
  readonly stack: string;
  readonly verdict: "reap" | "keep";
  readonly reason: string;
  readonly expires?: string;
  readonly owner?: string;
}

export interface Reaped extends Omit<Decision, "verdict"> {
  /**
   * `reap`: it would be reaped with --yes. `left`: its resources are deleted, except those that the report lists.
   * `orphan`: the stack does not exist, and its cloud still has resources of it.
   */
  readonly outcome: "reap" | "keep" | "reaped" | "left" | "orphan" | "failed";
  /** Commands that remove what is left in the cloud. */
  readonly remove?: readonly string[];
}

/**
 * Decides whether a stack has expired. In doubt it is kept: a mistake then costs hours of a small cluster.
 *
 * @param now milliseconds since 1970
 */
export function decide(candidate: Candidate, now: number): Decision {
  const { stack, project, record, unreadable, output, finished, guarded, busy } = candidate;
  const expires = record === undefined ? output?.expires : later(record.expires, output?.expires);
  const owner = output?.owner ?? record?.owner;
  const known = {
    stack,
    ...(expires === undefined ? {} : { expires }),
    ...(owner === undefined ? {} : { owner }),
  };
  const keep = (reason: string): Decision => ({ ...known, verdict: "keep", reason });

  if (project !== undefined && project !== PROJECT) return keep(`belongs to the project ${project}`);
  if (unreadable !== undefined) return keep(`its tag cannot be read: ${unreadable}`);
  if (expires === undefined) return keep("is not ephemeral");
  // It was, until its owner made it permanent.
  if (finished && output === undefined) return keep("is no longer ephemeral, since its last update");
  const end = parseMoment(expires);
  if (end === undefined) return keep(`has an invalid expiry time: ${JSON.stringify(expires)}`);
  if (end > now) return keep(`expires at ${expires}`);
  if (guarded.length > 0) return keep(`is protected: ${guarded.join(", ")}`);
  if (busy) return keep("is being updated");
  return { ...known, verdict: "reap", reason: `has expired: it is ${moment(now)}` };
}
