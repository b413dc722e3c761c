import { Refusal } from "./errors";
import { referencesOf, referrers, refersTo, rowOf } from "./references";
import type { PluginTable, Resource } from "./types";

/** A resource and everything that is deleted with it. @throws Refusal if the cloud refuses the deletion */
export function deletedWith(
  target: Resource,
  resources: readonly Resource[],
  table: PluginTable,
): readonly Resource[] {
  const { refusals } = table;
  const everything = rowOf(table, target.token).deletesToo === "*";
  const deleted = [target];
  for (const each of deleted) {
    const { protect, deletesToo = [] } = rowOf(table, each.token);
    if (protect !== undefined && each.inputs[protect] === true) throw new Refusal(refusals.protected(each));
    const dependents = referrers(each, resources, table);
    const locks = locksOn(each, resources, table);
    if (locks.length > 0) throw new Refusal(refusals.inUse(each, locks));
    const children = [
      ...dependents.filter(({ token }) => everything || deletesToo === "*" || deletesToo.includes(token)),
      ...resources.filter(({ owner }) => owner === each.id),
    ];
    deleted.push(...children.filter((dependent) => !deleted.includes(dependent)));
  }
  for (const each of deleted) {
    const { deleteBlockedBy = [] } = rowOf(table, each.token);
    const blockers = referrers(each, resources, table).filter(
      (dependent) => deleteBlockedBy.includes(dependent.token) && !deleted.includes(dependent),
    );
    if (blockers.length > 0) throw new Refusal(refusals.inUse(each, blockers));
  }
  return deleted;
}

/** Locks on a resource or on one of its parents. The locks themselves can be deleted. */
const locksOn = (target: Resource, resources: readonly Resource[], table: PluginTable): Resource[] =>
  resources.filter(
    (lock) =>
      rowOf(table, lock.token).lock === true &&
      lock.plugin === target.plugin &&
      lock !== target &&
      referencesOf(lock.inputs, lock.token, table).some(
        (reference) =>
          refersTo(reference, target, table) || target.id.startsWith(`${String(reference.value)}/`),
      ),
  );
