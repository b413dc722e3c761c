import type { Problem } from "../../config/problems";
import { missingProgram } from "../preflight";
import { checkShared, clusterProblems } from "../checks";
import { VERSIONS } from "../versions";
import { checkNetwork } from "./check-network";
import type { Config } from "./config";
import { configuredRegion, zonesOf } from "./location";
import { checkMachineTypes } from "./machine-types";
import { set, unset } from "./violation";

/** What CloudWatch supports: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653];

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/;
const PRINCIPAL = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;
/** The id of a multi-Region key begins with mrk-. */
const KMS_KEY = /^arn:aws[a-z-]*:kms:([^:]+):\d{12}:key\/(mrk-)?[-0-9a-f]+$/;
const EXAMPLE_PRINCIPAL = "arn:aws:iam::<account>:role/<name>";

/** The rules that the schema cannot express. Calls no AWS API. */
export function check(config: Config): Problem[] {
  const region = configuredRegion();
  return [
    ...missingProgram({
      command: "aws",
      install: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    }),
    ...clusterProblems(checkShared(config)),
    ...(region !== undefined && REGION.test(region) ? checkLocation(config, region) : regionRequired(region)),
    ...checkNames(config),
    ...checkVersion(config),
    ...checkMachineTypes(config),
    ...checkNetwork(config),
    ...checkPrincipals(config),
    ...(RETENTION_DAYS.includes(config.logs.retentionDays)
      ? []
      : [
          set(
            ["logs", "retentionDays"],
            `must be one of ${RETENTION_DAYS.join(", ")}; it is ${config.logs.retentionDays}`,
            "30",
          ),
        ]),
    ...checkTags(config),
  ];
}

function regionRequired(region: string | undefined): Problem[] {
  const rule = region === undefined ? "is missing" : `must be a region such as us-west-2; it is "${region}"`;
  return [{ key: "aws:region", rule, fix: "pulumi config set aws:region us-west-2" }];
}

function checkLocation({ zones, kmsKey }: Config, region: string): Problem[] {
  const all = zonesOf({ zones }, region);
  const free = ["a", "b", "c", "d", "e", "f"]
    .map((letter) => region + letter)
    .filter((zone) => !all.includes(zone));
  const keyRegion = KMS_KEY.exec(kmsKey ?? "")?.[1];
  return [
    ...all.flatMap((zone, i) => {
      const at = ["zones", i];
      const other = free[i % free.length];
      const fix = (rule: string) => (other === undefined ? unset(at, rule) : set(at, rule, other));
      if (all.indexOf(zone) < i) return [fix(`"${zone}" is there already`)];
      if (zone.length === region.length + 1 && /^[a-f]$/.test(zone.slice(-1)) && zone.startsWith(region))
        return [];
      return /^[a-z-]+-\d-[a-z0-9-]+$/.test(zone)
        ? [fix(`"${zone}" is a Local or Wavelength Zone, where no control plane runs`)]
        : [fix(`must be ${region} and a letter from a to f; it is "${zone}"`)];
    }),
    ...(all.length < 2
      ? [set(["zones", all.length], "is missing: a control plane needs two zones", free[0] ?? `${region}b`)]
      : []),
    ...(kmsKey !== undefined && keyRegion !== region
      ? [
          set(
            ["kmsKey"],
            keyRegion === undefined
              ? `must be the ARN of a key; it is "${kmsKey}"`
              : `is a key of ${keyRegion}; the cluster is in ${region}`,
            `arn:aws:kms:${region}:<account>:key/<id>`,
          ),
        ]
      : []),
  ];
}

function checkNames({ name, nodes }: Config): Problem[] {
  return [
    ...(/^[0-9A-Za-z][0-9A-Za-z-]{0,99}$/.test(name)
      ? []
      : [
          set(
            ["name"],
            `must be 1 to 100 letters, digits and "-", no "-" first; it is "${name}"`,
            "ralph-cluster",
          ),
        ]),
    ...(/^[0-9A-Za-z][-_0-9A-Za-z]{0,62}$/.test(nodes.name)
      ? []
      : [
          set(
            ["nodes", "name"],
            `must be 1 to 63 letters, digits, "-" and "_", a letter or digit first; it is "${nodes.name}"`,
            "workers",
          ),
        ]),
  ];
}

function checkVersion({ version }: Config): Problem[] {
  if (version === undefined) return [];
  const minor = /^1\.(\d{2})$/.exec(version)?.[1];
  if (minor === undefined) {
    return [set(["version"], `must be a minor version such as 1.35; it is "${version}"`, "1.35")];
  }
  return Number(minor) < VERSIONS.eks.oldest
    ? [
        set(
          ["version"],
          `${version} is out of support: 1.${VERSIONS.eks.oldest} is the oldest`,
          `1.${VERSIONS.eks.oldest}`,
        ),
      ]
    : [];
}

function checkPrincipals({ admins, auth }: Config): Problem[] {
  const rule = (arn: string) => `must be the ARN of an IAM role or user; it is "${arn}"`;
  return [
    ...admins.flatMap((arn, i) => {
      if (!PRINCIPAL.test(arn)) return [set(["admins", i], rule(arn), EXAMPLE_PRINCIPAL)];
      return admins.indexOf(arn) < i ? [unset(["admins", i], `"${arn}" is there already`)] : [];
    }),
    ...(auth.roleArn === undefined || PRINCIPAL.test(auth.roleArn)
      ? []
      : [set(["auth", "roleArn"], rule(auth.roleArn), EXAMPLE_PRINCIPAL)]),
  ];
}

/** Tags that this program sets. */
const OWN_TAGS = ["project", "stack", "Name"];

function checkTags({ tags }: Config): Problem[] {
  return Object.entries(tags).flatMap(([key, value]) => {
    const at = ["tags", key];
    if (OWN_TAGS.includes(key)) return [unset(at, "is a tag that the program itself sets")];
    return [
      ...(/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu.test(key)
        ? []
        : [unset(at, "is no tag: 1 to 128 letters, digits and _.:/=+-@, not beginning with aws:")]),
      ...(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value)
        ? []
        : [set(at, "must be at most 256 letters, digits and _.:/=+-@", "<value>")]),
    ];
  });
}
