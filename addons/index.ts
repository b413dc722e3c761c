import type { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../clusters/types";
import type { RalphConfig } from "../workload/config";
import { nodeAutoscaler } from "./autoscaler";
import { monitoringStack } from "./monitoring";
import { storageClasses } from "./storage";

/** What a new cluster lacks and the workload needs: it comes before the workload and goes after it. */
export const addons = (
  cluster: Cluster,
  provider: Provider,
  { monitoring }: RalphConfig,
): pulumi.Resource[] => [
  ...storageClasses(cluster, provider),
  ...nodeAutoscaler(cluster, provider),
  ...monitoringStack(monitoring, cluster, provider),
];
