import { Refusal } from "./errors";
import { means, referencesOf, referrers, rowOf } from "./references";
import type { PluginTable, Resource } from "./types";

/** What goes with a resource when it is deleted, itself first; throws where the cloud refuses. */
export function leavingWith(
  target: Resource,
  resources: readonly Resource[],
  table: PluginTable,
): readonly Resource[] {
  const { refusals } = table;
  const everything = rowOf(table, target.token).deletesToo === "*";
  const leaving = [target];
  for (const each of leaving) {
    const { protect, deletesToo = [] } = rowOf(table, each.token);
    if (protect !== undefined && each.inputs[protect] === true) throw new Refusal(refusals.protected(each));
    const dependents = referrers(each, resources, table);
    const locks = locksOn(each, resources, table);
    if (locks.length > 0) throw new Refusal(refusals.inUse(each, locks));
    const along = dependents.filter(
      ({ token }) => everything || deletesToo === "*" || deletesToo.includes(token),
    );
    leaving.push(...along.filter((dependent) => !leaving.includes(dependent)));
  }
  for (const each of leaving) {
    const { deleteBlockedBy = [] } = rowOf(table, each.token);
    const blockers = referrers(each, resources, table).filter(
      (dependent) => deleteBlockedBy.includes(dependent.token) && !leaving.includes(dependent),
    );
    if (blockers.length > 0) throw new Refusal(refusals.inUse(each, blockers));
  }
  return leaving;
}

/** Locks on a resource or on what it is below; they themselves may go. */
const locksOn = (target: Resource, resources: readonly Resource[], table: PluginTable): Resource[] =>
  resources.filter(
    (lock) =>
      rowOf(table, lock.token).lock === true &&
      lock.plugin === target.plugin &&
      lock !== target &&
      referencesOf(lock.inputs, lock.token, table).some(
        (reference) => means(reference, target, table) || target.id.startsWith(`${String(reference.value)}/`),
      ),
  );
