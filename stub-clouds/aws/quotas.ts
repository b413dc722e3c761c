import type { Context, Token, Values } from "../types";

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: 5 of each in a region. */
const QUOTAS: Readonly<Record<Token, readonly [number: number, code: string, message: string]>> = {
  "aws:ec2/vpc:Vpc": [5, "VpcLimitExceeded", "The maximum number of VPCs has been reached."],
  "aws:ec2/eip:Eip": [5, "AddressLimitExceeded", "The maximum number of addresses has been reached."],
};

/** What EC2 says of one more; nothing of a change. */
export function overQuota(token: Token, { all }: Pick<Context, "all">): readonly string[] {
  const [number, code, message] = QUOTAS[token] ?? [0, "", ""];
  return all(token).length < number ? [] : [`${code}: ${message}`];
}

/** vCPUs of the sizes: https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html */
const VCPUS: Readonly<Record<string, number>> = { small: 2, medium: 2, large: 2, xlarge: 4 };

const vcpusOf = (type: string): number => {
  const [, size = ""] = type.split(".");
  return VCPUS[size] ?? 4 * Number(/^(\d+)xlarge$/.exec(size)?.[1] ?? 1);
};

const needed = ({ instanceTypes = [], scalingConfig }: Values): number =>
  vcpusOf(String(instanceTypes[0])) * Number(scalingConfig.desiredSize);

/**
 * What the group of a node group says if the account's quota of vCPUs (L-1216C47A) is used up. A new account's is 5:
 * https://docs.aws.amazon.com/cli/latest/reference/service-quotas/get-aws-service-default-quota.html
 */
export function overVcpus(
  inputs: Values,
  { all, quotas: { vcpus } }: Pick<Context, "all" | "quotas">,
): readonly string[] {
  const others = all("aws:eks/nodeGroup:NodeGroup").reduce((sum, each) => sum + needed(each.outputs), 0);
  if (vcpus === undefined || others + needed(inputs) <= vcpus) return [];
  return [
    `AsgInstanceLaunchFailures: Could not launch On-Demand Instances. VcpuLimitExceeded - You have requested more vCPU capacity than your current vCPU limit of ${vcpus} allows for the instance bucket that the specified instance type belongs to.`,
  ];
}
