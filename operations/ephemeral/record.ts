import { z } from "zod";

import { parseMoment } from "../../clusters/lifetime";

/**
 * What the backend knows of an ephemeral stack on every machine. It is written before the first resource is created,
 * so that a run that ends at any moment leaves a stack that `down` and `reap` recognize.
 */
export interface EphemeralRecord {
  /** The cloud whose committed stack file it is derived from. */
  readonly cloud: string;
  /** RFC 3339, UTC. */
  readonly expires: string;
  readonly owner?: string;
  /** Values of `--set`, by key: later runs, perhaps on other machines, use them too. */
  readonly set?: Readonly<Record<string, string>>;
}

/** One tag for all of it: a single write cannot be half done. */
export const RECORD_TAG = "ralph:ephemeral";

/** Longest value of a tag that Pulumi Cloud accepts. */
const MAX_LENGTH = 256;

const schema = z.strictObject({
  cloud: z.string(),
  expires: z.string(),
  owner: z.string().optional(),
  set: z.record(z.string(), z.string()).optional(),
});

/** Whether the tag would be too long with `set`, which is then left out. */
export const forgets = (record: EphemeralRecord): boolean =>
  record.set !== undefined && JSON.stringify(record).length > MAX_LENGTH;

/** The tag's value. */
export const toTag = (record: EphemeralRecord): string =>
  JSON.stringify(forgets(record) ? { ...record, set: undefined } : record);

/** Undefined if the text is not a record. Its `expires` may still be invalid. */
export function fromTag(text: string): EphemeralRecord | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The later of two times, if both are valid: an extended lifetime wins. */
export function later(a: string, b: string | undefined): string {
  return b !== undefined && (parseMoment(b) ?? 0) > (parseMoment(a) ?? 0) ? b : a;
}
