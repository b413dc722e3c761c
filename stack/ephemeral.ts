import { z } from "zod";
import { ephemeralName } from "../clusters/ephemeral";
import { EXPIRES_TAG, type Lifetime, moment, parseMoment, tagsOf } from "../clusters/lifetime";
import type { Ephemeral } from "../clusters/types";
import { matching } from "../config/formats";
import { isMap, propertyPath, valueAt } from "../config/path";
import type { Sources } from "../config/sources";
import type { Problem } from "../config/problems";

/** Stacks that live for hours: `ralph:ephemeral`. docs/ephemeral.md says who sets it and who goes by it. */

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;
const TTL = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?$/;
/** A cloud takes a quarter of an hour to make a cluster; what lives longer than a week is no visitor. */
const LEAST = 15 * UNITS.m;
const MOST = 7 * UNITS.d;
const TTL_RULE = "must be a duration of days, hours and minutes from 15m to 7d, such as 8h or 1d12h";

/** Milliseconds of a duration such as `1d12h`; undefined where it is none, or not one from 15m to 7d. */
export function parseTtl(text: string): number | undefined {
  const [, days, hours, minutes] = TTL.exec(text) ?? [];
  const total = Number(days ?? 0) * UNITS.d + Number(hours ?? 0) * UNITS.h + Number(minutes ?? 0) * UNITS.m;
  return total >= LEAST && total <= MOST ? total : undefined;
}

/** What the engine makes of a moment that stands in a stack file without quotes. */
const fromYaml = (text: string): string =>
  text.replace(/^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) \+0000 UTC$/, "$1T$2Z");

export const schema = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description: "The cluster is small, unprotected, and `reap` may destroy the stack once it has expired.",
    }),
    ttl: z
      .string()
      .refine((text) => parseTtl(text) !== undefined, TTL_RULE)
      .default("8h")
      .meta({
        title: TTL_RULE.replace(/^must be /, ""),
        description:
          "How long `ephemeral up` lets the stack live; the program itself goes by `expires` alone.",
      }),
    expires: z
      .string()
      .transform(fromYaml)
      .refine(
        (text) => parseMoment(text) !== undefined,
        "must be a moment in UTC such as 2026-11-25T08:00:00Z",
      )
      .optional()
      .meta({
        title: "a moment in UTC such as 2026-11-25T08:00:00Z",
        description: "When it has lived long enough; a fixed moment, so that a second `up` changes nothing.",
      }),
    owner: matching(
      /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/,
      "must be 1 to 63 lower-case letters, digits, '_' and '-': a label on every cloud",
    )
      .optional()
      .meta({ description: "Who to ask before it goes." }),
  })
  .prefault({})
  .meta({ description: "A stack that lives for hours and goes without a trace: docs/ephemeral.md." });

export type EphemeralConfig = z.output<typeof schema>;

export const lifetime = ({ enabled, expires, owner }: EphemeralConfig): Lifetime | undefined =>
  enabled && expires !== undefined ? { expires, ...(owner === undefined ? {} : { owner }) } : undefined;

/** What lies below the stack's own keys of the cluster: of an ephemeral stack, what its cloud says. */
export function clusterDefaults(
  { defaults }: Pick<Ephemeral<never>, "defaults">,
  visit: EphemeralConfig | undefined,
  { project, stack }: { readonly project: string; readonly stack: string },
): Record<string, unknown> {
  if (visit?.enabled !== true) return {};
  const life = lifetime(visit);
  const name = ephemeralName(project, stack);
  return { ...defaults({ name, tags: life === undefined ? {} : tagsOf(life) }) };
}

/** The rules between `ephemeral` and the rest. `cluster` is as its owner wrote it, no default in it. */
export function ephemeralProblems(
  config: EphemeralConfig,
  { without }: Pick<Ephemeral<never>, "without">,
  sources: Sources,
  now = Date.now(),
): Problem[] {
  const { enabled, expires, ttl } = config;
  const told = (key: string): unknown => valueAt(sources.values, ["cluster", key]);
  const drop = (key: string, rule: string): Problem => ({
    key: propertyPath(["cluster", key]),
    rule,
    fix: sources.remove(["cluster", key]),
  });
  if (!enabled) {
    return expires === undefined
      ? []
      : [
          {
            key: propertyPath(["ephemeral", "expires"]),
            rule: "is set, but ephemeral.enabled is false: nobody would destroy the stack then",
            fix: sources.remove(["ephemeral", "expires"]),
          },
        ];
  }
  return [
    ...(expires === undefined
      ? [
          {
            key: propertyPath(["ephemeral", "expires"]),
            rule: "is missing: `ephemeral up` sets it, to the end of the ttl",
            fix: sources.fix(["ephemeral", "expires"], moment(now + (parseTtl(ttl) ?? 0))),
          },
        ]
      : []),
    ...(told("deletionProtection") === true
      ? [drop("deletionProtection", "is true beside ephemeral.enabled: what is protected is no visitor")]
      : []),
    ...without
      .filter((key) => told(key) !== undefined)
      .map((key) => drop(key, "is set beside ephemeral.enabled: an encryption key outlives the cluster")),
  ];
}

/** The tag by which `reap` finds what a stack has left is the program's own, on every stack. */
export function reservedTags(sources: Sources): Problem[] {
  const at = ["cluster", "tags", EXPIRES_TAG];
  const tags = valueAt(sources.values, ["cluster", "tags"]);
  return isMap(tags) && EXPIRES_TAG in tags
    ? [
        {
          key: propertyPath(at),
          rule: "is set by the program, from ralph:ephemeral.expires",
          fix: sources.remove(at),
        },
      ]
    : [];
}
