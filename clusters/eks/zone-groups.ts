import { isRunByEngine } from "../preflight";
import { ask, clusterExists, groupQuestion } from "./aws-cli";
import type { Config } from "./config";

/**
 * Whether each zone has node groups of its own. A cluster of release 0.1.0 has one group for all zones, which only its
 * owner may replace, because that ends every pod.
 */
export function hasZoneGroups({ name: cluster, nodes: { perZone, name } }: Config): boolean {
  if (perZone !== undefined) return perZone;
  return !isRunByEngine() || !clusterExists(cluster) || ask(...groupQuestion(cluster, name)) === undefined;
}
