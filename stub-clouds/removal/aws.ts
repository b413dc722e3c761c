import { setTimeout as delay } from "node:timers/promises";

import { Refusal } from "../errors";
import type { Resource, Values } from "../types";
import { arnOf } from "../vendor/aws";
import { option } from "../vendor/words";
import type { Remove, Site } from "./site";

/** What a command deletes: the type, the option or options that identify it, and the code if nothing is found. */
type Target = readonly [type: string, options: readonly string[], notFound: string];

const TARGETS: Readonly<Record<string, Target>> = {
  "backup delete-backup-plan": ["backup/plan", ["backup-plan-id"], "ResourceNotFoundException"],
  "backup delete-backup-selection": ["backup/selection", ["selection-id"], "ResourceNotFoundException"],
  "backup delete-backup-vault": ["backup/vault", ["backup-vault-name"], "ResourceNotFoundException"],
  "ec2 delete-internet-gateway": [
    "ec2/internetGateway",
    ["internet-gateway-id"],
    "InvalidInternetGatewayID.NotFound",
  ],
  "ec2 delete-launch-template": [
    "ec2/launchTemplate",
    ["launch-template-id"],
    "InvalidLaunchTemplateId.NotFound",
  ],
  "ec2 delete-nat-gateway": ["ec2/natGateway", ["nat-gateway-id"], "NatGatewayNotFound"],
  "ec2 delete-network-interface": [
    "ec2/networkInterface",
    ["network-interface-id"],
    "InvalidNetworkInterfaceID.NotFound",
  ],
  "ec2 delete-route-table": ["ec2/routeTable", ["route-table-id"], "InvalidRouteTableID.NotFound"],
  "ec2 delete-security-group": ["ec2/securityGroup", ["group-id"], "InvalidGroup.NotFound"],
  "ec2 delete-snapshot": ["ebs/snapshot", ["snapshot-id"], "InvalidSnapshot.NotFound"],
  "ec2 delete-subnet": ["ec2/subnet", ["subnet-id"], "InvalidSubnetID.NotFound"],
  "ec2 delete-volume": ["ebs/volume", ["volume-id"], "InvalidVolume.NotFound"],
  "ec2 delete-vpc": ["ec2/vpc", ["vpc-id"], "InvalidVpcID.NotFound"],
  "ec2 delete-vpc-endpoints": ["ec2/vpcEndpoint", ["vpc-endpoint-ids"], "InvalidVpcEndpointId.NotFound"],
  "ec2 release-address": ["ec2/eip", ["allocation-id"], "InvalidAllocationID.NotFound"],
  "ec2 terminate-instances": ["ec2/instance", ["instance-ids"], "InvalidInstanceID.NotFound"],
  "ecr delete-repository": ["ecr/repository", ["repository-name"], "RepositoryNotFoundException"],
  "efs delete-access-point": ["efs/accessPoint", ["access-point-id"], "AccessPointNotFound"],
  "efs delete-file-system": ["efs/fileSystem", ["file-system-id"], "FileSystemNotFound"],
  "efs delete-mount-target": ["efs/mountTarget", ["mount-target-id"], "MountTargetNotFound"],
  "eks delete-addon": ["eks/addon", ["cluster-name", "addon-name"], "ResourceNotFoundException"],
  "eks delete-cluster": ["eks/cluster", ["name"], "ResourceNotFoundException"],
  "eks delete-nodegroup": ["eks/nodeGroup", ["cluster-name", "nodegroup-name"], "ResourceNotFoundException"],
  "eks delete-pod-identity-association": [
    "eks/podIdentityAssociation",
    ["association-id"],
    "ResourceNotFoundException",
  ],
  "elb delete-load-balancer": ["elb/loadBalancer", ["load-balancer-name"], "LoadBalancerNotFound"],
  "elbv2 delete-load-balancer": ["lb/loadBalancer", ["load-balancer-arn"], "LoadBalancerNotFound"],
  "elbv2 delete-target-group": ["lb/targetGroup", ["target-group-arn"], "TargetGroupNotFound"],
  "iam delete-role": ["iam/role", ["role-name"], "NoSuchEntity"],
  "iam delete-role-policy": ["iam/rolePolicy", ["role-name", "policy-name"], "NoSuchEntity"],
  "iam detach-role-policy": ["iam/rolePolicyAttachment", ["role-name", "policy-arn"], "NoSuchEntity"],
  "logs delete-log-group": ["cloudwatch/logGroup", ["log-group-name"], "ResourceNotFoundException"],
};

