import type { Context, Values } from "../types";
import { machineRefusals } from "./machines";
import { DISK_TYPE, quotaRefusals } from "./quotas";
import { CLUSTER } from "./tokens";

/** GKE's errors for a node pool. */
export function poolRefusals(inputs: Values, context: Context): string[] {
  const { autoscaling = {}, cluster, location } = inputs;
  const { find } = context;
  const { totalMinNodeCount, totalMaxNodeCount, minNodeCount, maxNodeCount } = autoscaling;
  const expected = find(CLUSTER, cluster)?.inputs.location;
  return [
    ...(totalMaxNodeCount !== undefined && (minNodeCount ?? maxNodeCount) !== undefined
      ? ["per-zone and total limits are exclusive"]
      : []),
    ...(totalMinNodeCount > totalMaxNodeCount ? ["totalMinNodeCount is above totalMaxNodeCount"] : []),
    ...(expected !== undefined && expected !== location
      ? [`the cluster is in ${expected}, not in ${location}`]
      : []),
    ...machineRefusals(inputs),
    ...diskRefusals(inputs),
    ...quotaRefusals(inputs, context),
  ];
}

/** https://docs.cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support */
const HYPERDISK_ONLY = /^([a-z][4-9][a-z]*|a3-ultragpu)-/;
const NO_HYPERDISK = /^(n1|n2|n2d|e2|t2a|t2d|c2|c2d|g2|f1|g1|custom)-/;

/** The message: https://github.com/astronomer/astronomer/issues/2463 */
function diskRefusals({
  nodeConfig: { machineType = "e2-medium", diskType = DISK_TYPE } = {},
}: Values): string[] {
  const incompatible = diskType.startsWith("hyperdisk-")
    ? NO_HYPERDISK.test(machineType)
    : HYPERDISK_ONLY.test(machineType);
  return incompatible
    ? [`[${diskType}, ${machineType}] features are not compatible for creating instance.`]
    : [];
}
