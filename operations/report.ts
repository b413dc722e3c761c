import type { LeakReport } from "./leaks/query";

/** As --help has it. */
const LEFT = 2;
const UNSEEN = 3;

export const exitCode = ({ leftovers, unseen }: LeakReport): number =>
  leftovers.length > 0 ? LEFT : unseen.length > 0 ? UNSEEN : 0;

/** Prints a report for people, on standard output. */
export function reportLeaks({ leftovers, unseen, looked }: LeakReport, stack: string): void {
  for (const { what, id, remove } of leftovers) {
    console.log(`left: ${what} ${id}`);
    for (const command of remove) console.log(`        ${command}`);
  }
  for (const { about, reason, fix } of unseen) console.log(`not seen: ${about}: ${reason}\n        ${fix}`);
  if (leftovers.length > 0) console.log(`Stack ${stack} has left ${leftovers.length} behind.`);
  else if (unseen.length > 0) console.log(`Whether stack ${stack} has left anything is not known.`);
  else if (looked.length > 0) console.log(`Nothing of stack ${stack} is left.`);
  else console.log(`Stack ${stack} has nothing in a cloud.`);
}
