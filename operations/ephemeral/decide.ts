import { moment, parseMoment } from "../../clusters/lifetime";
import { PROJECT } from "../../lib/repository";
import { type EphemeralRecord, later } from "./record";

/** A stack of the backend, as far as its end depends on it. */
export interface Candidate {
  readonly stack: string;
  /** Name of its project; absent while it has no resources. */
  readonly project?: string;
  /** What its tag says. */
  readonly record?: EphemeralRecord;
  /** The tag, where it is one and cannot be read. */
  readonly unreadable?: string;
  /** `lifetime` of its outputs. */
  readonly output?: { readonly expires: string; readonly owner?: string };
  /** Whether a run of its program has come to its end: then its outputs say what it is. */
  readonly finished: boolean;
  readonly resources: number;
  /** Logical names of what must not be deleted. */
  readonly guarded: readonly string[];
  /** Whether an update is in progress, as far as the backend says without being asked for its lock. */
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
   * `reap`: it would be, with --yes. `left`: its resources are gone but for what the report names. `orphan`: there
   * is no such stack, and its cloud has something of it.
   */
  readonly outcome: "reap" | "keep" | "reaped" | "left" | "orphan" | "failed";
  /** Commands that remove what is left in the cloud. */
  readonly remove?: readonly string[];
}

/**
 * Whether a stack's time is over. In doubt it stays: what is kept by mistake costs hours of a small cluster.
 *
 * @param now milliseconds since 1970
 */
export function decide(candidate: Candidate, now: number): Decision {
  const { stack, project, record, unreadable, output, finished, guarded, busy } = candidate;
  const expires = record === undefined ? output?.expires : later(record.expires, output?.expires);
  const owner = output?.owner ?? record?.owner;
  const told = {
    stack,
    ...(expires === undefined ? {} : { expires }),
    ...(owner === undefined ? {} : { owner }),
  };
  const keep = (reason: string): Decision => ({ ...told, verdict: "keep", reason });

  if (project !== undefined && project !== PROJECT) return keep(`is of the project ${project}`);
  if (unreadable !== undefined) return keep(`its tag cannot be read: ${unreadable}`);
  if (expires === undefined) return keep("is not ephemeral");
  // It was, and its owner has made it one that is to stay.
  if (finished && output === undefined) return keep("is not ephemeral any more, by its last update");
  const end = parseMoment(expires);
  if (end === undefined) return keep(`${JSON.stringify(expires)} is no moment to expire at`);
  if (end > now) return keep(`lives until ${expires}`);
  if (guarded.length > 0) return keep(`is protected: ${guarded.join(", ")}`);
  if (busy) return keep("an update of it is in progress");
  return { ...told, verdict: "reap", reason: `has expired, and it is ${moment(now)}` };
}
