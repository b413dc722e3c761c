import * as pulumi from "@pulumi/pulumi";
import { setCommand } from "../../config/commands";
import { brief } from "../../config/findings";
import { propertyPath } from "../../config/path";
import { type Problem, report } from "../../config/problems";
import { bitsFor, sizeOf } from "../cidr";
import { isRunByEngine } from "../preflight";
import { ADDRESSES_PER_NODE, RESERVED_ADDRESSES } from "./check-network";
import type { Config } from "./config";
import { gcloud, GcloudError } from "./gcloud";
import type { Network } from "./network";
import { maxNodes } from "./pools";
import type { Scope } from "./scope";

type Existing = NonNullable<Config["network"]["existing"]>;

/**
 * A network that this program neither creates nor changes: in the cluster's project, or a Shared VPC of another one.
 * Undefined if none is configured.
 */
export function useExisting({ config, project, region }: Scope): Network | undefined {
  const { existing } = config.network;
  if (existing === undefined) return undefined;
  const host = existing.project ?? project;
  const vpc = `projects/${host}/global/networks/${existing.network}`;
  // A preview calls no cloud, and under mocks there is none.
  if (!pulumi.runtime.isDryRun() && isRunByEngine())
    checkExisting(config, existing, { name: existing.subnet, project: host, region });
  return {
    vpcId: vpc,
    subnetId: `projects/${host}/regions/${region}/subnetworks/${existing.subnet}`,
    ranges: { pods: existing.podsRange, services: existing.servicesRange },
    routes: [],
    filestore:
      host === project
        ? { network: existing.network }
        : // Filestore peers with a network of its own project only:
          // https://docs.cloud.google.com/filestore/docs/shared-vpc
          { network: vpc, "connect-mode": "PRIVATE_SERVICE_ACCESS" },
  };
}

interface Place {
  readonly name: string;
  readonly project: string;
  readonly region: string;
}

/**
 * Refuses a subnet in which the cluster or its nodes would fail. It blocks, and throws before anything is registered: an
 * input that is rejected later would end the program early, and an engine deletes what such a program did not register.
 */
function checkExisting(config: Config, existing: Existing, place: Place): void {
  const problems = problemsOf(config, existing, place);
  if (problems.length > 0) throw new pulumi.RunError(report("the existing network", problems));
}

function problemsOf(config: Config, existing: Existing, place: Place): readonly Problem[] {
  try {
    const { name, project, region } = place;
    const subnet = gcloud(
      config.credentials,
      ...["compute", "networks", "subnets", "describe", name, `--project=${project}`, `--region=${region}`],
    );
    return checkSubnet(config, existing, place, JSON.parse(subnet) as Subnet);
  } catch (error) {
    if (!(error instanceof GcloudError)) throw error;
    const problem = unreadable(place, error.message);
    if (problem === undefined) pulumi.log.warn(`The existing network could not be checked: ${error.message}`);
    return problem === undefined ? [] : [problem];
  }
}

const at = (key: keyof Existing) => ["cluster", "network", "existing", key];
const problem = (key: keyof Existing, rule: string, fix: string): Problem => ({
  key: propertyPath(at(key)),
  rule,
  fix,
});

const command = ({ name, project, region }: Place, verb: string, ...options: readonly string[]): string =>
  [
    "gcloud compute networks subnets",
    verb,
    name,
    `--project=${project}`,
    `--region=${region}`,
    ...options,
  ].join(" ");

/** Undefined if gcloud failed for a reason of its own, such as a missing login. */
function unreadable(place: Place, message: string): Problem | undefined {
  const { name, project, region } = place;
  if (/The resource '.*' was not found/.test(message))
    return problem(
      "subnet",
      `must exist in ${region} of the project ${project}; it is ${brief(name)}`,
      `gcloud compute networks subnets list --project=${project} --regions=${region}`,
    );
  return /Required '[\w.]+' permission/.test(message)
    ? problem(
        "subnet",
        `must be one that the user of \`pulumi up\` may read; it is ${brief(name)}`,
        command(place, "add-iam-policy-binding", "--member=user:<you>", "--role=roles/compute.networkUser"),
      )
    : undefined;
}

/** A subnet as the API returns it. */
interface Subnet {
  readonly network: string;
  readonly ipCidrRange: string;
  readonly secondaryIpRanges?: readonly { readonly rangeName: string; readonly ipCidrRange: string }[];
  readonly privateIpGoogleAccess?: boolean;
}

/** What GKE would refuse about a subnet, or nodes without public addresses would lack in it. */
export function checkSubnet(
  config: Config,
  existing: Existing,
  place: Place,
  { network, ipCidrRange, secondaryIpRanges = [], privateIpGoogleAccess = false }: Subnet,
): readonly Problem[] {
  const actual = network.split("/").at(-1) ?? "";
  const names = secondaryIpRanges.map(({ rangeName }) => rangeName);
  const pods = secondaryIpRanges.find(({ rangeName }) => rangeName === existing.podsRange)?.ipCidrRange;
  // Others may have addresses of the subnet as well, so this is what the cluster needs, not what is free.
  const nodes = maxNodes(config);
  const podRoom = pods === undefined ? nodes : Math.floor(sizeOf(pods) / ADDRESSES_PER_NODE);
  const nodeRoom = sizeOf(ipCidrRange) - RESERVED_ADDRESSES;
  const room = (has: number, range: string | undefined) =>
    `must have room for ${nodes} nodes, those of an upgrade included, and ${range} has room for ${has}`;
  return [
    ...problemIf(
      actual !== existing.network,
      "network",
      `must be the subnet's network, ${actual}; it is ${brief(existing.network)}`,
      setCommand(at("network"), actual),
    ),
    ...(["podsRange", "servicesRange"] as const).flatMap((key) =>
      problemIf(
        !names.includes(existing[key]),
        key,
        `must be a secondary range of the subnet, which has ${names.join(", ") || "none"}; it is ${brief(existing[key])}`,
        command(place, "update", `--add-secondary-ranges=${existing[key]}=<range>`),
      ),
    ),
    ...problemIf(
      podRoom < nodes,
      "podsRange",
      room(podRoom, pods),
      command(place, "update", "--add-secondary-ranges=<name>=<range>"),
    ),
    ...problemIf(
      nodeRoom < nodes,
      "subnet",
      room(nodeRoom, ipCidrRange),
      command(place, "expand-ip-range", `--prefix-length=${bitsFor(nodes + RESERVED_ADDRESSES)}`),
    ),
    ...problemIf(
      !privateIpGoogleAccess,
      "subnet",
      `must have Private Google Access; ${brief(existing.subnet)} does not`,
      command(place, "update", "--enable-private-ip-google-access"),
    ),
  ];
}

const problemIf = (broken: boolean, ...given: Parameters<typeof problem>): readonly Problem[] =>
  broken ? [problem(...given)] : [];
