import type { Context, Values } from "../types";
import { CLUSTER, NODE_POOL } from "./tokens";

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
    ...diskRefusals(inputs),
    ...quotaRefusals(inputs, context),
  ];
}

/** GKE's default, whatever the machine. */
const DISK_TYPE = "pd-balanced";

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

/** What many projects have: https://github.com/openshift/installer/issues/2292 */
const SSD_TOTAL_GB = 500;

/** Boot disks of a pool's first nodes that count as SSDs. */
function ssdGb({ nodeConfig = {}, initialNodeCount = 0 }: Values, zones: number): number {
  const { diskType = DISK_TYPE, diskSizeGb = 100 } = nodeConfig;
  return diskType === "pd-balanced" || diskType === "pd-ssd" ? initialNodeCount * zones * diskSizeGb : 0;
}

/** Zones of a cluster's nodes. */
const zonesOf = ({ location = "", nodeLocations = [] }: Values): number =>
  /-[a-z]$/.test(location) ? 1 + nodeLocations.length : nodeLocations.length || 3;

/** The message: https://github.com/kubeflow/pipelines/issues/10907 */
function quotaRefusals(inputs: Values, { find, all, config }: Context): string[] {
  const of = (pool: Values) => ssdGb(pool, zonesOf(find(CLUSTER, pool.cluster)?.inputs ?? pool));
  const region = (location: string) => location.replace(/-[a-z]$/, "");
  const others = all(NODE_POOL).filter(
    (each) =>
      region(each.inputs.location) === region(inputs.location) &&
      (each.inputs.name !== inputs.name || each.inputs.cluster !== inputs.cluster),
  );
  const free = SSD_TOTAL_GB - others.reduce((sum, each) => sum + of(each.inputs), 0);
  const wanted = of(inputs);
  return wanted <= free
    ? []
    : [
        `googleapi: Error 403: Insufficient regional quota to satisfy request: resource "SSD_TOTAL_GB": request requires ` +
          `'${wanted}.0' and is short '${wanted - free}.0'. project has a quota of '${SSD_TOTAL_GB}.0' with '${free}.0' ` +
          `available. View and manage quotas at https://console.cloud.google.com/iam-admin/quotas?usage=USED&project=${config.project}., forbidden`,
      ];
}
