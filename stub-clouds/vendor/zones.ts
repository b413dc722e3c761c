/** Zones of the stub's account. Letters differ between accounts; ids do not. */

/** Where they are not a to d. ap-northeast-1: awslabs/sbt-aws#66. */
const LETTERS: Readonly<Record<string, string>> = {
  "ap-northeast-1": "acd",
  "ca-central-1": "abd",
  "us-east-1": "abcdef",
  "us-west-1": "ac",
};

/** https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
export const WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"];

/** Types that one zone does not have: RedHatGov/redhatgov.workshops#113, eksctl-io/eksctl#6461. */
const NOT_OFFERED: Readonly<Record<string, RegExp>> = {
  "us-east-1e": /^t3/,
  "us-west-2d": /^(m4|g4dn)\./,
};

export const zonesIn = (region: string): readonly string[] =>
  [...(LETTERS[region] ?? "abcd")].map((letter) => region + letter);

/** `us-east-1c` is use1-az3. */
export function zoneId(zone: string): string {
  const [, head = "", middle = "", number = "", letter = ""] = /^([a-z]+)-(.+)-(\d)([a-z])$/.exec(zone) ?? [];
  const short = middle
    .replace(/-/g, "")
    .replace(/north|south|east|west|central/g, ([initial = ""]) => initial);
  return `${head}${short}${number}-az${letter.charCodeAt(0) - "a".charCodeAt(0) + 1}`;
}

export const isOffered = (type: string, zone: string): boolean => NOT_OFFERED[zone]?.test(type) !== true;
