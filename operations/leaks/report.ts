import type { Found } from "../../clusters/operations";
import type { Unseen } from "../unseen";

/** Something that a stack has left behind in its cloud, or on a cluster that it does not own. */
export type Leftover = Pick<Found, "what" | "id" | "remove">;

/** Something that has the name of the stack's own, and another owner. */
export interface Other extends Pick<Found, "what" | "id"> {
  /** What tells that it is not the stack's. */
  readonly owner: string;
}

export interface LeakReport {
  readonly leftovers: readonly Leftover[];
  /** Commands that give a shell the identity of the stack's provider, if that is not the vendor's program's own. */
  readonly first?: readonly string[];
  readonly others: readonly Other[];
  readonly unseen: readonly Unseen[];
  /** What was looked for, successfully. */
  readonly looked: readonly string[];
}

/** Leftovers in one line: `disk a, address b`. */
export const listed = (leftovers: readonly Leftover[]): string =>
  leftovers.map(({ what, id }) => `${what} ${id}`).join(", ");

/** The report if nothing was asked. */
export const NO_LEAKS: LeakReport = { leftovers: [], others: [], unseen: [], looked: [] };

/** The commands that remove a leftover, or why there is none: nothing may be deleted that could have another owner. */
export const removal = ({ remove }: Leftover): readonly string[] =>
  remove.length === 0 ? ["nothing tells whose it is: ask before you delete it"] : remove;
