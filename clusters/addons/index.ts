import type { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import type { Backups, Cluster } from "../types";
import { nodeAutoscaler } from "./autoscaler";
import { type Monitoring, monitoringStack, type Surroundings } from "./monitoring";
import { snapshotClasses } from "./snapshots";
import { storageClasses } from "./storage";

/** What the workload needs and a new cluster lacks. It is created before the workload and deleted after it. */
export const addons = (
  cluster: Cluster,
  provider: Provider,
  { monitoring, backups, ...surroundings }: Addons,
): pulumi.Resource[] => [
  ...storageClasses(cluster, provider),
  ...snapshotClasses(cluster, provider, backups),
  ...nodeAutoscaler(cluster, provider, surroundings.registry),
  ...monitoringStack(monitoring, cluster, provider, surroundings),
];

export interface Addons extends Surroundings {
  readonly monitoring: Monitoring;
  /** Undefined without backups, or if the cluster is not the stack's. */
  readonly backups?: Backups;
}
