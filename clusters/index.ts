import * as pulumi from "@pulumi/pulumi";
import type { Cloud, Cluster } from "./types";

/** Each is a file of this folder. A new cloud is its file and one word here. */
export const CLOUDS = ["existing", "gke", "eks", "aks"] as const;
export type CloudName = (typeof CLOUDS)[number];

/** The keys of `ralph:cluster`, as the schema of its cloud reads them. */
export type ClusterConfig = unknown;

/**
 * The module of one cloud. The path is computed on purpose: a literal import of each would load and
 * type-check every cloud's SDK on every run.
 */
export function cloud(name: CloudName): Cloud<ClusterConfig> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(`./${name}`) as { cloud: Cloud<ClusterConfig> }).cloud;
}

/** Makes, or finds, the cluster that the stack's configuration describes. */
export function createCluster(
  name: string,
  { cloud: chosen, cluster }: { cloud: CloudName; cluster: ClusterConfig },
  opts?: pulumi.ComponentResourceOptions,
): Cluster {
  const { create, warnings } = cloud(chosen);
  const made = create(name, cluster, opts);
  for (const warning of warnings?.(cluster) ?? []) void pulumi.log.warn(warning, made);
  return made;
}
