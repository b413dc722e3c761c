/**
 * Proves what an EKS stack concludes from AWS's answers about the account: which administrator is the cluster's
 * creator, and which zones cannot work, with a fix. Tables of answers; test/engine proves that the questions are asked.
 */
import assert from "node:assert/strict";
import { checkZones, type Offering, type Zone } from "../../clusters/eks/offers";
import { schema } from "../../clusters/eks/config";
import { isSession } from "../../clusters/eks/admins";

const ROLE = "arn:aws:iam::123456789012:role/ops/deployers";
const USER = "arn:aws:iam::123456789012:user/ada";

describe("the creator of an EKS cluster", () => {
  const CALLERS: readonly (readonly [caller: string, principal: string, isCreator: boolean])[] = [
    [USER, USER, true],
    [USER, USER.replace("ada", "bob"), false],
    // A session's ARN names the role without its path.
    ["arn:aws:sts::123456789012:assumed-role/deployers/ci-7", ROLE, true],
    ["arn:aws:sts::123456789012:assumed-role/ops/ci-7", ROLE, false],
    ["arn:aws:sts::210987654321:assumed-role/deployers/ci-7", ROLE, false],
    ["arn:aws:sts::123456789012:assumed-role/ada/ci-7", USER, false],
    [
      "arn:aws-cn:sts::123456789012:assumed-role/AWSReservedSSO_admin_0a1b/ada",
      "arn:aws-cn:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_0a1b",
      true,
    ],
  ];
  for (const [caller, principal, expected] of CALLERS)
    it(`${expected ? "is" : "is not"} ${principal}, if ${caller} created it`, () => {
      assert.equal(isSession(caller, principal), expected);
    });
});

describe("the zones of an account", () => {
  const zonesOf = (region: string, ids: Readonly<Record<string, string>>): readonly Zone[] =>
    Object.entries(ids).map(([letter, ZoneId]) => ({ ZoneName: region + letter, ZoneId }));
  const TOKYO = zonesOf("ap-northeast-1", { d: "apne1-az2", a: "apne1-az4", c: "apne1-az1" });
  const VIRGINIA = zonesOf("us-east-1", { a: "use1-az1", b: "use1-az2", c: "use1-az3", e: "use1-az5" });
  const everywhere = (type: string, zones: readonly Zone[]): readonly Offering[] =>
    zones.map(({ ZoneName }) => ({ InstanceType: type, Location: ZoneName }));
  const zone = (i: number, value: string) => `pulumi config set --path 'ralph:cluster.zones[${i}]' ${value}`;

  const CASES: readonly {
    readonly what: string;
    readonly region: string;
    readonly known: readonly Zone[];
    readonly cluster?: object;
    readonly offered?: readonly Offering[];
    readonly expected: readonly (readonly [key: string, rule: string, fix: string])[];
  }[] = [
    { what: "the default zones, where they exist", region: "us-east-1", known: VIRGINIA, expected: [] },
    {
      what: "the default zones, of which one does not exist",
      region: "ap-northeast-1",
      known: TOKYO,
      expected: [
        [
          "ralph:cluster.zones[1]",
          'must be a zone of this account in ap-northeast-1; it is "ap-northeast-1b"',
          `${zone(0, "ap-northeast-1a")} && ${zone(1, "ap-northeast-1c")}`,
        ],
      ],
    },
    {
      what: "a zone whose id has no EKS",
      region: "us-east-1",
      known: VIRGINIA,
      cluster: { zones: ["us-east-1c", "us-east-1a"] },
      expected: [
        [
          "ralph:cluster.zones[0]",
          'must not be zone use1-az3, which has no EKS; it is "us-east-1c"',
          zone(0, "us-east-1b"),
        ],
      ],
    },
    {
      what: "a zone without the machines, neither offered nor accepted",
      region: "us-east-1",
      known: VIRGINIA,
      cluster: { zones: ["us-east-1c", "us-east-1e"] },
      offered: everywhere("t3.medium", VIRGINIA.slice(0, 3)),
      expected: [
        [
          "ralph:cluster.zones[0]",
          'must not be zone use1-az3, which has no EKS; it is "us-east-1c"',
          zone(0, "us-east-1a"),
        ],
      ],
    },
    {
      what: "machines that a zone does not have, of one of two groups",
      region: "us-east-1",
      known: VIRGINIA,
      cluster: { nodePools: [{ name: "gpu", machineType: "g5.xlarge", max: 1 }] },
      offered: [...everywhere("t3.medium", VIRGINIA), ...everywhere("g5.xlarge", VIRGINIA.slice(0, 1))],
      expected: [
        [
          "ralph:cluster.nodePools[0].machineType",
          'must be offered in us-east-1b, or the zone be another one; it is "g5.xlarge"',
          "pulumi config set --path 'ralph:cluster.nodePools[0].machineType' <type offered in us-east-1b>",
        ],
      ],
    },
    {
      what: "spot nodes, one of whose types is offered",
      region: "us-east-1",
      known: VIRGINIA,
      cluster: { nodes: { spot: true, machineType: "m7i.large", spotTypes: ["m6i.large"] } },
      offered: [...everywhere("t3.medium", VIRGINIA), ...everywhere("m6i.large", VIRGINIA)],
      expected: [],
    },
  ];
  for (const { what, region, known, cluster = {}, offered, expected } of CASES)
    it(`${expected.length === 0 ? "are accepted" : "are refused"}: ${what}`, () => {
      const config = schema.parse(cluster);
      const problems = checkZones(config, region, known, offered ?? everywhere("t3.medium", known));
      assert.deepEqual(
        problems.map(({ key, rule, fix }) => [key, rule, fix]),
        expected,
      );
    });
});
