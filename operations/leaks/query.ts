import { quoted } from "../../lib/shell";
import type { Place } from "../place";
import type { Unseen } from "../unseen";

/** Something in the cloud that belongs to a stack, by its tags or its name. */
export interface Found {
  /** What kind of thing it is, for people: `disk`. */
  readonly what: string;
  /** As the cloud calls it: a name, an ARN, a resource id. */
  readonly id: string;
  /** Type of the resource in a state, where its id alone does not tell it from others. */
  readonly type?: string;
  /** Commands that remove it, in this order. */
  readonly remove: readonly string[];
  /**
   * Who made it: the program, or something in its cluster, such as the driver of its volumes. While the
   * cluster is there, what it made is in use.
   */
  readonly madeBy: "program" | "cluster";
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers of vendors' programs, read by path
export type Answer = any;

/** One question to a cloud, asked by its vendor's program. */
export interface Query {
  /** What is looked for, for people: `disks of claims`. */
  readonly about: string;
  /** Program and arguments; the answer is JSON. */
  readonly ask: (place: Place) => readonly string[];
  readonly found: (answer: Answer, place: Place) => readonly Found[];
  /** A question about each of what was found, where the first answer does not say whose it is. */
  readonly whose?: {
    readonly ask: (found: Found, place: Place) => readonly string[];
    readonly ours: (answer: Answer, place: Place) => boolean;
  };
  /** What a program says, with an exit code other than 0, that means "none". */
  readonly none?: RegExp;
}

export interface CloudQueries {
  readonly queries: readonly Query[];
  /** Where to get the program, and how to log in with it. */
  readonly install: string;
  readonly logIn: string;
  /** Milliseconds to wait before each further look: its lists still show what has just gone. */
  readonly lag: readonly number[];
  /** Whether the cluster is there. */
  readonly cluster: Query;
}

/** Something that a stack has left in its cloud, or on a cluster that stays. */
export type Leftover = Omit<Found, "madeBy">;

export interface LeakReport {
  readonly leftovers: readonly Leftover[];
  readonly unseen: readonly Unseen[];
  /** What was looked for and could be. */
  readonly looked: readonly string[];
}

/** Where nothing was asked. */
export const NO_LEAKS: LeakReport = { leftovers: [], unseen: [], looked: [] };

/** Text for a shell. */
export const shell = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(" ");
