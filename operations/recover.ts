import { operationsOf, type Place } from "../clusters/operations";
import { Engine } from "./engine/engine";
import { adoptedOwner } from "./engine/adopted";
import { importId } from "./engine/imports";
import type { KnownDeadRuns } from "./engine/lock";
import { isKept, nameOf, type Resource, type State } from "./engine/state";
import { placeOf } from "./place";

/**
 * Repairs a stack after a run that was killed: what that run was creating is added to the state, if it exists and is the
 * stack's. The run's stale lock is released by the engine's next command.
 *
 * @returns whether there was anything to repair
 */
export async function recover(
  engine: Pick<Engine, "adopt" | "claim" | "command" | "settle" | "state">,
  place: Place,
  state: State,
  say: (text: string) => void,
): Promise<boolean> {
  const { pending, resources } = state;
  // An earlier call has failed before it knew whose they are.
  const unsettled = resources.filter((each) => each.retainOnDelete === true && !isKept(each));
  if (pending.length === 0 && unsettled.length === 0) return false;
  await engine.claim(state); // releases the lock first
  const creates = pending.filter(({ type }) => type === "creating" || type === "importing");
  const operations = pending.length === 1 ? "1 operation" : `${pending.length} operations`;
  if (pending.length > 0)
    say(`A run was killed during ${operations}; adding what it was creating to the state:`);
  const ids = new Map<string, string>();
  const found = await Promise.all(creates.map(({ resource }) => importId(resource, place, resources)));
  for (const [i, { resource }] of creates.entries()) {
    const id = found[i];
    // What cannot be found by its name is forgotten: if it exists, `leaks` finds it by its tags.
    say(
      `  ${nameOf(resource.urn)} (${resource.type})${id === undefined ? ": cannot be found by its name" : ""}`,
    );
    if (id !== undefined) ids.set(resource.urn, id);
  }
  await engine.adopt(ids);
  // Removes from the state again what was not created after all.
  await engine.command(["refresh", "--yes", "--skip-preview"]);
  const adopted = creates.map(({ resource }) => resource).filter(({ urn }) => ids.has(urn));
  const others = othersAmong([...unsettled, ...adopted], (await engine.state()).resources, place);
  for (const each of others)
    say(
      `  ${nameOf(each.urn)} (${each.type}) is another's, and is left alone: it has its name, but not its tags`,
    );
  await engine.settle(new Set(others.map(({ urn }) => urn)));
  return true;
}

/** What was adopted by its name, and is not this stack's. */
function othersAmong(adopted: readonly Resource[], resources: readonly Resource[], place: Place): Resource[] {
  const operations = operationsOf(place.cloud);
  const stack = operations.ownsCluster ? operations.stackTag(place.stack) : place.stack;
  return resources.filter((found) => {
    const created = adopted.find(({ urn }) => urn === found.urn);
    return created !== undefined && adoptedOwner(created, found, stack) === "other";
  });
}

/** Makes a stack usable again, whether its last run left something pending or a lock alone. */
export async function recoverStack(
  name: string,
  options: KnownDeadRuns & { readonly say: (text: string) => void },
): Promise<void> {
  const engine = await Engine.open(name, options);
  const state = await engine.state();
  const place = await placeOf(engine.stack);
  if (!(await recover(engine, place, state, options.say))) await engine.claim(state);
}
