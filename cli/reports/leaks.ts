import type { DestroyResult } from "../../operations/destroy";
import { type LeakReport, removal } from "../../operations/leaks/report";

/** Leftovers for people, and the commands that remove them. */
export function leaksText(
  { leftovers, first = [], others, unseen, looked }: LeakReport,
  stack: string,
): string {
  return [
    ...(first.length > 0 ? ["With the identity of the stack's provider, before other commands:"] : []),
    ...first.map((line) => `        ${line}`),
    ...leftovers.flatMap((each) => [
      `left behind: ${each.what} ${each.id}`,
      ...removal(each).map((line) => `        ${line}`),
    ]),
    ...others.map(({ what, id, owner }) => `not this stack's: ${what} ${id}: ${owner}`),
    ...unseen.map(({ about, reason, fix }) => `not checked: ${about}: ${reason}\n        ${fix}`),
    leftovers.length > 0
      ? `Stack ${stack} has left ${leftovers.length === 1 ? "1 resource" : `${leftovers.length} resources`} behind.`
      : unseen.length > 0
        ? `Whether stack ${stack} has left anything behind is unknown.`
        : looked.length > 0
          ? `Stack ${stack} has left nothing behind.`
          : `Stack ${stack} has no resources in a cloud.`,
  ].join("\n");
}

/** Volumes whose reclaim policy kept them, and copies of backups. */
export const keptText = ({ kept, copies }: Pick<DestroyResult, "kept" | "copies">): string[] => [
  ...kept.map(
    ({ volume, handle }) => `Kept, as its class or its owner wants: volume ${volume}, disk ${handle}`,
  ),
  ...copies.map((each) => `Kept, as a copy of a backup: ${each}`),
];
