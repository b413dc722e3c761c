import { Engine } from "./engine/engine";
import { importId } from "./engine/imports";
import type { Ended } from "./engine/lock";
import { nameOf, type State } from "./engine/state";
import { type Place, placeOf } from "./place";

/**
 * Takes a stack up where a run that was killed has left it: what that run was making when it ended gets into
 * the state, if it was made. Its lock is released by the engine's next command, if it is a remnant.
 *
 * @returns whether there was anything to take up
 */
export async function recover(
  engine: Engine,
  place: Place,
  state: State,
  say: (text: string) => void,
): Promise<boolean> {
  const { pending, resources } = state;
  if (pending.length === 0) return false;
  await engine.claim(state); // its lock goes first
  const creates = pending.filter(({ type }) => type === "creating" || type === "importing");
  say(`A run was killed in the middle of ${pending.length} operations; taking up what it was making:`);
  const ids = new Map<string, string>();
  for (const { resource } of creates) {
    const id = await importId(resource, place, resources);
    // What has no name to find it by is forgotten: if it is there, its tags tell (./ralphctl leaks).
    say(
      `  ${nameOf(resource.urn)} (${resource.type})${id === undefined ? ": cannot be found by its name" : ""}`,
    );
    if (id !== undefined) ids.set(resource.urn, id);
  }
  await engine.adopt(ids);
  // What was not made after all is not there, and leaves the state again.
  await engine.command(["refresh", "--yes", "--skip-preview"]);
  return true;
}

/** Makes a stack usable again, whether its last run left something pending or a lock alone. */
export async function recoverStack(
  name: string,
  options: Ended & { readonly say: (text: string) => void },
): Promise<void> {
  const engine = await Engine.open(name, options);
  const state = await engine.state();
  const place = await placeOf(engine.stack);
  if (!(await recover(engine, place, state, options.say))) await engine.claim(state);
}
