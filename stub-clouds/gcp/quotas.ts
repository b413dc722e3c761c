import type { Context, Resource, Values } from "../types";
import { vcpusOf } from "./machines";
import { CLUSTER, NAT, NODE_POOL } from "./tokens";

/** GKE's default, whatever the machine. */
export const DISK_TYPE = "pd-balanced";

/** What many projects have: https://github.com/openshift/installer/issues/2292 */
const SSD_TOTAL_GB = 500;

interface Needed {
  /** Of the boot disks that count as SSDs. */
  readonly ssdGb: number;
  readonly vcpus: number;
  readonly addresses: number;
}

/** Zones of a cluster's nodes. */
const zonesOf = ({ location = "", nodeLocations = [] }: Values): number =>
  /-[a-z]$/.test(location) ? 1 + nodeLocations.length : nodeLocations.length || 3;

/** Whether the nodes of a pool have no public addresses. */
const isPrivate = ({ networkConfig: own }: Values, cluster: Values): boolean =>
  (own?.enablePrivateNodes ??
    cluster.privateClusterConfig?.enablePrivateNodes ??
    cluster.networkConfig?.defaultEnablePrivateNodes) === true;

/** What the first nodes of a pool need. */
function neededBy(pool: Values, cluster: Values): Needed {
  const { machineType, diskType = DISK_TYPE, diskSizeGb = 100 } = pool.nodeConfig ?? {};
  const nodes = (pool.initialNodeCount ?? 0) * zonesOf(cluster);
  return {
    ssdGb: diskType === "pd-balanced" || diskType === "pd-ssd" ? nodes * diskSizeGb : 0,
    vcpus: nodes * vcpusOf(machineType),
    addresses: isPrivate(pool, cluster) ? 0 : nodes,
  };
}

const regionOf = (location: unknown): string => String(location).replace(/-[a-z]$/, "");

/**
 * What GKE says of a pool beyond the project's quotas. The messages: https://github.com/kubeflow/pipelines/issues/10907,
 * https://github.com/jarokaz/mlops-labs/issues/58 and, of several at once,
 * https://github.com/kaiwaehner/hivemq-mqtt-tensorflow-kafka-realtime-iot-machine-learning-training-inference/issues/48
 */
export function quotaRefusals(inputs: Values, { find, all, config, quotas }: Context): string[] {
  const needed = (pool: Values): Needed => neededBy(pool, find(CLUSTER, pool.cluster)?.inputs ?? pool);
  const isOther = ({ inputs: { name, cluster } }: Resource): boolean =>
    name !== inputs.name || cluster !== inputs.cluster;
  const inRegion = ({ inputs: { location, region } }: Resource): boolean =>
    regionOf(location ?? region) === regionOf(inputs.location);
  const others = all(NODE_POOL).filter(isOther);
  const sum = (pools: readonly Resource[], what: keyof Needed): number =>
    pools.reduce((total, each) => total + needed(each.inputs)[what], 0);
  // A gateway that allocates its own has at least one: https://docs.cloud.google.com/nat/docs/ports-and-addresses
  const gateways = all(NAT).filter(inRegion).length;
  const here = others.filter(inRegion);
  const wanted = needed(inputs);
  const short = [
    shortOf("regional", "SSD_TOTAL_GB", wanted.ssdGb, SSD_TOTAL_GB, sum(here, "ssdGb")),
    shortOf("project", "CPUS_ALL_REGIONS", wanted.vcpus, quotas.vcpus, sum(others, "vcpus")),
    shortOf(
      "regional",
      "IN_USE_ADDRESSES",
      wanted.addresses,
      quotas.addresses,
      gateways + sum(here, "addresses"),
    ),
  ].flatMap((reason) => (reason === undefined ? [] : [`${reason}${manage(config.project)}`]));
  const [first] = short;
  if (first === undefined) return [];
  const listed = short.map((reason, i) => `\n\t(${i + 1}) insufficient ${reason}`).join("");
  return [`googleapi: Error 403: ${short.length === 1 ? `Insufficient ${first}` : listed}, forbidden`];
}

const manage = (project: unknown): string =>
  ` View and manage quotas at https://console.cloud.google.com/iam-admin/quotas?usage=USED&project=${String(project)}.`;

function shortOf(
  scope: "regional" | "project",
  resource: string,
  wanted: number,
  quota: number | undefined,
  used: number,
): string | undefined {
  if (quota === undefined) return undefined;
  const free = Math.max(0, quota - used);
  return wanted <= free
    ? undefined
    : `${scope} quota to satisfy request: resource "${resource}": request requires '${wanted}.0' and is short ` +
        `'${wanted - free}.0'. project has a quota of '${quota}.0' with '${free}.0' available.`;
}
