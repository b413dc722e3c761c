import * as pulumi from "@pulumi/pulumi";
import { setCommand } from "../../config/commands";
import { type Finding, findIf, invalid } from "../../config/findings";
import { type Problem, report } from "../../config/problems";
import { clusterProblems } from "../checks";
import { overlaps } from "../cidr";
import { isRunByEngine } from "../preflight";
import { type Question, read } from "./aws-cli";
import type { Config } from "./config";
import { configuredRegion, zonesOf } from "./location";
import { pools } from "./node-groups";

/** The rules that only AWS can check, because accounts differ. It is asked before anything is created. */

/** Zones without EKS, by id: a letter is another zone in each account. */
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
const WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"];

export interface Zone {
  readonly ZoneName: string;
  readonly ZoneId: string;
}
export interface Subnet {
  readonly SubnetId: string;
  readonly VpcId: string;
  readonly CidrBlock: string;
  readonly AvailabilityZone: string;
  readonly AvailabilityZoneId: string;
}
export interface Offering {
  readonly InstanceType: string;
  /** Name of a zone. */
  readonly Location: string;
}

/** @throws pulumi.RunError with all problems */
export function checkOffers(config: Config): void {
  const region = configuredRegion();
  if (region === undefined || !isRunByEngine()) return;
  const problems =
    config.network.existing === undefined ? zonesInAccount(config, region) : subnetsInAccount(config);
  if (problems.length > 0)
    throw new pulumi.RunError(report(`the configuration of stack ${pulumi.getStack()}`, problems));
}

function zonesInAccount(config: Config, region: string): readonly Problem[] {
  const { AvailabilityZones: zones } = read<{ AvailabilityZones: readonly Zone[] }>(...ZONES);
  return checkZones(config, region, zones, offerings(config));
}

function subnetsInAccount(config: Config): readonly Problem[] {
  const { Subnets: subnets } = read<{ Subnets: readonly Subnet[] }>(
    ...subnetQuestion(config.network.existing?.subnetIds ?? []),
  );
  return clusterProblems([
    ...checkSubnets(config, subnets),
    ...checkOffered(
      config,
      subnets.map(({ AvailabilityZone }) => AvailabilityZone),
      offerings(config),
    ),
  ]);
}

const offerings = (config: Config): readonly Offering[] =>
  read<{ InstanceTypeOfferings: readonly Offering[] }>(...offeringQuestion(config)).InstanceTypeOfferings;

const ZONES: Question = [
  ...["ec2", "describe-availability-zones", "--filters"],
  ...["Name=zone-type,Values=availability-zone", "Name=state,Values=available"],
];

/** A filter leaves out those that do not exist. */
const subnetQuestion = (ids: readonly string[]): Question => [
  ...["ec2", "describe-subnets", "--filters", `Name=subnet-id,Values=${ids.join(",")}`],
];

const offeringQuestion = (config: Config): Question => {
  const types = new Set(pools(config).flatMap(({ machineTypes }) => machineTypes));
  return [
    ...["ec2", "describe-instance-type-offerings", "--location-type", "availability-zone"],
    ...["--filters", `Name=instance-type,Values=${[...types].join(",")}`],
  ];
};

export const offerQuestions = (config: Config): readonly Question[] => [
  config.network.existing === undefined ? ZONES : subnetQuestion(config.network.existing.subnetIds),
  offeringQuestion(config),
];

/** Whether the zones of the cluster's own network exist in the account, and have EKS and the machines. */
export function checkZones(
  config: Config,
  region: string,
  known: readonly Zone[],
  offered: readonly Offering[],
): readonly Problem[] {
  const zones = zonesOf(config, region);
  const usable = known
    .filter(({ ZoneId }) => !WITHOUT_EKS.includes(ZoneId))
    .map(({ ZoneName }) => ZoneName)
    .filter((zone) => withoutMachines(config, zone, offered).length === 0)
    .sort();
  const broken = zones.flatMap((zone, i) => {
    const id = known.find(({ ZoneName }) => ZoneName === zone)?.ZoneId;
    const rule =
      id === undefined
        ? `must be a zone of this account in ${region}`
        : WITHOUT_EKS.includes(id)
          ? `must not be zone ${id}, which has no EKS`
          : undefined;
    return rule === undefined ? [] : [{ zone, rule, at: ["zones", i] }];
  });
  if (broken.length === 0) return clusterProblems(checkOffered(config, zones, offered));
  // The default zones are in no list that one command could change.
  const unset = config.zones === undefined;
  const free = usable.filter((zone) => unset || !zones.includes(zone));
  const fixes = (unset ? zones.map((_, i) => ({ at: ["zones", i] })) : broken).map(({ at }, i) =>
    setCommand(["cluster", ...at], free[i] ?? "<another zone>"),
  );
  return broken.map(({ zone, rule, at }, i) => ({
    ...(clusterProblems([invalid(at, zone, rule)])[0] as Problem),
    fix: (unset ? fixes.join(" && ") : fixes[i]) ?? "",
  }));
}

/** Whether existing subnets belong to the network, and suit EKS, its services and its file system. */
function checkSubnets(
  { network: { existing, serviceCidr } }: Config,
  subnets: readonly Subnet[],
): readonly Finding[] {
  const { vpcId, subnetIds = [] } = existing ?? {};
  const found = subnetIds.map((id) => subnets.find(({ SubnetId }) => SubnetId === id));
  return subnetIds.flatMap((id, i) => {
    const subnet = found[i];
    const at = ["network", "existing", "subnetIds", i];
    const fix = `<subnet of ${vpcId} in another zone>`;
    if (subnet === undefined)
      return [invalid(at, id, "must be a subnet that exists in the account and region", fix)];
    const { AvailabilityZone: zone, AvailabilityZoneId: zoneId, CidrBlock: range } = subnet;
    const earlier = found.slice(0, i).find((each) => each?.AvailabilityZone === zone);
    return [
      ...findIf(subnet.VpcId !== vpcId, () =>
        invalid(at, id, `must be a subnet of network.existing.vpcId, ${vpcId}, not of ${subnet.VpcId}`, fix),
      ),
      ...findIf(earlier !== undefined, () =>
        invalid(
          at,
          id,
          `must be in a zone of its own, because EFS has one mount target per zone; ${earlier?.SubnetId} is in ${zone}`,
          fix,
        ),
      ),
      ...findIf(WITHOUT_EKS.includes(zoneId), () =>
        invalid(at, id, `must not be in zone ${zoneId}, which has no EKS`, fix),
      ),
      ...findIf(overlaps(range, serviceCidr), () =>
        invalid(
          ["network", "serviceCidr"],
          serviceCidr,
          `must not overlap ${range}, the range of ${id}`,
          "<another range>",
        ),
      ),
    ];
  });
}

/** Whether each zone has machines for each node group. */
const checkOffered = (
  config: Config,
  zones: readonly string[],
  offered: readonly Offering[],
): readonly Finding[] =>
  zones.flatMap((zone) =>
    withoutMachines(config, zone, offered).map(({ at, machineTypes: [machineType] }) =>
      invalid(
        [...at, "machineType"],
        machineType,
        `must be offered in ${zone}, or the zone be another one`,
        `<type offered in ${zone}>`,
      ),
    ),
  );

const withoutMachines = (config: Config, zone: string, offered: readonly Offering[]) =>
  pools(config).filter(
    ({ machineTypes }) =>
      !offered.some(({ InstanceType, Location }) => Location === zone && machineTypes.includes(InstanceType)),
  );
