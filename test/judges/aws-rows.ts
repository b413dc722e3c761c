/** What this program registers at AWS, and where AWS's models describe it. */
import type { Request } from "./aws-models";
import { parsed, policyProblem } from "./aws-policies";

/** What a value must be, if no model says. */
export type Rule = RegExp | "boolean" | "number";

/** A path in a model: `a.b`; a list there that is a single value in Terraform is passed, `a[].b` is a list in both. */
type Name = string | { readonly registry?: string; readonly request?: string };

export interface Row {
  /** The type in CloudFormation's registry; some things that Terraform has as resources have none. */
  readonly registry?: string;
  readonly request: Request;
  /** Terraform's fields, by their paths, that the models have elsewhere; every other field has the model's name, in any case. */
  readonly names?: Readonly<Record<string, Name>>;
  /** Fields that only Terraform has. */
  readonly own?: Readonly<Record<string, Rule>>;
  /** Required fields of the models that the provider sets. */
  readonly provided?: readonly string[];
}

/** What EC2 calls a resource: 8 digits, or 17 since 2018. */
const id = (prefix: string): RegExp => new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`);

const CLUSTER = {
  registry: "AWS::EKS::Cluster",
  request: "eks CreateCluster",
} as const;
const LOG_TYPES = {
  registry: "Logging.ClusterLogging.EnabledTypes[].Type",
  request: "logging.clusterLogging.types",
};

export const ROWS: Readonly<Record<string, Row>> = {
  "aws:eks/cluster:Cluster": {
    ...CLUSTER,
    names: { vpcConfig: "ResourcesVpcConfig", enabledClusterLogTypes: LOG_TYPES },
  },
  // The component: https://github.com/pulumi/pulumi-eks/blob/v4.3.0/nodejs/eks/cluster/cluster.ts
  "eks:index:Cluster": {
    ...CLUSTER,
    names: {
      authenticationMode: "AccessConfig.AuthenticationMode",
      enabledClusterLogTypes: LOG_TYPES,
      encryptionConfigKeyArn: "EncryptionConfig.Provider.KeyArn",
      endpointPrivateAccess: "ResourcesVpcConfig.EndpointPrivateAccess",
      endpointPublicAccess: "ResourcesVpcConfig.EndpointPublicAccess",
      kubernetesServiceIpAddressRange: "KubernetesNetworkConfig.ServiceIpv4Cidr",
      publicAccessCidrs: "ResourcesVpcConfig.PublicAccessCidrs",
      subnetIds: "ResourcesVpcConfig.SubnetIds",
    },
    own: {
      "corednsAddonOptions.enabled": "boolean",
      "corednsAddonOptions.resolveConflictsOnCreate": /^(NONE|OVERWRITE)$/,
      "corednsAddonOptions.resolveConflictsOnUpdate": /^(NONE|OVERWRITE|PRESERVE)$/,
      "kubeProxyAddonOptions.enabled": "boolean",
      "kubeProxyAddonOptions.resolveConflictsOnCreate": /^(NONE|OVERWRITE)$/,
      "kubeProxyAddonOptions.resolveConflictsOnUpdate": /^(NONE|OVERWRITE|PRESERVE)$/,
      "providerCredentialOpts.profileName": /^\S+$/,
      "providerCredentialOpts.roleArn": /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/,
      skipDefaultNodeGroup: "boolean",
      skipDefaultSecurityGroups: "boolean",
      useDefaultVpcCni: "boolean",
      vpcId: id("vpc"),
    },
    provided: ["roleArn"],
  },
  "aws:eks/nodeGroup:NodeGroup": {
    registry: "AWS::EKS::Nodegroup",
    request: "eks CreateNodegroup",
    names: { nodeRoleArn: "NodeRole", subnetIds: "Subnets" },
  },
  "aws:eks/addon:Addon": {
    registry: "AWS::EKS::Addon",
    request: "eks CreateAddon",
    names: { preserve: "PreserveOnDelete", resolveConflictsOnCreate: "ResolveConflicts" },
    own: { resolveConflictsOnUpdate: /^(NONE|OVERWRITE|PRESERVE)$/ },
  },
  "aws:eks/accessEntry:AccessEntry": {
    registry: "AWS::EKS::AccessEntry",
    request: "eks CreateAccessEntry",
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": { request: "eks AssociateAccessPolicy" },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    registry: "AWS::EKS::PodIdentityAssociation",
    request: "eks CreatePodIdentityAssociation",
  },
  "aws:efs/fileSystem:FileSystem": {
    registry: "AWS::EFS::FileSystem",
    request: "efs CreateFileSystem",
    names: { tags: { registry: "FileSystemTags", request: "Tags" } },
    provided: ["CreationToken"],
  },
  "aws:efs/mountTarget:MountTarget": {
    registry: "AWS::EFS::MountTarget",
    request: "efs CreateMountTarget",
  },
  "aws:ecr/repository:Repository": {
    registry: "AWS::ECR::Repository",
    request: "ecr CreateRepository",
    names: {
      encryptionConfigurations: "EncryptionConfiguration",
      forceDelete: "EmptyOnDelete",
      name: "RepositoryName",
    },
    provided: ["repositoryName"],
  },
  "aws:backup/vault:Vault": {
    registry: "AWS::Backup::BackupVault",
    request: "backup CreateBackupVault",
    names: {
      name: "BackupVaultName",
      kmsKeyArn: "EncryptionKeyArn",
      tags: "BackupVaultTags",
    },
    own: { forceDestroy: "boolean", region: /^[a-z]+(-[a-z]+)+-\d$/ },
    provided: ["BackupVaultName"],
  },
  "aws:backup/plan:Plan": {
    registry: "AWS::Backup::BackupPlan",
    request: "backup CreateBackupPlan",
    names: {
      name: "BackupPlan.BackupPlanName",
      rules: { registry: "BackupPlan.BackupPlanRule", request: "BackupPlan.Rules" },
      tags: "BackupPlanTags",
      "rules[].targetVaultName": { registry: "TargetBackupVault", request: "TargetBackupVaultName" },
      "rules[].schedule": "ScheduleExpression",
      "rules[].startWindow": "StartWindowMinutes",
      "rules[].completionWindow": "CompletionWindowMinutes",
      "rules[].lifecycle.deleteAfter": "DeleteAfterDays",
      "rules[].copyActions[].destinationVaultArn": "DestinationBackupVaultArn",
      "rules[].copyActions[].lifecycle.deleteAfter": "DeleteAfterDays",
    },
    provided: ["BackupPlanName"],
  },
  "aws:backup/selection:Selection": {
    registry: "AWS::Backup::BackupSelection",
    request: "backup CreateBackupSelection",
    names: {
      planId: "BackupPlanId",
      iamRoleArn: "BackupSelection.IamRoleArn",
      name: "BackupSelection.SelectionName",
      resources: "BackupSelection.Resources",
      conditions: "BackupSelection.Conditions",
      "conditions[].stringEquals[].key": "ConditionKey",
      "conditions[].stringEquals[].value": "ConditionValue",
    },
    provided: ["SelectionName"],
  },
  "aws:iam/role:Role": {
    registry: "AWS::IAM::Role",
    request: "iam CreateRole",
    names: { assumeRolePolicy: "AssumeRolePolicyDocument", name: "RoleName" },
    provided: ["RoleName"],
  },
  "aws:iam/rolePolicy:RolePolicy": {
    registry: "AWS::IAM::RolePolicy",
    request: "iam PutRolePolicy",
    names: { name: "PolicyName", policy: "PolicyDocument", role: "RoleName" },
    provided: ["PolicyName"],
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    request: "iam AttachRolePolicy",
    names: { role: "RoleName" },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    registry: "AWS::Logs::LogGroup",
    request: "logs CreateLogGroup",
    names: { name: "LogGroupName" },
  },
  "aws:ec2/vpc:Vpc": { registry: "AWS::EC2::VPC", request: "ec2 CreateVpc" },
  "aws:ec2/subnet:Subnet": { registry: "AWS::EC2::Subnet", request: "ec2 CreateSubnet" },
  "aws:ec2/internetGateway:InternetGateway": {
    registry: "AWS::EC2::InternetGateway",
    request: "ec2 AttachInternetGateway",
    provided: ["InternetGatewayId"],
  },
  "aws:ec2/eip:Eip": { registry: "AWS::EC2::EIP", request: "ec2 AllocateAddress" },
  "aws:ec2/natGateway:NatGateway": { registry: "AWS::EC2::NatGateway", request: "ec2 CreateNatGateway" },
  "aws:ec2/vpcEndpoint:VpcEndpoint": { registry: "AWS::EC2::VPCEndpoint", request: "ec2 CreateVpcEndpoint" },
  "aws:ec2/routeTable:RouteTable": { registry: "AWS::EC2::RouteTable", request: "ec2 CreateRouteTable" },
  "aws:ec2/route:Route": { registry: "AWS::EC2::Route", request: "ec2 CreateRoute" },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    registry: "AWS::EC2::SubnetRouteTableAssociation",
    request: "ec2 AssociateRouteTable",
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    registry: "AWS::EC2::SecurityGroup",
    request: "ec2 CreateSecurityGroup",
    names: { description: { registry: "GroupDescription", request: "Description" }, name: "GroupName" },
    provided: ["GroupName"],
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    registry: "AWS::EC2::SecurityGroupIngress",
    request: "ec2 AuthorizeSecurityGroupIngress",
    names: {
      cidrIpv4: { registry: "CidrIp", request: "IpPermissions.IpRanges.CidrIp" },
      description: { registry: "Description", request: "IpPermissions.UserIdGroupPairs.Description" },
      referencedSecurityGroupId: {
        registry: "SourceSecurityGroupId",
        request: "IpPermissions.UserIdGroupPairs.GroupId",
      },
      securityGroupId: "GroupId",
      tags: { request: "TagSpecifications.Tags" },
    },
  },
  "aws:ec2/launchTemplate:LaunchTemplate": {
    registry: "AWS::EC2::LaunchTemplate",
    request: "ec2 CreateLaunchTemplate",
    names: {
      blockDeviceMappings: "LaunchTemplateData.BlockDeviceMappings",
      metadataOptions: "LaunchTemplateData.MetadataOptions",
      name: "LaunchTemplateName",
      tagSpecifications: "LaunchTemplateData.TagSpecifications",
      tags: "TagSpecifications.Tags",
    },
    own: { updateDefaultVersion: "boolean" },
    provided: ["LaunchTemplateName"],
  },
};

const CLUSTER_NAME = /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/;
const RANGE = /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;
const PRINCIPAL = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;
const LABEL = /^[a-z0-9A-Z]([-\w.]{0,61}[a-z0-9A-Z])?$/;
/** A node group has at most 450. */
const NODES = /^([1-3]?\d{1,2}|4[0-4]\d|450)$/;
const PORT = /^\d{1,5}$/;

const like =
  (pattern: RegExp) =>
  (value: string): string | undefined =>
    pattern.test(value) ? undefined : `must match ${String(pattern)}`;

/**
 * What AWS demands and its models only describe in words, by a field's name, or by that and the name of the object or
 * type around it. Each rule returns a problem, or undefined.
 */
export const RULES: Readonly<Record<string, (value: string) => string | undefined>> = {
  "AccessEntry.type": like(
    /^(STANDARD|EC2|EC2_LINUX|EC2_WINDOWS|FARGATE_LINUX|HYBRID_LINUX|HYPERPOD_LINUX)$/,
  ),
  "NodeGroup.version": like(/^1\.\d\d$/),
  "launchTemplate.id": like(id("lt")),
  "launchTemplate.version": like(/^(\d+|\$Latest|\$Default)$/),
  "taints.key": like(/^([-a-z0-9.]{1,253}\/)?[a-z0-9A-Z]([-\w.]{0,61}[a-z0-9A-Z])?$/),
  "taints.value": like(LABEL),
  addonName: like(/^[a-z0-9][-a-z0-9_]*$/),
  addonVersion: like(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/),
  allocationId: like(id("eipalloc")),
  assumeRolePolicy: (text) => policyProblem(text, "Principal"),
  availabilityZone: like(/^[a-z]{2,4}(-[a-z]+)+-\d[a-z]$/),
  cidrBlock: like(RANGE),
  clusterName: like(CLUSTER_NAME),
  configurationValues: (text) => (parsed(text) === undefined ? "must be JSON" : undefined),
  destinationCidrBlock: like(RANGE),
  desiredSize: like(NODES),
  deviceName: like(/^(\/dev\/)?(xvd|sd)[a-z]\d*$/),
  encryptionConfigKeyArn: like(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/),
  fromPort: like(PORT),
  gatewayId: like(id("(igw|vgw)")),
  httpPutResponseHopLimit: like(/^([1-9]|[1-5]\d|6[0-4])$/),
  instanceTypes: like(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/),
  ipProtocol: like(/^(tcp|udp|icmp|icmpv6|-1|\d{1,3})$/),
  kubernetesServiceIpAddressRange: like(RANGE),
  maxSize: like(NODES),
  maxUnavailable: like(/^([1-9]\d?|100)$/),
  minSize: like(NODES),
  namespace: like(LABEL),
  natGatewayId: like(id("nat")),
  nodeGroupName: like(/^[0-9A-Za-z][\w-]{0,62}$/),
  nodeRoleArn: like(PRINCIPAL),
  policy: (text) => policyProblem(text, "Resource"),
  policyArn: like(/^arn:aws[a-z-]*:(iam::(aws|\d{12}):policy|eks::aws:cluster-access-policy)\/[\w+=,.@/-]+$/),
  principalArn: like(PRINCIPAL),
  publicAccessCidrs: like(RANGE),
  routeTableId: like(id("rtb")),
  routeTableIds: like(id("rtb")),
  serviceAccount: like(LABEL),
  // https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
  serviceName: like(/^(com|cn\.com)\.amazonaws\.[a-z0-9-]+\.[a-z0-9.-]+$/),
  subnetIds: like(id("subnet")),
  toPort: like(PORT),
  volumeSize: like(/^[1-9]\d{0,4}$/), // 64 TiB
  vpcId: like(id("vpc")),
};
