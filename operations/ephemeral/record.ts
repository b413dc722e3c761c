import { z } from "zod";

import { parseMoment } from "../../clusters/lifetime";

/**
 * What is known of an ephemeral stack wherever its backend is: written before its first resource is made, so that
 * a run that ends at any moment leaves a stack that `down` and `reap` can take.
 */
export interface EphemeralRecord {
  /** Whose committed stack file it is made from. */
  readonly cloud: string;
  /** RFC 3339, UTC. */
  readonly expires: string;
  readonly owner?: string;
  /** What `--set` gave it, by key: a later run, perhaps on another machine, gives it the same. */
  readonly set?: Readonly<Record<string, string>>;
}

/** One tag with all of it: what is written at once is never half there. */
export const RECORD_TAG = "ralph:ephemeral";

/** Of a tag's value, at Pulumi Cloud. */
const LONGEST = 256;

const schema = z.strictObject({
  cloud: z.string(),
  expires: z.string(),
  owner: z.string().optional(),
  set: z.record(z.string(), z.string()).optional(),
});

/** Whether `set` makes the tag too long, so that it is left out. */
export const forgets = (record: EphemeralRecord): boolean =>
  record.set !== undefined && JSON.stringify(record).length > LONGEST;

/** The tag's value. */
export const toTag = (record: EphemeralRecord): string =>
  JSON.stringify(forgets(record) ? { ...record, set: undefined } : record);

/** Undefined where the text is no record; its `expires` may still be no moment. */
export function fromTag(text: string): EphemeralRecord | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The later of two moments, as far as they are moments: who made a life longer is right. */
export function later(a: string, b: string | undefined): string {
  return b !== undefined && (parseMoment(b) ?? 0) > (parseMoment(a) ?? 0) ? b : a;
}