/** What `aws <service> wait <name>` waits for the end of, and the options that identify it. */
const WAITS: Readonly<Record<string, readonly [type: string, options: readonly string[]]>> = {
  "ec2 instance-terminated": ["ec2/instance", ["instance-ids"]],
  "ec2 nat-gateway-deleted": ["ec2/natGateway", ["nat-gateway-ids"]],
  "eks addon-deleted": ["eks/addon", ["cluster-name", "addon-name"]],
  "eks cluster-deleted": ["eks/cluster", ["name"]],
  "eks nodegroup-deleted": ["eks/nodeGroup", ["cluster-name", "nodegroup-name"]],
  "elbv2 load-balancers-deleted": ["lb/loadBalancer", ["load-balancer-arns"]],
};

/** `DeleteVpc` of `delete-vpc`. */
const operation = (action: string): string =>
  action.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const refused = (action: string, code: string, message: string): Refusal =>
  new Refusal(`An error occurred (${code}) when calling the ${operation(action)} operation: ${message}`);

function find(
  words: readonly string[],
  resources: readonly Resource[],
  [type, options]: readonly [string, readonly string[], ...unknown[]],
): Resource | undefined {
  const values = options.map((name) => {
    const value = option(words, name);
    if (value === undefined) throw new Refusal(`aws: error: the following arguments are required: --${name}`);
    return value;
  });
  return resources.find(
    (each) =>
      each.token.startsWith(`aws:${type}:`) &&
      [each.id, arnOf(each), String(each.outputs.associationId)].some((id) =>
        [":", "/"].some((separator) => id === values.join(separator)),
      ),
  );
}

/** What the provider's plugin never meets, because the provider has taken the steps before. */
const RULES: Readonly<
  Record<
    string,
    (target: Resource, resources: readonly Resource[], words: readonly string[]) => string | undefined
  >
> = {
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html
  "ec2 delete-internet-gateway": ({ id, inputs }) =>
    inputs.vpcId === undefined
      ? undefined
      : `DependencyViolation: The internetGateway '${id}' has dependencies and cannot be deleted.`,
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html
  "ec2 delete-volume": ({ id, outputs }, resources) => {
    const instance = resources.find((each) => each.id === outputs.instanceId);
    return instance && `VolumeInUse: Volume ${id} is currently attached to ${instance.id}`;
  },
  // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html
  "ecr delete-repository": ({ id }, _, words) =>
    words.includes("--force")
      ? undefined
      : `RepositoryNotEmptyException: The repository with name '${id}' cannot be deleted because it still contains images`,
};

export const removeByAws: Remove = async (words, site) => {
  const [service = "", action = ""] = words;
  if (action === "wait") return waitFor(words, site);
  if (action === "detach-internet-gateway") return detach(words, site);
  const command = `${service} ${action}`;
  const target = TARGETS[command];
  if (target === undefined) throw new Refusal(`aws: error: argument operation: Invalid choice: ${command}`);
  const { resources } = site.world;
  const found = find(words, resources, target);
  if (found === undefined) throw refused(action, target[2], "it does not exist");
  const [, code, message] = /^(\w+): (.*)$/.exec(RULES[command]?.(found, resources, words) ?? "") ?? [];
  if (code !== undefined) throw refused(action, code, message ?? "");
  try {
    await site.cloud.requestDeletion(found);
  } catch (error) {
    const [, own = "", text = ""] = /StatusCode: \d+, (\w+): (.*)$/.exec((error as Error).message) ?? [];
    throw own === "" ? error : refused(action, own, text);
  }
};

async function waitFor(words: readonly string[], { world }: Site): Promise<void> {
  const [service = "", , name = ""] = words;
  const target = WAITS[`${service} ${name}`];
  if (target === undefined) throw new Refusal(`aws: error: argument waiter_name: Invalid choice: ${name}`);
  for (;;) {
    const found = find(words, world.resources, target);
    if (found === undefined) return;
    if (found.deleted === undefined)
      throw new Refusal(`Waiter ${operation(name)} failed: Max attempts exceeded`);
    await delay(Math.max(1, found.deleted - Date.now()));
  }
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html */
async function detach(words: readonly string[], { world }: Site): Promise<void> {
  const action = "detach-internet-gateway";
  await world.change((resources) => {
    const gateway = find(words, resources, ["ec2/internetGateway", ["internet-gateway-id"]]);
    const vpcId = option(words, "vpc-id");
    if (gateway === undefined || gateway.inputs.vpcId !== vpcId)
      throw refused(action, "Gateway.NotAttached", `it is not attached to ${vpcId}`);
    const subnets = resources.filter(({ inputs }) => inputs.vpcId === vpcId).map(({ id }) => id);
    const mapped = resources.some(
      ({ token, inputs }) =>
        token === "aws:ec2/natGateway:NatGateway" && subnets.includes(inputs.subnetId as string),
    );
    if (mapped)
      throw refused(
        action,
        "DependencyViolation",
        `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      );
    const detached = { ...gateway, inputs: without(gateway.inputs), outputs: without(gateway.outputs) };
    return { result: undefined, resources: resources.map((each) => (each === gateway ? detached : each)) };
  });
}

const without = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([key]) => key !== "vpcId"));
