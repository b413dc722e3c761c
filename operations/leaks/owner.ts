import type { CloudOperations, Found, Place } from "../../clusters/operations";
import { type Owner, ownerOf } from "../../clusters/ownership";
import type { Resource } from "../engine/state";
import { wasKnown } from "./known";

/** What tells whose the things of a search are, besides their own tags. */
export interface Evidence {
  readonly place: Place;
  readonly operations: Pick<CloudOperations, "clusterType" | "stackTag">;
  /** What the stack's state has or had: that was the stack's for certain. */
  readonly had: readonly Resource[];
}

/**
 * Whose each thing of a search is: what the state had is the stack's; otherwise its own tags tell, then those of what it
 * is a part of. A name tells nothing: all stacks with the defaults have the same ones.
 */
export function ownership(all: readonly Found[], evidence: Evidence): (found: Found) => Owner {
  const { place, operations, had } = evidence;
  const stack = operations.stackTag(place.stack);
  const hadCluster = had.some(
    ({ type, outputs = {} }) => type === operations.clusterType && outputs.name === place.cluster,
  );
  const owner = (found: Found): Owner => {
    if (wasKnown(found, had)) return "stack";
    const own = ownerOf(found.tags, stack);
    if (own !== "unknown") return own;
    const { partOf } = found;
    // The program tags all of this kind.
    if (partOf === undefined) return "other";
    const whole = all.find(({ what, named }) => named === true && what === partOf);
    if (whole !== undefined) return owner(whole);
    return hadCluster ? "stack" : "unknown";
  };
  return owner;
}
