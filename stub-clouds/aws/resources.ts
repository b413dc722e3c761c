import { isDeepStrictEqual } from "node:util";

import { isMap } from "../engine-values";
import type { Row, Token, Values } from "../types";
import { addOn, degraded } from "./add-ons";
import { nodeFailure, nodeGroup } from "./nodes";
import { newestAddon, newestImage } from "./published";
import { overQuota } from "./quotas";
import { ACCOUNT, CALLER } from "./refusals";
import { podRole, trusts } from "./roles";
import { clusterVersion, DEFAULT_VERSION } from "./versions";
import { controlPlaneZones, subnetZone } from "./zones";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const ROLE = "aws:iam/role:Role";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const CLUSTER = "aws:eks/cluster:Cluster";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const ADDON = "aws:eks/addon:Addon";
const ACCESS_ENTRY = "aws:eks/accessEntry:AccessEntry";
const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway";
const NAT_GATEWAY = "aws:ec2/natGateway:NatGateway";
const ADDRESS = "aws:ec2/eip:Eip";
const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";
const ROUTE = "aws:ec2/route:Route";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";
const INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const FILE_SYSTEM = "aws:efs/fileSystem:FileSystem";
/** Network interface of a pod or a load balancer; controllers create it. */
const INTERFACE = "aws:ec2/networkInterface:NetworkInterface";
const INSTANCE = "aws:ec2/instance:Instance";
const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const ACCESS_POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const MOUNT_TARGET = "aws:efs/mountTarget:MountTarget";

/** Prefixes of the ids that EC2 generates. */
export const PREFIXES: Readonly<Record<Token, string>> = {
  [VPC]: "vpc",
  [SUBNET]: "subnet",
  [SECURITY_GROUP]: "sg",
  [LAUNCH_TEMPLATE]: "lt",
  [INTERNET_GATEWAY]: "igw",
  [NAT_GATEWAY]: "nat",
  [ADDRESS]: "eipalloc",
  [ROUTE_TABLE]: "rtb",
  [ROUTE]: "r",
  [ASSOCIATION]: "rtbassoc",
  [INGRESS_RULE]: "sgr",
  [FILE_SYSTEM]: "fs",
  [MOUNT_TARGET]: "fsmt",
  [INTERFACE]: "eni",
  [ENDPOINT]: "vpce",
};

const CIDR = { pattern: /^\d+\.\d+\.\d+\.\d+\/\d+$/ };
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const isJson = (text: unknown): boolean => {
  try {
    JSON.parse(String(text));
    return true;
  } catch {
    return false;
  }
};

