import { pause } from "../../../lib/process";
import type { Answer, CloudOperations, ImportId, Inputs } from "../../operations";
import { json } from "./aws";
import { isGone } from "./kinds";

type Tags = Readonly<Record<string, string>>;

interface List {
  /** The words of the question for everything of a kind with these tags, or more than that. */
  readonly ask: (tags: Tags, inputs: Inputs) => readonly string[];
  /** Key of the answer's list, and of the id in each item. */
  readonly items: string;
  readonly id: string;
}

/**
 * What AWS identifies by a number: found by the tags that it was to have, if nothing else has them. Asked of its own
 * service, because the tagging API lists what is new only later.
 */
const tagged =
  ({ ask: words, items, id: idKey }: List): ImportId =>
  async (inputs, { place, known, ask }) => {
    const tags = (inputs.tags ?? {}) as Tags;
    if (Object.keys(tags).length === 0) return undefined;
    for (const wait of [0, ...AGAIN]) {
      await pause(wait);
      const answer = (await ask(json(place, ...words(tags, inputs)))) as Answer;
      const ids = ((answer?.[items] ?? []) as Answer[])
        .filter((item) => !isGone(item) && hasTags(item, tags) && !known.has(item[idKey] as string))
        .map((item) => item[idKey] as string);
      if (ids.length > 0) return ids.length === 1 ? ids[0] : undefined;
    }
    return undefined;
  };

/**
 * Milliseconds before each further question, if the first finds nothing: "an API command you run to list resources might
 * not immediately reflect" an earlier one (https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html).
 */
const AGAIN = [2_000, 4_000, 8_000];

/** Whether an item has all of the tags; true if its kind lists none. */
const hasTags = ({ Tags, TagSet = Tags, tags }: Answer, wanted: Tags): boolean => {
  const own = (TagSet as { Key: string; Value: string }[] | undefined)?.map(({ Key, Value }) => [Key, Value]);
  const all = (own === undefined ? tags : Object.fromEntries(own)) as Tags | undefined;
  return all === undefined || Object.entries(wanted).every(([key, value]) => all[key] === value);
};

const ec2 = (kind: string, items: string, id: string, option = "--filters"): ImportId =>
  tagged({
    ask: (tags) => {
      const filters = Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
      return ["ec2", `describe-${kind}`, option, JSON.stringify(filters)];
    },
    items,
    id,
  });

const mountTarget: ImportId = async ({ fileSystemId, subnetId }, { place, ask }) => {
  const words = ["efs", "describe-mount-targets", "--file-system-id", fileSystemId as string];
  const answer = (await ask(json(place, ...words))) as Answer;
  const targets = (answer?.MountTargets ?? []) as { MountTargetId: string; SubnetId: string }[];
  return targets.find(({ SubnetId }) => SubnetId === subnetId)?.MountTargetId;
};

/** What AWS Backup identifies by a number, found by its name, which the provider makes unique. */
const backup =
  (list: (inputs: Inputs) => readonly string[], items: string, name: string, id: string): ImportId =>
  async (inputs, { place, ask }) => {
    const answer = (await ask(json(place, "backup", ...list(inputs)))) as Answer;
    const found = ((answer?.[items] ?? []) as Answer[]).find((item) => item[name] === inputs.name);
    return found?.[id] as string | undefined;
  };

const backupSelection = backup(
  ({ planId }) => ["list-backup-selections", "--backup-plan-id", planId as string],
  "BackupSelectionsList",
  "SelectionName",
  "SelectionId",
);

/** A service account has one association at most. */
const podIdentity = tagged({
  ask: (_, { clusterName, namespace, serviceAccount }) => [
    ...["eks", "list-pod-identity-associations", "--cluster-name", clusterName as string],
    ...["--namespace", namespace as string, "--service-account", serviceAccount as string],
  ],
  items: "associations",
  id: "associationId",
});

export const importIds: CloudOperations["importIds"] = {
  "aws:backup/vault:Vault": ({ name }) => name as string | undefined,
  "aws:backup/plan:Plan": backup(
    () => ["list-backup-plans"],
    "BackupPlansList",
    "BackupPlanName",
    "BackupPlanId",
  ),
  "aws:backup/selection:Selection": async (given, context) => {
    const id = await backupSelection(given, context);
    return id === undefined ? undefined : `${given.planId}|${id}`;
  },
  "aws:ec2/vpc:Vpc": ec2("vpcs", "Vpcs", "VpcId"),
  "aws:ec2/subnet:Subnet": ec2("subnets", "Subnets", "SubnetId"),
  "aws:ec2/securityGroup:SecurityGroup": ec2("security-groups", "SecurityGroups", "GroupId"),
  "aws:ec2/launchTemplate:LaunchTemplate": ec2("launch-templates", "LaunchTemplates", "LaunchTemplateId"),
  "aws:ec2/internetGateway:InternetGateway": ec2(
    "internet-gateways",
    "InternetGateways",
    "InternetGatewayId",
  ),
  "aws:ec2/natGateway:NatGateway": ec2("nat-gateways", "NatGateways", "NatGatewayId", "--filter"),
  "aws:ec2/eip:Eip": ec2("addresses", "Addresses", "AllocationId"),
  "aws:ec2/vpcEndpoint:VpcEndpoint": ec2("vpc-endpoints", "VpcEndpoints", "VpcEndpointId"),
  "aws:ec2/routeTable:RouteTable": ec2("route-tables", "RouteTables", "RouteTableId"),
  "aws:ec2/route:Route": ({ routeTableId, destinationCidrBlock }) =>
    `${routeTableId}_${destinationCidrBlock}`,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ({ subnetId, routeTableId }) =>
    `${subnetId}/${routeTableId}`,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ec2(
    "security-group-rules",
    "SecurityGroupRules",
    "SecurityGroupRuleId",
  ),
  "aws:efs/fileSystem:FileSystem": tagged({
    ask: () => ["efs", "describe-file-systems"],
    items: "FileSystems",
    id: "FileSystemId",
  }),
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
    const id = await podIdentity(given, context);
    return id === undefined ? undefined : `${given.clusterName},${id}`;
  },
  "aws:cloudwatch/logGroup:LogGroup": ({ name }) => name as string | undefined,
  "aws:ecr/repository:Repository": ({ name }) => name as string | undefined,
};
