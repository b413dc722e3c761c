import type { Context } from "../types";
import { isOffered, WITHOUT_EKS, zoneId, zonesIn } from "../vendor/zones";

/** Ids of the zones of a region, by name. */
const zonesOf = (region: string): Readonly<Record<string, string>> =>
  Object.fromEntries(zonesIn(region).map((zone) => [zone, zoneId(zone)]));

type Find = Context["find"];
const SUBNET = "aws:ec2/subnet:Subnet";
const listed = (zones: readonly string[]): string => zones.join(", ");

/** What EC2 says of a subnet's zone. */
export function subnetZone(zone: string | undefined, region: string): readonly string[] {
  const zones = Object.keys(zonesOf(region));
  if (zone === undefined || zones.includes(zone)) return [];
  return [
    `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${listed(zones)}.`,
  ];
}

const zonesOfSubnets = (ids: readonly string[], find: Find): string[] =>
  ids.flatMap((id) => (find(SUBNET, id)?.inputs.availabilityZone as string | undefined) ?? []);

/**
 * What EKS says of a control plane's subnets: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html. The words:
 * https://github.com/awsdocs/amazon-eks-user-guide/issues/36
 */
export function controlPlaneZones(
  name: string,
  subnets: readonly string[],
  { find, config }: Pick<Context, "find" | "config">,
): readonly string[] {
  const all = zonesOf(String(config.region));
  const possible = Object.keys(all).filter((zone) => !WITHOUT_EKS.includes(all[zone] ?? ""));
  const zones = zonesOfSubnets(subnets, find);
  const [impossible] = zones.filter((zone) => zone in all && !possible.includes(zone));
  if (impossible !== undefined)
    return [
      `UnsupportedAvailabilityZoneException: Cannot create cluster '${name}' because ${impossible}, the targeted availability zone, does not currently have sufficient capacity to support the cluster. Retry and choose from these availability zones: ${listed(possible)}`,
    ];
  const vpcs = new Set(subnets.map((id) => find(SUBNET, id)?.inputs.vpcId as unknown));
  if (vpcs.size > 1) return ["The subnet IDs provided must all belong to the same VPC"];
  return new Set(zones).size === 1 ? ["Subnets specified must be in at least two different AZs"] : [];
}

/** What EKS says of machine types in the zones of nodes. */
export function offeredTypes(
  types: readonly string[],
  subnets: readonly string[],
  { find, config }: Pick<Context, "find" | "config">,
): readonly string[] {
  const all = zonesOf(String(config.region));
  return zonesOfSubnets(subnets, find).flatMap((zone) =>
    types
      .filter((type) => !isOffered(type, zone))
      .map(
        (type) =>
          `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}). Please retry your request by not specifying an Availability Zone or choosing ${listed(Object.keys(all).filter((each) => isOffered(type, each)))}.`,
      ),
  );
}
