import { KEY, TYPE } from "../eks";
import { isPrivate } from "../../../clusters/gke/ranges";
import type { Exemption, ScannerRule } from "./types";

const EVERYWHERE = ["0.0.0.0/0", "::/0"];
const LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
const AWS_KEY = "AWS encrypts at rest with keys of its own.";
const OUTLIVES = "A key outlives the stack by a week at least.";
const FROM_OUTSIDE: Exemption = {
  why: "`pulumi up` makes the objects in the same run, from outside the VPC that it has just made.",
  instead: "`ralph:cluster.api.cidrs` leaves it open to the ranges you work from only.",
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
    holds: ({ enabledClusterLogTypes }) => LOGS.every((log) => enabledClusterLogTypes.includes(log)),
    turned: { enabledClusterLogTypes: ["api", "audit"] },
  },
  {
    ids: ["CKV_AWS_38"],
    asks: "not every address may reach the API server",
    of: TYPE.cluster,
    holds: ({ endpointPublicAccess, publicAccessCidrs }) =>
      endpointPublicAccess === false || !EVERYWHERE.some((range) => publicAccessCidrs.includes(range)),
    turned: { publicAccessCidrs: ["203.0.113.0/24"] },
    exempt: {
      why: "The committed stack runs from anywhere.",
      instead: "IAM asks who calls; nodes and pods use the private endpoint.",
      keptBy: { api: { cidrs: ["203.0.113.0/24"] } },
    },
  },
  {
    ids: ["AVD-AWS-0041"],
    asks: "no address of the internet may reach the API server",
    of: TYPE.cluster,
    holds: ({ publicAccessCidrs }) => publicAccessCidrs.every(isPrivate),
    turned: { publicAccessCidrs: ["10.0.0.0/8"] },
    exempt: FROM_OUTSIDE,
  },
  {
    ids: ["CKV_AWS_39", "AVD-AWS-0040"],
    asks: "the API server has no public endpoint",
    of: TYPE.cluster,
    holds: ({ endpointPublicAccess }) => endpointPublicAccess === false,
    turned: { endpointPublicAccess: false },
    exempt: FROM_OUTSIDE,
  },
  {
    ids: ["CKV_AWS_58", "AVD-AWS-0039"],
    asks: "Secrets are encrypted with a key of yours",
    of: TYPE.cluster,
    holds: ({ encryptionConfigKeyArn }) => encryptionConfigKeyArn !== undefined,
    turned: { encryptionConfigKeyArn: KEY },
    exempt: {
      why: "The choice cannot be taken back, and a key outlives the stack by a week at least.",
      instead: "EKS encrypts all API data with a key of AWS's.",
      keptBy: { kmsKey: KEY },
    },
  },
  {
    ids: ["CKV_AWS_339"],
    asks: "Kubernetes is a version in support",
    of: TYPE.cluster,
    holds: ({ version, upgradePolicy }) =>
      version === undefined ? upgradePolicy.supportType === "STANDARD" : Number(version.split(".")[1]) >= 33,
    turned: { version: "1.30" },
  },
  {
    ids: ["CKV_AWS_100"],
    asks: "no SSH to the nodes",
    of: TYPE.group,
    holds: ({ remoteAccess }) => remoteAccess === undefined,
    turned: { remoteAccess: { ec2SshKey: "key" } },
  },
  {
    ids: ["CKV_AWS_79", "AVD-AWS-0130"],
    asks: "instance metadata needs a session token",
    of: TYPE.template,
    holds: ({ metadataOptions }) => metadataOptions?.httpTokens === "required",
    turned: { metadataOptions: { httpTokens: "optional" } },
  },
  {
    ids: ["CKV_AWS_341"],
    asks: "pods do not reach instance metadata",
    of: TYPE.template,
    holds: ({ metadataOptions }) => metadataOptions?.httpPutResponseHopLimit === 1,
    turned: { metadataOptions: { httpPutResponseHopLimit: 2 } },
  },
  {
    ids: ["CKV_AWS_46", "AVD-AWS-0129"],
    asks: "no secret in user data",
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
    asks: "no subnet gives out public addresses",
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
    asks: "tags of images do not move",
    of: TYPE.repository,
    holds: ({ imageTagMutability }) => imageTagMutability === "IMMUTABLE",
    turned: { imageTagMutability: "IMMUTABLE" },
    exempt: {
      why: "A build that is repeated pushes its tag again.",
      instead: "What is built is deployed by its digest.",
    },
  },
  {
    ids: ["CKV_AWS_136", "AVD-AWS-0033"],
    asks: "the registry has a key of yours",
    of: TYPE.repository,
    holds: ({ encryptionConfigurations }) => encryptionConfigurations?.[0]?.encryptionType === "KMS",
    turned: { encryptionConfigurations: [{ encryptionType: "KMS" }] },
    exempt: { why: "Images are built from a public repository and hold no secret.", instead: AWS_KEY },
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
    asks: "the file system has a key of yours",
    of: TYPE.files,
    holds: ({ kmsKeyId }) => kmsKeyId !== undefined,
    turned: { kmsKeyId: KEY },
    exempt: { why: OUTLIVES, instead: AWS_KEY },
  },
  {
    ids: ["CKV_AWS_66"],
    asks: "logs are kept for a stated time",
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
      why: "What must be kept so long is for its owner to say: it is billed by the GB and month.",
      instead: "30 days, in a group that is deleted with the stack.",
      keptBy: { logs: { retentionDays: 365 } },
    },
  },
  {
    ids: ["CKV_AWS_158", "AVD-AWS-0017"],
    asks: "logs have a key of yours",
    of: TYPE.logs,
    holds: ({ kmsKeyId }) => kmsKeyId !== undefined,
    turned: { kmsKeyId: KEY },
    exempt: { why: "The audit log holds no values of Secrets.", instead: AWS_KEY },
  },
  {
    ids: ["CKV_AWS_23", "AVD-AWS-0099"],
    asks: "a security group says what it is for",
    of: TYPE.securityGroup,
    holds: ({ description }) => (description ?? "") !== "",
    turned: { description: null },
  },
  {
    ids: ["CKV_AWS_23", "AVD-AWS-0124"],
    asks: "a rule of a security group says what it is for",
    of: TYPE.efsRule,
    holds: ({ description }) => (description ?? "") !== "",
    turned: { description: null },
  },
  {
    ids: ["CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260", "CKV_AWS_277", "AVD-AWS-0107"],
    asks: "no security group lets the internet in",
    of: TYPE.efsRule,
    holds: ({ cidrIpv4, cidrIpv6 }) =>
      ![cidrIpv4, cidrIpv6].some((range) => EVERYWHERE.includes(range as string)),
    turned: { cidrIpv4: "0.0.0.0/0" },
  },
  {
    ids: ["CKV_AWS_60", "CKV_AWS_61"],
    asks: "roles are taken on by one service each",
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
    asks: "no role is an administrator's",
    of: TYPE.attachment,
    holds: ({ policyArn }) => !/\/(AdministratorAccess|IAMFullAccess)$/.test(policyArn as string),
    turned: { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
  },
];