export const resources: Readonly<Record<Token, Row>> = {
  [VPC]: {
    rules: { cidrBlock: CIDR },
    check: (inputs, context) => (context.isNew ? overQuota(VPC, context) : []),
    replaceOn: ["cidrBlock", "region"],
    deleteBlockedBy: [SUBNET, SECURITY_GROUP, INTERNET_GATEWAY, ROUTE_TABLE, ENDPOINT],
    takes: { create: 12, delete: 2 },
  },
  [SUBNET]: {
    rules: { cidrBlock: CIDR },
    refs: { vpcId: VPC },
    check: ({ availabilityZone }, { config }) => subnetZone(availabilityZone, String(config.region)),
    replaceOn: ["vpcId", "cidrBlock", "availabilityZone", "region"],
    deleteBlockedBy: [
      CLUSTER,
      NODE_GROUP,
      NAT_GATEWAY,
      MOUNT_TARGET,
      INTERFACE,
      ENDPOINT,
      INSTANCE,
      LOAD_BALANCER,
    ],
    deletesToo: [ASSOCIATION],
    takes: { create: 11, delete: 2 },
  },
  [INTERFACE]: { refs: { subnetId: SUBNET }, replaceOn: ["subnetId"] },
  // Its network interfaces are in the subnets: https://github.com/hashicorp/terraform-provider-aws/issues/46747
  [ENDPOINT]: {
    refs: { vpcId: VPC, "subnetIds[]": SUBNET, "routeTableIds[]": ROUTE_TABLE },
    // https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    check: ({ serviceName, vpcEndpointType }, { config }) =>
      vpcEndpointType === "Gateway" && serviceName !== `com.amazonaws.${config.region}.s3`
        ? [`InvalidServiceName: The Vpc Endpoint Service '${serviceName}' does not exist`]
        : [],
    replaceOn: ["vpcId", "serviceName", "vpcEndpointType"],
  },
  [INTERNET_GATEWAY]: { refs: { vpcId: VPC } },
  [ADDRESS]: {
    check: (inputs, context) => (context.isNew ? overQuota(ADDRESS, context) : []),
    replaceOn: ["domain"],
    deleteBlockedBy: [NAT_GATEWAY],
  },
  [NAT_GATEWAY]: {
    refs: { allocationId: ADDRESS, subnetId: SUBNET },
    replaceOn: ["allocationId", "subnetId", "connectivityType"],
    takes: { create: 90, delete: 60 },
  },
  [INSTANCE]: { refs: { subnetId: SUBNET, "vpcSecurityGroupIds[]": SECURITY_GROUP }, takes: { delete: 40 } },
  [LOAD_BALANCER]: {
    refs: { "subnets[]": SUBNET, "securityGroups[]": SECURITY_GROUP },
    takes: { delete: 20 },
  },
  [ROUTE_TABLE]: {
    refs: { vpcId: VPC },
    replaceOn: ["vpcId"],
    deleteBlockedBy: [ASSOCIATION],
    deletesToo: [ROUTE],
  },
  [ROUTE]: {
    refs: { routeTableId: ROUTE_TABLE, gatewayId: INTERNET_GATEWAY, natGatewayId: NAT_GATEWAY },
    rules: { destinationCidrBlock: CIDR },
    replaceOn: ["routeTableId", "destinationCidrBlock"],
    importId: ({ routeTableId, destinationCidrBlock }) => `${routeTableId}_${destinationCidrBlock}`,
    check: ({ gatewayId, natGatewayId }) =>
      (gatewayId === undefined) === (natGatewayId === undefined) ? ["a route has one target"] : [],
  },
  [ASSOCIATION]: {
    refs: { subnetId: SUBNET, routeTableId: ROUTE_TABLE },
    replaceOn: ["subnetId"],
    importId: ({ subnetId, routeTableId }) => `${subnetId}/${routeTableId}`,
  },
  [SECURITY_GROUP]: {
    autoname: { property: "name", maxLength: 255 },
    refs: { vpcId: VPC },
    replaceOn: ["name", "description", "vpcId"],
    deleteBlockedBy: [CLUSTER, MOUNT_TARGET, INSTANCE, LOAD_BALANCER],
    deletesToo: [INGRESS_RULE],
  },
  [INGRESS_RULE]: {
    // The security group that EKS creates with a cluster is in no inventory.
    refs: {
      securityGroupId: SECURITY_GROUP,
      referencedSecurityGroupId: { to: SECURITY_GROUP, except: /^sg-0/ },
    },
    replaceOn: ["securityGroupId"],
  },
  [LAUNCH_TEMPLATE]: {
    autoname: { property: "name", maxLength: 128 },
    rules: {
      "tagSpecifications[].resourceType": { oneOf: ["instance", "volume", "network-interface"] },
      "metadataOptions.httpTokens": { oneOf: ["optional", "required"] },
      "metadataOptions.httpPutResponseHopLimit": { min: 1, max: 64 },
    },
    replaceOn: ["name"],
    // Changed contents create a version, changed tags of the template itself do not; the number itself is irrelevant.
    outputs: (inputs, _, { random }) => ({
      defaultVersion: 1,
      latestVersion:
        1 +
        (parseInt(random(6, JSON.stringify({ ...inputs, tags: undefined, tagsAll: undefined })), 16) % 1000),
    }),
    deleteBlockedBy: [NODE_GROUP],
  },
  [ROLE]: {
    autoname: { property: "name", maxLength: 64 },
    replaceOn: ["name", "path"],
    deleteBlockedBy: [ATTACHMENT, ROLE_POLICY],
  },
  [ATTACHMENT]: {
    refs: { role: ROLE },
    replaceOn: ["role", "policyArn"],
    id: ({ role, policyArn }) => `${role}/${policyArn}`,
  },
  [ROLE_POLICY]: {
    autoname: { property: "name", maxLength: 128 },
    refs: { role: ROLE },
    check: ({ policy }) =>
      isJson(policy) ? [] : ["MalformedPolicyDocument: The policy is not in the valid JSON format."],
    replaceOn: ["role", "name"],
    id: ({ role, name }) => `${role}:${name}`,
  },
  [CLUSTER]: {
    autoname: { property: "name", maxLength: 100 },
    rules: {
      name: { pattern: /^[0-9A-Za-z][-0-9A-Za-z_]{0,99}$/ },
      "vpcConfig.subnetIds": { items: { min: 2 } },
    },
    refs: { roleArn: ROLE, "vpcConfig.subnetIds[]": SUBNET, "vpcConfig.securityGroupIds[]": SECURITY_GROUP },
    check: (inputs, context) => {
      const { name, roleArn, vpcConfig } = inputs;
      const old = context.isNew ? undefined : (context.find(CLUSTER, name)?.outputs.version as string);
      return [
        ...clusterVersion(inputs, old),
        ...controlPlaneZones(String(name), vpcConfig.subnetIds as string[], context),
        // https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
        ...(trusts(context, roleArn, "eks.amazonaws.com", ["sts:AssumeRole"])
          ? []
          : ["The role is not authorized to be assumed by EKS."]),
      ];
    },
    // https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/eks/cluster.go
    replaceOn: [
      "name",
      "roleArn",
      "accessConfig.bootstrapClusterCreatorAdminPermissions",
      "bootstrapSelfManagedAddons",
      "kubernetesNetworkConfig.ipFamily",
      "kubernetesNetworkConfig.serviceIpv4Cidr",
      { path: "encryptionConfig", when: (before, after) => isMap(before) && after === undefined },
      "region",
    ],
    protect: "deletionProtection",
    deleteBlockedBy: [NODE_GROUP],
    deletesToo: [ADDON, ACCESS_ENTRY, ACCESS_POLICY, POD_IDENTITY],
    outputs: ({ name, version, vpcConfig }, _, { apiServer, config, find, random }) => ({
      endpoint: `https://${apiServer.host}`,
      certificateAuthority: { data: apiServer.certificateAuthority },
      identities: [
        {
          oidcs: [
            {
              issuer: `https://oidc.eks.${config.region}.amazonaws.com/id/${random(32, name).toUpperCase()}`,
            },
          ],
        },
      ],
      platformVersion: "eks.1",
      status: "ACTIVE",
      version: version ?? find(CLUSTER, name)?.outputs.version ?? DEFAULT_VERSION,
      vpcConfig: {
        ...vpcConfig,
        clusterSecurityGroupId: `sg-0${random(16, "cluster")}`,
        vpcId: find(SUBNET, vpcConfig.subnetIds[0])?.outputs.vpcId,
      },
    }),
    // "sets the cluster creator IAM principal as a cluster admin":
    // https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAccessConfigRequest.html
    creates: ({ name, accessConfig }) =>
      accessConfig?.bootstrapClusterCreatorAdminPermissions === true
        ? [
            {
              token: ACCESS_ENTRY,
              id: `${name}:${CALLER}`,
              outputs: { clusterName: name, principalArn: CALLER },
            },
          ]
        : [],
    takes: { create: 720, delete: 300, update: 600 },
  },
  [NODE_GROUP]: {
    autoname: { property: "nodeGroupName", maxLength: 63 },
    rules: {
      capacityType: { oneOf: ["ON_DEMAND", "SPOT"] },
      amiType: { pattern: /^(AL2023|BOTTLEROCKET)_(x86_64|ARM_64)(_[A-Z]+)?$/ },
      instanceTypes: { items: { min: 1, max: 20 } },
    },
    refs: {
      clusterName: CLUSTER,
      nodeRoleArn: ROLE,
      "subnetIds[]": SUBNET,
      "launchTemplate.id": LAUNCH_TEMPLATE,
    },
    check: nodeGroup,
    fails: nodeFailure,
    replaceOn: [
      "clusterName",
      "nodeGroupName",
      "nodeRoleArn",
      "subnetIds",
      "instanceTypes",
      "capacityType",
      "amiType",
      "diskSize",
      "region",
    ],
    id: ({ clusterName, nodeGroupName }) => `${clusterName}:${nodeGroupName}`,
    // An autoscaler changes the number of nodes behind the provider's back; the provider resets it only if its own
    // inputs changed: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/eks/node_group.go
    outputs: ({ scalingConfig, version, releaseVersion }, id, { find }) => {
      const old = find(NODE_GROUP, id);
      const isSame = isDeepStrictEqual(old?.inputs.scalingConfig, scalingConfig);
      // Without a release, AWS takes the newest one for a new group and for a new version.
      const kept = old?.inputs.version === version ? old?.outputs.releaseVersion : undefined;
      return {
        status: "ACTIVE",
        releaseVersion: releaseVersion ?? kept ?? newestImage(String(version), find),
        ...(isSame ? { scalingConfig: old?.outputs.scalingConfig } : {}),
      };
    },
    takes: { create: 150, delete: 160, update: 120 },
  },
  [ADDON]: {
    rules: {
      resolveConflictsOnCreate: { oneOf: ["NONE", "OVERWRITE"] },
      resolveConflictsOnUpdate: { oneOf: ["NONE", "OVERWRITE", "PRESERVE"] },
    },
    refs: { clusterName: CLUSTER, "podIdentityAssociations[].roleArn": ROLE },
    check: (inputs, context) => {
      const { clusterName, podIdentityAssociations = [] } = inputs;
      return [
        ...addOn(inputs, context),
        ...(podIdentityAssociations as Values[]).flatMap(({ roleArn, serviceAccount }) => [
          ...podRole(context, roleArn),
          ...(context.find(POD_IDENTITY, `${clusterName}:kube-system/${serviceAccount}`) === undefined
            ? []
            : [`Association already exists for service account ${serviceAccount} in namespace kube-system`]),
        ]),
      ];
    },
    fails: degraded,
    replaceOn: ["clusterName", "addonName", "region"],
    id: ({ clusterName, addonName }) => `${clusterName}:${addonName}`,
    // Optional and computed: without an input the version stays what it is (terraform-provider-aws, eks/addon.go).
    outputs: ({ addonVersion, clusterName, addonName }, _, { find }) => ({
      addonVersion:
        addonVersion ??
        find(ADDON, `${clusterName}:${addonName}`)?.outputs.addonVersion ??
        newestAddon(find(CLUSTER, clusterName)?.outputs.version, find),
    }),
    takes: { create: 45, delete: 30, update: 45 },
  },
  [POD_IDENTITY]: {
    refs: { clusterName: CLUSTER, roleArn: ROLE },
    check: ({ roleArn }, context) => podRole(context, roleArn),
    replaceOn: ["clusterName", "namespace", "serviceAccount"],
    id: ({ clusterName, namespace, serviceAccount }) => `${clusterName}:${namespace}/${serviceAccount}`,
    importId: ({ clusterName, associationId }) => `${clusterName},${associationId}`,
    outputs: (_, __, { random }) => ({ associationId: `a-${random(17)}` }),
  },
  [ACCESS_ENTRY]: {
    rules: { principalArn: { pattern: /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\// } },
    refs: { clusterName: CLUSTER },
    replaceOn: ["clusterName", "principalArn", "type"],
    id: ({ clusterName, principalArn }) => `${clusterName}:${principalArn}`,
  },
  [ACCESS_POLICY]: {
    rules: { "accessScope.type": { oneOf: ["cluster", "namespace"] } },
    refs: { clusterName: CLUSTER },
    check: ({ clusterName, principalArn }, { find }) =>
      find(ACCESS_ENTRY, `${clusterName}:${principalArn}`) === undefined
        ? [`The specified principalArn could not be found: ${principalArn}`]
        : [],
    replaceOn: ["clusterName", "principalArn", "policyArn", "accessScope"],
    id: ({ clusterName, principalArn, policyArn }) => `${clusterName}#${principalArn}#${policyArn}`,
  },
  [LOG_GROUP]: {
    autoname: { property: "name", maxLength: 512 },
    // Without it EKS creates it, indefinitely and without a tag, as long as the control plane has a line to write:
    // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763
    leaves: (_, id, { all }) =>
      all(CLUSTER).some(
        ({ outputs }) =>
          id === `/aws/eks/${outputs.name}/cluster` && (outputs.enabledClusterLogTypes ?? []).length > 0,
      ) ||
      // So does the add-on, while it runs: auto_create_group in
      // https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
      all(ADDON).some(
        ({ inputs: { addonName, clusterName } }) =>
          addonName === "amazon-cloudwatch-observability" &&
          id === `/aws/containerinsights/${clusterName}/application`,
      )
        ? [{ token: LOG_GROUP, id, outputs: { name: id, retentionInDays: 0 } }]
        : [],
    rules: { retentionInDays: { oneOf: RETENTION_DAYS.map(String) } },
    replaceOn: ["name", "logGroupClass"],
  },
  [FILE_SYSTEM]: {
    rules: { throughputMode: { oneOf: ["bursting", "provisioned", "elastic"] } },
    replaceOn: ["creationToken", "encrypted", "kmsKeyId", "performanceMode", "availabilityZoneName"],
    deleteBlockedBy: [MOUNT_TARGET],
    outputs: (_, id, { config }) => ({ dnsName: `${id}.efs.${config.region}.amazonaws.com` }),
    takes: { create: 7, delete: 5 },
  },
  [MOUNT_TARGET]: {
    refs: { fileSystemId: FILE_SYSTEM, subnetId: SUBNET, "securityGroups[]": SECURITY_GROUP },
    // https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html: one in each zone
    check: ({ fileSystemId, subnetId }, { find, all, isNew }) => {
      const zone = (id: unknown): unknown => find(SUBNET, id)?.inputs.availabilityZone;
      return isNew &&
        all(MOUNT_TARGET).some(
          ({ inputs }) => inputs.fileSystemId === fileSystemId && zone(inputs.subnetId) === zone(subnetId),
        )
        ? ["MountTargetConflict: mount target already exists in this AZ"]
        : [];
    },
    replaceOn: ["fileSystemId", "subnetId", "ipAddress"],
    takes: { create: 90, delete: 10 },
  },
  "aws:ecr/repository:Repository": {
    autoname: { property: "name", maxLength: 256 },
    rules: {
      name: { pattern: /^[a-z0-9]+([._/-][a-z0-9]+)*$/ },
      imageTagMutability: { pattern: /^(MUTABLE|IMMUTABLE)(_WITH_EXCLUSION)?$/ },
    },
    replaceOn: ["name", "encryptionConfigurations"],
    planned: ({ name }, { config }) => ({
      repositoryUrl: `${ACCOUNT}.dkr.ecr.${config.region}.amazonaws.com/${name}`,
    }),
  },
};
