import type { DestroyResult } from "../../operations/destroy";
import type { LeakReport } from "../../operations/leaks/report";

/** Leftovers for people, and the commands that remove them. */
export function leaksText({ leftovers, unseen, looked }: LeakReport, stack: string): string {
  return [
    ...leftovers.flatMap(({ what, id, remove }) => [
      `left: ${what} ${id}`,
      ...remove.map((command) => `        ${command}`),
    ]),
    ...unseen.map(({ about, reason, fix }) => `not seen: ${about}: ${reason}\n        ${fix}`),
    leftovers.length > 0
      ? `Stack ${stack} has left ${leftovers.length} resource${leftovers.length === 1 ? "" : "s"} behind.`
      : unseen.length > 0
        ? `It is not known whether stack ${stack} has left anything.`
        : looked.length > 0
          ? `Nothing of stack ${stack} is left.`
          : `Stack ${stack} has nothing in a cloud.`,
  ].join("\n");
}

/** Volumes that a destroy was told to keep. */
export const keptText = (kept: DestroyResult["kept"]): string[] =>
  kept.map(({ volume, handle }) => `Kept, as its reclaim policy says: volume ${volume}, disk ${handle}`);
