import { operationsOf, type Place } from "../clusters/operations";
import { hasOwnCluster } from "./cluster/own";
import type { Resource } from "./engine/state";
import { runProgram } from "./leaks/ask";

/** Milliseconds: clouds update a cluster within minutes. */
const PATIENCE = 20 * 60_000;

/**
 * Stops what a cloud would create again after its deletion. If that fails, the deletion is not affected, and the search
 * for leftovers finds what is back.
 */
export async function quiet(place: Place, resources: readonly Resource[]): Promise<void> {
  const operations = operationsOf(place.cloud);
  if (!operations.ownsCluster || !hasOwnCluster(resources)) return;
  for (const words of operations.quiet(place)) {
    const answer = await runProgram(words, place, PATIENCE);
    if ("reason" in answer || answer.code !== 0) return;
  }
}
