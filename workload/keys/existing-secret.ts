import { type Finding, forbidden } from "../../config/findings";
import { dnsSubdomain } from "../../config/formats";

const LIST = new Intl.ListFormat("en");

/** The name of a Secret that this program does not manage. @param keys what it must contain */
export const existingSecret = (keys: readonly string[]) =>
  dnsSubdomain.optional().meta({ description: `Existing Secret to use instead, with ${LIST.format(keys)}.` });

/** The values that a section must not have, because it names a Secret that has them. */
export const checkInline = (section: string, inline: object, existing: string | undefined): Finding[] =>
  existing === undefined
    ? []
    : keysIn(inline).map((key) => forbidden([section, key], `existingSecret "${existing}" contains it`));

/** The keys that have a value. */
export const keysIn = (values: object): string[] =>
  Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : key));
