import type { Row, Token } from "../types";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const ROLE = "aws:iam/role:Role";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const CLUSTER = "aws:eks/cluster:Cluster";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";

/** Of the ids that EC2 gives. */
export const PREFIXES: Readonly<Record<Token, string>> = {
  [VPC]: "vpc",
  [SUBNET]: "subnet",
  [SECURITY_GROUP]: "sg",
};

const CIDR = { pattern: /^\d+\.\d+\.\d+\.\d+\/\d+$/ };

export const resources: Readonly<Record<Token, Row>> = {
  [VPC]: {
    rules: { cidrBlock: CIDR },
    replaceOn: ["cidrBlock", "region"],
    deleteBlockedBy: [SUBNET, SECURITY_GROUP],
    takes: { create: 12, delete: 2 },
  },
  [SUBNET]: {
    rules: { cidrBlock: CIDR },
    refs: { vpcId: VPC },
    replaceOn: ["vpcId", "cidrBlock", "availabilityZone", "region"],
    deleteBlockedBy: [CLUSTER, NODE_GROUP],
    takes: { create: 11, delete: 2 },
  },
  [ROLE]: {
    autoname: { property: "name", maxLength: 64 },
    replaceOn: ["name", "path"],
    deleteBlockedBy: [ATTACHMENT],
  },
  [ATTACHMENT]: {
    refs: { role: ROLE },
    replaceOn: ["role", "policyArn"],
    id: ({ role, policyArn }) => `${role}/${policyArn}`,
  },
  [CLUSTER]: {
    autoname: { property: "name", maxLength: 100 },
    rules: {
      name: { pattern: /^[0-9A-Za-z][-0-9A-Za-z_]{0,99}$/ },
      "vpcConfig.subnetIds": { items: { min: 2 } },
    },
    refs: { roleArn: ROLE, "vpcConfig.subnetIds[]": SUBNET, "vpcConfig.securityGroupIds[]": SECURITY_GROUP },
    replaceOn: ["name", "roleArn", "bootstrapSelfManagedAddons", "kubernetesNetworkConfig", "region"],
    protect: "deletionProtection",
    deleteBlockedBy: [NODE_GROUP],
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
      version: version ?? "1.34",
      vpcConfig: {
        ...vpcConfig,
        clusterSecurityGroupId: `sg-0${random(16, "cluster")}`,
        vpcId: find(SUBNET, vpcConfig.subnetIds[0])?.outputs.vpcId,
      },
    }),
    takes: { create: 720, delete: 300, update: 600 },
  },
  [NODE_GROUP]: {
    autoname: { property: "nodeGroupName", maxLength: 63 },
    refs: { clusterName: CLUSTER, nodeRoleArn: ROLE, "subnetIds[]": SUBNET },
    replaceOn: [
      "clusterName",
      "nodeGroupName",
      "nodeRoleArn",
      "subnetIds",
      "instanceTypes",
      "capacityType",
      "region",
    ],
    id: ({ clusterName, nodeGroupName }) => `${clusterName}:${nodeGroupName}`,
    outputs: () => ({ status: "ACTIVE" }),
    takes: { create: 150, delete: 160, update: 120 },
  },
};
