import type { Resource } from "../engine/state";

/** The clusters that the program makes, as the state names them. */
const TYPES = [
  "gcp:container/cluster:Cluster",
  "aws:eks/cluster:Cluster",
  "azure-native:containerservice:ManagedCluster",
];

/** Whether a stack has a cluster of its own: one that it was given is others' too. */
export const hasOwnCluster = (resources: readonly Resource[]): boolean =>
  resources.some(({ type }) => TYPES.includes(type));
