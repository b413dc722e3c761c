import * as pulumi from "@pulumi/pulumi";
import type { Cloud, Cluster } from "./types";

/** The clouds, each a folder beside this file. A new cloud needs its folder and one word here. */
export const CLOUDS = ["existing", "gke", "eks", "aks"] as const;
export type CloudName = (typeof CLOUDS)[number];

/** The keys of `ralph:cluster`, parsed by the schema of its cloud. */
export type ClusterConfig = unknown;

/** The module of one cloud. Its path is computed so that a run loads no other cloud's SDK. */
export function cloud(name: CloudName): Cloud<ClusterConfig> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(`./${name}`) as { cloud: Cloud<ClusterConfig> }).cloud;
}

/** What `createCluster` should know about the cloud; to be awaited before it. */
export const prepareCluster = async ({
  cloud: chosen,
  cluster,
}: {
  readonly cloud: CloudName;
  readonly cluster: ClusterConfig;
}): Promise<void> => cloud(chosen).prepare?.(cluster);

/** Creates the cluster that the stack's configuration describes, or looks it up if it exists. Logs its warnings. */
export function createCluster(
  name: string,
  { cloud: chosen, cluster }: { cloud: CloudName; cluster: ClusterConfig },
  opts?: pulumi.ComponentResourceOptions,
): Cluster {
  const { create, warnings } = cloud(chosen);
  const created = create(name, cluster, opts);
  for (const warning of warnings?.(cluster) ?? []) void pulumi.log.warn(warning, created);
  return created;
}
