import type { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../types";
import { nodeAutoscaler } from "./autoscaler";
import { type Monitoring, monitoringStack, type Surroundings } from "./monitoring";
import { storageClasses } from "./storage";

/** What the workload needs and a new cluster lacks. It is created before the workload and deleted after it. */
export const addons = (
  cluster: Cluster,
  provider: Provider,
  { monitoring, ...surroundings }: Addons,
): pulumi.Resource[] => [
  ...storageClasses(cluster, provider),
  ...nodeAutoscaler(cluster, provider, surroundings.registry),
  ...monitoringStack(monitoring, cluster, provider, surroundings),
];

export interface Addons extends Surroundings {
  readonly monitoring: Monitoring;
}
