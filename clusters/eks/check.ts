import { checkFormats, checkUnique, type Format, type Formats } from "../../config/checks";
import { duplicate, type Finding, findIf, forbidden, invalid, required } from "../../config/findings";
import type { Problem } from "../../config/problems";
import { checkShared, checkTags, checkVersion, clusterProblems, type TagRules } from "../checks";
import { missingProgram } from "../preflight";
import { OWN_TAGS } from "../scope";
import { VERSIONS } from "../versions";
import { checkNetwork } from "./check-network";
import type { Config } from "./config";
import { checkCredentials } from "./credentials";
import { AWS_CLI } from "./kubeconfig";
import { configuredRegion, zonesOf } from "./location";
import { checkMachineTypes } from "./machine-types";
import { checkNodeGroups } from "./check-nodes";
import { checkReleases } from "./check-releases";
import { RANGE_TAG } from "./node-range";

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/;
/** A zone such as us-west-2-lax-1a. */
const LOCAL_ZONE = /^[a-z-]+-\d-[a-z0-9-]+$/;
/** Captures the region. The id of a multi-Region key begins with mrk-. */
const KMS_KEY = /^arn:aws[a-z-]*:kms:([^:]+):\d{12}:key\/(mrk-)?[-0-9a-f]+$/;

/** What CloudWatch supports: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const GROUP_NAME: Format = {
  holds: /^[0-9A-Za-z][-_0-9A-Za-z]{0,62}$/,
  rule: "must be 1 to 63 letters, digits, '-' and '_', with a letter or digit first",
  example: "workers",
};

const PRINCIPAL: Format = {
  holds: /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/,
  rule: "must be the ARN of an IAM role or user",
  example: "arn:aws:iam::<account>:role/<name>",
};

const FORMATS: Formats<Config> = {
  name: {
    holds: /^[0-9A-Za-z][0-9A-Za-z-]{0,99}$/,
    rule: "must be 1 to 100 letters, digits and '-', with a letter or digit first",
    example: "ralph-cluster",
  },
  version: {
    holds: /^1\.\d{2}$/,
    rule: "must be a minor version such as 1.35",
    example: VERSIONS.eks.suggested,
  },
  patchedOn: {
    holds: /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
    rule: "must be a date",
    example: new Date().toISOString().slice(0, 10),
  },
  "nodes.name": GROUP_NAME,
  "nodes.release": {
    holds: /^1\.\d{2}\.\d+-20\d{6}$/,
    rule: "must be a release of an image for nodes, such as 1.35.2-20261120",
    example: "1.35.2-20261120",
  },
  "nodePools[].name": { ...GROUP_NAME, example: "builders" },
  "network.existing.vpcId": {
    holds: /^vpc-[0-9a-f]{8}([0-9a-f]{9})?$/,
    rule: "must be the id of a VPC",
    example: "<id of the VPC>",
  },
  "network.existing.subnetIds[]": {
    holds: /^subnet-[0-9a-f]{8}([0-9a-f]{9})?$/,
    rule: "must be the id of a subnet",
    example: "<id of a subnet>",
  },
  "admins[]": PRINCIPAL,
  "auth.roleArn": PRINCIPAL,
  "iam.path": {
    holds: /^\/([!-.0-~]+\/)*$/,
    rule: "must begin and end with '/'",
    example: "/ralph/",
  },
  "iam.permissionsBoundary": {
    holds: /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    rule: "must be the ARN of an IAM policy",
    example: "arn:aws:iam::<account>:policy/<name>",
  },
  "logs.retentionDays": {
    holds: (days) => RETENTION_DAYS.includes(Number(days)),
    rule: `must be one of ${RETENTION_DAYS.join(", ")}`,
    example: "30",
  },
};

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
const TAGS: TagRules = {
  isReserved: (key) => [...OWN_TAGS, "Name", RANGE_TAG].includes(key),
  key: {
    holds: /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu,
    rule: "must be a key of 1 to 128 letters, digits, spaces and _.:/=+-@ that does not begin with aws:",
  },
  value: {
    holds: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
    rule: "must be at most 256 letters, digits, spaces and _.:/=+-@",
    spell: (value) => value.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "-").slice(0, 256),
  },
};

/** The rules that the schema cannot express. Calls no AWS API. */
export function check(config: Config): Problem[] {
  const region = configuredRegion();
  const isRegion = region !== undefined && REGION.test(region);
  return [
    ...missingProgram(AWS_CLI),
    ...(isRegion ? [] : [regionProblem(region)]),
    ...clusterProblems([
      ...checkShared(config),
      ...checkFormats(config, FORMATS),
      ...checkUnique(config, "admins[]"),
      ...checkUnique(config, "network.existing.subnetIds[]"),
      ...checkCredentials(config),
      ...checkVersion(config.version, VERSIONS.eks),
      ...(isRegion ? [...checkZones(config, region), ...checkKeys(config, region)] : []),
      ...checkMachineTypes(config),
      ...checkNodeGroups(config),
      ...checkReleases(config),
      ...checkNetwork(config),
      ...checkLogs(config),
      ...checkTags(config.tags, TAGS),
    ]),
  ];
}

const regionProblem = (region: string | undefined): Problem => ({
  key: "aws:region",
  rule: region === undefined ? "is missing" : `must be an AWS region such as us-west-2; it is "${region}"`,
  fix: "pulumi config set aws:region us-west-2",
});

function checkZones(config: Config, region: string): readonly Finding[] {
  if (config.network.existing !== undefined) return [];
  const zones = zonesOf(config, region);
  const free = [..."abcdef"].map((letter) => region + letter).filter((zone) => !zones.includes(zone));
  return [
    ...zones.flatMap((zone, i) => {
      const at = ["zones", i];
      // Undefined if all zones are listed, so that this one must be removed.
      const another = free[i % free.length];
      if (zones.indexOf(zone) < i) return [duplicate(at, zone, another)];
      if (zone.startsWith(region) && /^[a-f]$/.test(zone.slice(region.length))) return [];
      const rule = LOCAL_ZONE.test(zone)
        ? "must not be a Local or Wavelength Zone, which cannot host a control plane"
        : `must be ${region} and a letter from a to f`;
      return [invalid(at, zone, rule, another)];
    }),
    ...findIf(zones.length < 2, () =>
      required(["zones", zones.length], free[0] ?? `${region}b`, "a control plane needs two zones"),
    ),
  ];
}

const checkLogs = ({ logs: { secretReads, types } }: Config): readonly Finding[] =>
  findIf(secretReads && !types.includes("audit"), () =>
    forbidden(["logs", "secretReads"], "only the log `audit` has reads of Secrets; add it to logs.types"),
  );

function checkKeys({ kmsKey, storage }: Config, region: string): readonly Finding[] {
  const check = (at: readonly string[], key: string | undefined): readonly Finding[] =>
    findIf(key !== undefined && KMS_KEY.exec(key)?.[1] !== region, () =>
      invalid(
        at,
        key,
        `must be the ARN of a KMS key in the cluster's region, ${region}`,
        `arn:aws:kms:${region}:<account>:key/<id>`,
      ),
    );
  return [...check(["kmsKey"], kmsKey), ...check(["storage", "kmsKey"], storage.kmsKey)];
}
