import { type CloudOperations, ownClouds } from "../../clusters/operations";
import type { Resource } from "../engine/state";

/** Whether a state has a cluster. If not, the stack's cluster belongs to others too. */
export const hasOwnCluster = (resources: readonly Resource[]): boolean =>
  ownOperations(resources) !== undefined;

/** The operations of the cloud in which a stack has its own cluster. */
export const ownOperations = (resources: readonly Resource[]): CloudOperations | undefined =>
  ownClouds().find(([, { clusterType }]) => resources.some(({ type }) => type === clusterType))?.[1];
