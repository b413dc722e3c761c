import type { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../types";
import { nodeAutoscaler } from "./autoscaler";
import { type Monitoring, monitoringStack } from "./monitoring";
import { storageClasses } from "./storage";

/** What the workload needs and a new cluster lacks. It is created before the workload and deleted after it. */
export const addons = (
  cluster: Cluster,
  provider: Provider,
  { monitoring, registry }: Addons,
): pulumi.Resource[] => [
  ...storageClasses(cluster, provider),
  ...nodeAutoscaler(cluster, provider, registry),
  ...monitoringStack(monitoring, cluster, provider, registry),
];

export interface Addons {
  readonly monitoring: Monitoring;
  /** A registry with copies of the images; undefined for those of their publishers. */
  readonly registry: string | undefined;
}
