import type { CloudName } from "../../clusters";
import { ephemeralName } from "../../clusters/ephemeral";
import { EXPIRES_TAG, momentOfTag, OWNER_TAG, parseMoment } from "../../clusters/lifetime";
import { ownClouds, type Place, type Tagged } from "../../clusters/operations";
import { PROJECT } from "../../lib/repository";
import { findLeaks } from "../leaks";
import { askProgram, isUnseen } from "../leaks/ask";
import { listed } from "../leaks/report";
import type { Unseen } from "../unseen";
import type { Reaped } from "./decide";
import { later } from "./record";

/** Finds, by their tags, what stacks have left behind that this backend does not know: one entry per stack and cloud. */
export async function findOrphans(
  known: readonly string[],
  now: number,
  only?: CloudName,
): Promise<{ orphans: readonly Reaped[]; unseen: readonly Unseen[] }> {
  const unseen: Unseen[] = [];
  const orphans: Reaped[] = [];
  for (const [cloud, { stackTag, sweeps }] of ownClouds()) {
    if (only !== undefined && cloud !== only) continue;
    const alive = new Set(known.map(stackTag));
    const found = new Map<string, Tagged[]>();
    for (const { about, ask, tagged } of sweeps) {
      const answer = (await askProgram({ about }, ask, { cloud, provider: {}, stack: "" })) as unknown;
      if (isUnseen(answer)) unseen.push(answer);
      else
        for (const each of tagged(answer)) {
          const { stack } = each.tags;
          if (stack !== undefined && !alive.has(stack)) found.set(stack, [...(found.get(stack) ?? []), each]);
        }
    }
    for (const [stack, things] of found) {
      const { orphan, unseen: more } = await judge(cloud, stack, things, now);
      unseen.push(...more);
      if (orphan !== undefined) orphans.push(orphan);
    }
  }
  return { orphans, unseen };
}

/** The tags of a permanent stack have no expiry: nothing is reported about what it has, which may be all of it. */
async function judge(
  cloud: CloudName,
  stack: string,
  things: readonly Tagged[],
  now: number,
): Promise<{ orphan?: Reaped; unseen: readonly Unseen[] }> {
  const ends = things.flatMap(({ tags }) => momentOfTag(tags[EXPIRES_TAG] ?? "") ?? []);
  const [first, ...others] = ends;
  if (first === undefined) return { unseen: [] };
  const expires = others.reduce(later, first);
  const owner = things.flatMap(({ tags }) => tags[OWNER_TAG] ?? [])[0];
  const known = { stack, expires, ...(owner === undefined ? {} : { owner }) };
  if ((parseMoment(expires) ?? Infinity) > now)
    return {
      orphan: {
        ...known,
        outcome: "keep",
        reason: `is on ${cloud}, is not in this backend, and expires at ${expires}`,
      },
      unseen: [],
    };

  const place: Place = {
    cloud,
    stack,
    cluster: ephemeralName(PROJECT, stack),
    provider: {},
    ...merged(things),
  };
  const { leftovers, unseen } = await findLeaks(place);
  if (leftovers.length === 0) return { unseen };
  return {
    orphan: {
      ...known,
      outcome: "orphan",
      reason: `is not in this backend, and has left behind on ${cloud}: ${listed(leftovers)}`,
      remove: leftovers.flatMap(({ remove }) => remove),
    },
    unseen,
  };
}

/** What the things together tell about where their stack is. */
const merged = (things: readonly Tagged[]): Pick<Place, "where"> & Partial<Pick<Place, "cluster">> => {
  const cluster = things.flatMap(({ place }) => place.cluster ?? []).at(-1);
  const where = things.flatMap(({ place }) => Object.entries(place.where ?? {}));
  return {
    ...(cluster !== undefined && { cluster }),
    where: Object.fromEntries(where.filter(([, value]) => value !== undefined)),
  };
};
