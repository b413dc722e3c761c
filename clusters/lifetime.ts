/** When an ephemeral stack expires, and how a tag spells that. */

/** When a stack expires and whom to ask. It is in the tags of its cloud resources, an output and a tag of the stack. */
export interface Lifetime {
  readonly expires: string;
  readonly owner?: string;
}

/** RFC 3339 in UTC and whole seconds, so that each time has one spelling and no edit changes only that. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** A time such as `2026-11-25T08:00:00Z` in milliseconds since 1970; undefined for any other text. */
export function parseMoment(text: string): number | undefined {
  if (!MOMENT.test(text)) return undefined;
  const time = Date.parse(text);
  // The platform reads the 31st of a shorter month as a day of the next month.
  return !Number.isNaN(time) && moment(time) === text ? time : undefined;
}

/**
 * The time as text: `2026-11-25T08:00:00Z`.
 *
 * @param time milliseconds since 1970
 */
export const moment = (time: number): string => new Date(time).toISOString().replace(/\.\d{3}Z$/, "Z");

export const EXPIRES_TAG = "expires";
export const OWNER_TAG = "owner";

/** The lifetime as tags that every cloud accepts: Google's labels allow neither upper-case letters nor colons. */
export const tagsOf = ({ expires, owner }: Lifetime): Record<string, string> => ({
  [EXPIRES_TAG]: expires.toLowerCase().replaceAll(":", "-"),
  ...(owner === undefined ? {} : { [OWNER_TAG]: owner }),
});

/** The time in a tag, as `parseMoment` accepts it; undefined if the tag contains no time. */
export function momentOfTag(tag: string): string | undefined {
  const [, date, hours, minutes, seconds] = /^(\d{4}-\d{2}-\d{2})t(\d{2})-(\d{2})-(\d{2})z$/.exec(tag) ?? [];
  const text = `${date}T${hours}:${minutes}:${seconds}Z`;
  return parseMoment(text) === undefined ? undefined : text;
}
