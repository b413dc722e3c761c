import { z } from "zod";
import { ephemeralName } from "../clusters/ephemeral";
import { EXPIRES_TAG, type Lifetime, moment, parseMoment, tagsOf } from "../clusters/lifetime";
import type { Ephemeral } from "../clusters/types";
import { type Finding, findIf, forbidden, invalid, required } from "../config/findings";
import { described, matching } from "../config/formats";
import { isMap, valueAt } from "../config/path";

/** Stacks that live for hours: `ralph:ephemeral`. docs/ephemeral.md describes who sets and who reads it. */

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;
const TTL = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?$/;
/** Creating a cluster takes a quarter of an hour, and a stack that lives longer than a week is not ephemeral. */
const MIN_TTL = 15 * UNITS.m;
const MAX_TTL = 7 * UNITS.d;
const TTL_RULE = "must be a duration of days, hours and minutes from 15m to 7d, such as 8h or 1d12h";

/** A duration such as `1d12h` in milliseconds; undefined if the text is not a duration from 15m to 7d. */
export function parseTtl(text: string): number | undefined {
  const [, days, hours, minutes] = TTL.exec(text) ?? [];
  const total = Number(days ?? 0) * UNITS.d + Number(hours ?? 0) * UNITS.h + Number(minutes ?? 0) * UNITS.m;
  return total >= MIN_TTL && total <= MAX_TTL ? total : undefined;
}

/** The engine converts a time without quotes in a stack file to this form. */
const fromYaml = (text: string): string =>
  text.replace(/^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) \+0000 UTC$/, "$1T$2Z");

const EXPIRES_RULE = "must be a time in UTC such as 2026-11-25T08:00:00Z";

export const schema = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description:
        "Creates a small, unprotected cluster, and lets `reap` destroy the stack when it has expired.",
    }),
    ttl: z
      .string()
      .refine((text) => parseTtl(text) !== undefined, TTL_RULE)
      .default("8h")
      .meta({
        ...described(TTL_RULE),
        description:
          "Time to live, from which `ephemeral up` computes `expires`; the program reads only `expires`.",
      }),
    expires: z
      .string()
      .transform(fromYaml)
      .refine((text) => parseMoment(text) !== undefined, EXPIRES_RULE)
      .optional()
      .meta({
        ...described(EXPIRES_RULE),
        description: "When the stack expires; an absolute time, so that a second `up` changes nothing.",
      }),
    owner: matching(
      /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/,
      "must be 1 to 63 lower-case letters, digits, '_' and '-', which every cloud accepts as a label",
    )
      .optional()
      .meta({ description: "Who to ask before the stack is destroyed." }),
  })
  .prefault({})
  .meta({
    description: "A stack that is destroyed after some hours, with everything it created: docs/ephemeral.md.",
  });

export type EphemeralConfig = z.output<typeof schema>;

export const lifetime = ({ enabled, expires, owner }: EphemeralConfig): Lifetime | undefined =>
  enabled && expires !== undefined ? { expires, ...(owner === undefined ? {} : { owner }) } : undefined;

/** The defaults that an ephemeral stack has for the keys of its cluster, in place of the schema's. */
export function clusterDefaults(
  { defaults }: Pick<Ephemeral<never>, "defaults">,
  config: EphemeralConfig | undefined,
  { project, stack }: { readonly project: string; readonly stack: string },
): Record<string, unknown> {
  if (config?.enabled !== true) return {};
  const life = lifetime(config);
  const name = ephemeralName(project, stack);
  return { ...defaults({ name, tags: life === undefined ? {} : tagsOf(life) }) };
}

/**
 * The rules between `ephemeral` and the other keys.
 *
 * @param values the configuration as the user wrote it, without defaults
 * @param now milliseconds since 1970
 */
export function checkEphemeral(
  { enabled, expires, ttl }: EphemeralConfig,
  { without }: Pick<Ephemeral<never>, "without">,
  values: unknown,
  now = Date.now(),
): readonly Finding[] {
  if (!enabled) {
    return findIf(expires !== undefined, () =>
      forbidden(["ephemeral", "expires"], "ephemeral.enabled is false, so nothing would destroy the stack"),
    );
  }
  return [
    ...findIf(expires === undefined, () =>
      required(
        ["ephemeral", "expires"],
        moment(now + (parseTtl(ttl) ?? 0)),
        "`ephemeral up` sets it to the end of the ttl",
      ),
    ),
    ...findIf(valueAt(values, ["cluster", "deletionProtection"]) === true, () =>
      invalid(
        ["cluster", "deletionProtection"],
        true,
        "must be false when ephemeral.enabled is true, because a protected stack is never reaped",
      ),
    ),
    ...findIf(valueAt(values, ["backup", "enabled"]) === true, () =>
      invalid(
        ["backup", "enabled"],
        true,
        "must be false when ephemeral.enabled is true: an ephemeral stack leaves nothing behind",
        "false",
      ),
    ),
    ...without
      .map((key) => ["cluster", key])
      .filter((at) => valueAt(values, at) !== undefined)
      .map((at) => forbidden(at, "an encryption key would outlive an ephemeral cluster")),
  ];
}

/** The tag by which `reap` finds what a stack has left is set by the program, on every stack. */
export function checkReservedTags(values: unknown): readonly Finding[] {
  const tags = valueAt(values, ["cluster", "tags"]);
  return findIf(isMap(tags) && EXPIRES_TAG in tags, () =>
    forbidden(["cluster", "tags", EXPIRES_TAG], "the program sets this tag, from ralph:ephemeral.expires"),
  );
}
