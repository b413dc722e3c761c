import { ownClouds } from "../../clusters/operations";
import type { Resource } from "../engine/state";

/** Whether a state has a cluster. If not, the stack's cluster belongs to others too. */
export function hasOwnCluster(resources: readonly Resource[]): boolean {
  const types = ownClouds().map(([, { clusterType }]) => clusterType);
  return resources.some(({ type }) => types.includes(type));
}
