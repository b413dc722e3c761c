import { run } from "../../../lib/process";
import type { CloudOperations, ImportId, Inputs, Place } from "../../operations";
import { json, tagFilters } from "./aws";
import { byId } from "./kinds";

/** What AWS identifies by a number: found by the tags that it was to have, if nothing else has them. */
const tagged =
  (kind: RegExp): ImportId =>
  async ({ tags = {} }, { place, known }) => {
    const own = tags as Record<string, string>;
    if (Object.keys(own).length === 0) return undefined;
    const filters = tagFilters(own);
    const answer = await ask(place, "resourcegroupstaggingapi", "get-resources", "--tag-filters", filters);
    const arns = ((answer?.ResourceTagMappingList ?? []) as { ResourceARN: string }[]).map(
      ({ ResourceARN }) => ResourceARN,
    );
    const candidates = arns.flatMap((arn) => {
      const id = kind.exec(arn)?.[1];
      return id === undefined || known.has(id) ? [] : [{ arn, id }];
    });
    const live = await Promise.all(candidates.map(async ({ arn }) => exists(arn, place)));
    const ids = candidates.filter((_, i) => live[i]).map(({ id }) => id);
    return ids.length === 1 ? ids[0] : undefined;
  };

const ec2 = (resource: string): ImportId => tagged(new RegExp(`:ec2:[^:]*:[^:]*:${resource}/(.+)$`));

async function ask(place: Place, ...words: string[]): Promise<Inputs | undefined> {
  const [program = "", ...args] = json(place, ...words);
  const { code, stdout } = await run(program, args, { timeout: 60_000 });
  return code === 0 ? (JSON.parse(stdout) as Inputs) : undefined;
}

/** The tagging API still lists what was deleted: a look by the id tells. */
async function exists(arn: string, place: Place): Promise<boolean> {
  const query = byId(arn, place);
  if (query === undefined) return true;
  const [program = "", ...args] = query.ask;
  const { code, stdout, stderr } = await run(program, args, { timeout: 60_000 });
  return code === 0 ? query.exists(JSON.parse(stdout)) : !query.none.test(stderr);
}

const mountTarget: ImportId = async ({ fileSystemId, subnetId }, { place }) => {
  const answer = await ask(
    place,
    "efs",
    "describe-mount-targets",
    "--file-system-id",
    fileSystemId as string,
  );
  const targets = (answer?.MountTargets ?? []) as { MountTargetId: string; SubnetId: string }[];
  return targets.find(({ SubnetId }) => SubnetId === subnetId)?.MountTargetId;
};

export const importIds: CloudOperations["importIds"] = {
  "aws:ec2/vpc:Vpc": ec2("vpc"),
  "aws:ec2/subnet:Subnet": ec2("subnet"),
  "aws:ec2/securityGroup:SecurityGroup": ec2("security-group"),
  "aws:ec2/launchTemplate:LaunchTemplate": ec2("launch-template"),
  "aws:ec2/internetGateway:InternetGateway": ec2("internet-gateway"),
  "aws:ec2/natGateway:NatGateway": ec2("natgateway"),
  "aws:ec2/eip:Eip": ec2("elastic-ip"),
  "aws:ec2/vpcEndpoint:VpcEndpoint": ec2("vpc-endpoint"),
  "aws:ec2/routeTable:RouteTable": ec2("route-table"),
  "aws:ec2/route:Route": ({ routeTableId, destinationCidrBlock }) =>
    `${routeTableId}_${destinationCidrBlock}`,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ({ subnetId, routeTableId }) =>
    `${subnetId}/${routeTableId}`,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ec2("security-group-rule"),
  "aws:efs/fileSystem:FileSystem": tagged(/:file-system\/(.+)$/),
  "aws:efs/mountTarget:MountTarget": mountTarget,
  "aws:iam/role:Role": ({ name }) => name as string | undefined,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ({ role, policyArn }) => `${role}/${policyArn}`,
  "aws:iam/rolePolicy:RolePolicy": ({ role, name }) => `${role}:${name}`,
  "aws:eks/cluster:Cluster": ({ name }) => name as string | undefined,
  "aws:eks/nodeGroup:NodeGroup": ({ clusterName, nodeGroupName }) => `${clusterName}:${nodeGroupName}`,
  "aws:eks/addon:Addon": ({ clusterName, addonName }) => `${clusterName}:${addonName}`,
  "aws:eks/accessEntry:AccessEntry": ({ clusterName, principalArn }) => `${clusterName}:${principalArn}`,
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": ({ clusterName, principalArn, policyArn }) =>
    `${clusterName}#${principalArn}#${policyArn}`,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": async (given, context) => {
    const id = await tagged(/:podidentityassociation\/[^/]+\/(.+)$/)(given, context);
    return id === undefined ? undefined : `${given.clusterName},${id}`;
  },
  "aws:cloudwatch/logGroup:LogGroup": ({ name }) => name as string | undefined,
  "aws:ecr/repository:Repository": ({ name }) => name as string | undefined,
};
