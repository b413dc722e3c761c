import type { Engine } from "./engine/engine";
import { importId } from "./engine/imports";
import { nameOf, type State } from "./engine/state";
import type { Place } from "./place";

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
  // A refresh that meets the lock of the killed run has edited the state by then, and forgets the edit.
  await engine.claim(state);
  const creates = pending.filter(({ type }) => type === "creating" || type === "importing");
  say(`A run was killed in the middle of ${pending.length} operations; taking up what it was making:`);
  const imports: string[] = [];
  for (const { resource } of creates) {
    const id = await importId(resource, place, resources);
    say(
      `  ${nameOf(resource.urn)} (${resource.type})${id === undefined ? ": cannot be found by its name" : ""}`,
    );
    if (id !== undefined) imports.push(resource.urn, id);
  }
  await engine.command([
    "refresh",
    "--yes",
    "--skip-preview",
    ...imports.flatMap((entry) => ["--import-pending-creates", entry]),
    // What has no name to find it by is forgotten: if it is there, its tags tell (lifecycle leaks).
    "--clear-pending-creates",
  ]);
  return true;
}
