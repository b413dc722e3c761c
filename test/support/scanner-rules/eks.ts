import { isPrivate } from "../../../clusters/cidr";
import { KEY, TYPE } from "../eks";
import type { Exemption, ScannerRule } from "./types";

const ALL_ADDRESSES = ["0.0.0.0/0", "::/0"];
const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
const AWS_KEY = "AWS encrypts at rest with its own keys.";
const OUTLIVES_STACK = "A key outlives the stack by at least a week.";
const PUBLIC_ENDPOINT: Exemption = {
  why: "`pulumi up` creates the objects in the same run, from outside the VPC that it has just created.",
  instead: "`ralph:cluster.api.cidrs` limits access to the ranges you work from.",
};

interface Statement {
  readonly Action: string | readonly string[];
  readonly Principal?: string | { readonly AWS?: string; readonly Service?: string };
}
const statements = (document: string): readonly Statement[] =>
  (JSON.parse(document) as { Statement: Statement[] }).Statement;

export const EKS: readonly ScannerRule[] = [
  {
    ids: ["CKV_AWS_37", "AVD-AWS-0038"],
    asks: "the control plane logs everything",
    of: TYPE.cluster,
    holds: ({ enabledClusterLogTypes }) => LOG_TYPES.every((log) => enabledClusterLogTypes.includes(log)),
    turned: { enabledClusterLogTypes: ["api", "audit"] },
  },
  {
    ids: ["CKV_AWS_38"],
    asks: "not every address can reach the API server",
    of: TYPE.cluster,
    holds: ({ endpointPublicAccess, publicAccessCidrs }) =>
      endpointPublicAccess === false || !ALL_ADDRESSES.some((range) => publicAccessCidrs.includes(range)),
    turned: { publicAccessCidrs: ["203.0.113.0/24"] },
    exempt: {
      why: "The committed stack can be run from anywhere.",
      instead: "IAM authenticates every caller; nodes and pods use the private endpoint.",
      keptBy: { api: { cidrs: ["203.0.113.0/24"] } },
    },
  },
  {
    ids: ["AVD-AWS-0041"],
    asks: "no public address can reach the API server",
    of: TYPE.cluster,
    holds: ({ publicAccessCidrs }) => publicAccessCidrs.every((cidr: string) => isPrivate(cidr)),
    turned: { publicAccessCidrs: ["10.0.0.0/8"] },
    exempt: PUBLIC_ENDPOINT,
  },
  {
    ids: ["CKV_AWS_39", "AVD-AWS-0040"],
    asks: "the API server has no public endpoint",
    of: TYPE.cluster,
    holds: ({ endpointPublicAccess }) => endpointPublicAccess === false,
    turned: { endpointPublicAccess: false },
    exempt: PUBLIC_ENDPOINT,
  },
  {
    ids: ["CKV_AWS_58", "AVD-AWS-0039"],
    asks: "Secrets are encrypted with a customer-managed key",
    of: TYPE.cluster,
    holds: ({ encryptionConfigKeyArn }) => encryptionConfigKeyArn !== undefined,
    turned: { encryptionConfigKeyArn: KEY },
    exempt: {
      why: "The choice cannot be undone, and a key outlives the stack by at least a week.",
      instead: "EKS encrypts all API data with a key owned by AWS.",
      keptBy: { kmsKey: KEY },
    },
  },
  {
    ids: ["CKV_AWS_339"],
    asks: "the Kubernetes version is supported",
    of: TYPE.cluster,
    holds: ({ version, upgradePolicy }) =>
      version === undefined ? upgradePolicy.supportType === "STANDARD" : Number(version.split(".")[1]) >= 33,
    turned: { version: "1.30" },
  },
  {
    ids: ["CKV_AWS_100"],
    asks: "there is no SSH access to the nodes",
    of: TYPE.group,
    holds: ({ remoteAccess }) => remoteAccess === undefined,
    turned: { remoteAccess: { ec2SshKey: "key" } },
  },
  {
    ids: ["CKV_AWS_79", "AVD-AWS-0130"],
    asks: "instance metadata requires a session token",
    of: TYPE.template,
    holds: ({ metadataOptions }) => metadataOptions?.httpTokens === "required",
    turned: { metadataOptions: { httpTokens: "optional" } },
  },
  {
    ids: ["CKV_AWS_341"],
    asks: "pods cannot reach instance metadata",
    of: TYPE.template,
    holds: ({ metadataOptions }) => metadataOptions?.httpPutResponseHopLimit === 1,
    turned: { metadataOptions: { httpPutResponseHopLimit: 2 } },
  },
  {
    ids: ["CKV_AWS_46", "AVD-AWS-0129"],
    asks: "there is no secret in user data",
    of: TYPE.template,
    holds: ({ userData }) => userData === undefined,
    turned: { userData: "QVdTX1NFQ1JFVA==" },
  },
  {
    ids: ["CKV_AWS_88"],
    asks: "nodes have no public address",
    of: TYPE.template,
    holds: ({ networkInterfaces }) => networkInterfaces === undefined,
    turned: { networkInterfaces: [{ associatePublicIpAddress: "true" }] },
  },
  {
    ids: ["AVD-AWS-0008"],
    asks: "nodes' disks are encrypted",
    of: TYPE.template,
    within: "blockDeviceMappings",
    holds: ({ ebs }) => ebs.encrypted === "true",
    turned: { ebs: { encrypted: "false" } },
  },
  {
    ids: ["CKV_AWS_130", "AVD-AWS-0164"],
    asks: "no subnet assigns public addresses",
    of: TYPE.subnet,
    holds: ({ mapPublicIpOnLaunch }) => mapPublicIpOnLaunch !== true,
    turned: { mapPublicIpOnLaunch: true },
  },
  {
    ids: ["CKV_AWS_163", "AVD-AWS-0030"],
    asks: "images are scanned when pushed",
    of: TYPE.repository,
    holds: ({ imageScanningConfiguration }) => imageScanningConfiguration?.scanOnPush === true,
    turned: { imageScanningConfiguration: { scanOnPush: false } },
  },
  {
    ids: ["CKV_AWS_51", "AVD-AWS-0031"],
    asks: "image tags are immutable",
    of: TYPE.repository,
    holds: ({ imageTagMutability }) => imageTagMutability === "IMMUTABLE",
    turned: { imageTagMutability: "IMMUTABLE" },
    exempt: {
      why: "A repeated build pushes its tag again.",
      instead: "A built image is deployed by its digest.",
    },
  },
  {
    ids: ["CKV_AWS_136", "AVD-AWS-0033"],
    asks: "the registry is encrypted with a customer-managed key",
    of: TYPE.repository,
    holds: ({ encryptionConfigurations }) => encryptionConfigurations?.[0]?.encryptionType === "KMS",
    turned: { encryptionConfigurations: [{ encryptionType: "KMS" }] },
    exempt: { why: "Images are built from a public repository and contain no secret.", instead: AWS_KEY },
  },
  {
    ids: ["CKV_AWS_42", "AVD-AWS-0037"],
    asks: "the file system is encrypted",
    of: TYPE.files,
    holds: ({ encrypted }) => encrypted === true,
    turned: { encrypted: false },
  },
  {
    ids: ["CKV_AWS_184"],
    asks: "the file system is encrypted with a customer-managed key",
    of: TYPE.files,
    holds: ({ kmsKeyId }) => kmsKeyId !== undefined,
    turned: { kmsKeyId: KEY },
    exempt: { why: OUTLIVES_STACK, instead: AWS_KEY, keptBy: { storage: { kmsKey: KEY } } },
  },
  {
    ids: ["CKV_AWS_66"],
    asks: "logs have a retention period",
    of: TYPE.logs,
    holds: ({ retentionInDays }) => retentionInDays > 0,
    turned: { retentionInDays: null },
  },
  {
    ids: ["CKV_AWS_338"],
    asks: "logs are kept for a year",
    of: TYPE.logs,
    holds: ({ retentionInDays }) => retentionInDays >= 365,
    turned: { retentionInDays: 400 },
    exempt: {
      why: "Storage is billed by GB and month; the owner decides what must be kept that long.",
      instead: "30 days, in a group that is deleted with the stack.",
      keptBy: { logs: { retentionDays: 365 } },
    },
  },
  {
    ids: ["CKV_AWS_158", "AVD-AWS-0017"],
    asks: "logs are encrypted with a customer-managed key",
    of: TYPE.logs,
    holds: ({ kmsKeyId }) => kmsKeyId !== undefined,
    turned: { kmsKeyId: KEY },
    exempt: { why: "The audit log contains no values of Secrets.", instead: AWS_KEY },
  },
  {
    ids: ["CKV_AWS_23", "AVD-AWS-0099"],
    asks: "every security group has a description",
    of: TYPE.securityGroup,
    holds: ({ description }) => (description ?? "") !== "",
    turned: { description: null },
  },
  {
    ids: ["CKV_AWS_23", "AVD-AWS-0124"],
    asks: "every rule of a security group has a description",
    of: TYPE.efsRule,
    holds: ({ description }) => (description ?? "") !== "",
    turned: { description: null },
  },
  {
    ids: ["CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260", "CKV_AWS_277", "AVD-AWS-0107"],
    asks: "no security group allows access from the internet",
    of: TYPE.efsRule,
    holds: ({ cidrIpv4, cidrIpv6 }) =>
      ![cidrIpv4, cidrIpv6].some((range) => ALL_ADDRESSES.includes(range as string)),
    turned: { cidrIpv4: "0.0.0.0/0" },
  },
  {
    ids: ["CKV_AWS_60", "CKV_AWS_61"],
    asks: "each role can be assumed by one service only",
    of: TYPE.role,
    holds: ({ assumeRolePolicy }) =>
      statements(assumeRolePolicy as string).every(
        ({ Principal }) => typeof Principal === "object" && Principal.AWS === undefined,
      ),
    turned: {
      assumeRolePolicy: JSON.stringify({
        Statement: [{ Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
      }),
    },
  },
  {
    ids: ["CKV_AWS_62", "CKV_AWS_63"],
    asks: "no policy allows every action",
    of: TYPE.autoscalerPolicy,
    holds: ({ policy }) =>
      statements(policy as string)
        .flatMap(({ Action }) => Action)
        .every((action) => !action.includes("*")),
    turned: { policy: JSON.stringify({ Statement: [{ Action: ["ec2:*"] }] }) },
  },
  {
    ids: ["CKV_AWS_274", "CKV2_AWS_56"],
    asks: "no role has administrator permissions",
    of: TYPE.attachment,
    holds: ({ policyArn }) => !/\/(AdministratorAccess|IAMFullAccess)$/.test(policyArn as string),
    turned: { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
  },
];
