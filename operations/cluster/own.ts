import type { Resource } from "../engine/state";

const CLUSTERS = [
  "gcp:container/cluster:Cluster",
  "aws:eks/cluster:Cluster",
  "azure-native:containerservice:ManagedCluster",
];

/** Whether a state has a cluster: one that is in none is others' too. */
export const hasOwnCluster = (resources: readonly Resource[]): boolean =>
  resources.some(({ type }) => CLUSTERS.includes(type));
