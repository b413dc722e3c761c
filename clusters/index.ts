import * as pulumi from "@pulumi/pulumi";
import { report } from "../config/problems";
import { refusal } from "../config/refusal";
import { type AccountQuestion, askAccount } from "./preflight";
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

/**
 * Asks the cloud, all at once, whether the account can be used and what `createCluster` should know; to be awaited before
 * it.
 *
 * @throws pulumi.RunError if the account cannot be used
 */
export async function prepareCluster({
  cloud: chosen,
  cluster,
  account,
}: {
  readonly cloud: CloudName;
  readonly cluster: ClusterConfig;
  readonly account?: AccountQuestion;
}): Promise<void> {
  const [asked, prepared] = await Promise.allSettled([
    account === undefined ? [] : askAccount(account),
    cloud(chosen).prepare?.(cluster),
  ]);
  // A missing login is also why the other questions fail.
  if (asked.status === "fulfilled" && asked.value.length > 0)
    throw refusal(report(`the configuration of stack ${pulumi.getStack()}`, asked.value));
  for (const each of [asked, prepared]) if (each.status === "rejected") throw each.reason;
}

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
