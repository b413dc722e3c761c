/**
 * Proves an EKS stack in an existing VPC, on the real engine with a stub of AWS: subnets that cannot work are refused
 * before anything is created; `up` creates no part of a network and uses the given subnets; the next run has nothing to
 * do; every role has the configured path and boundary; `destroy` leaves the network as it was, and reports no leftover.
 * Also that zones without EKS or without the machines are refused before anything is created.
 */
import assert from "node:assert/strict";

import type { Resource } from "../../stub-clouds/types";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { EKS } from "./support/cloud-stacks";
import { changes } from "./support/events";
import { lifecycle } from "./support/lifecycle";
import { Stack, type Values } from "./support/stack";

const VPC = "vpc-0a1b2c3d4e5f60718";
const OTHER = "vpc-0ffffffffffffffff";
const A = "subnet-0aaaaaaaaaaaaaaaa";
const A2 = "subnet-0a2222222222222a2";
const B = "subnet-0bbbbbbbbbbbbbbbb";
const FAR = "subnet-0fffffffffffffff0";
const MISSING = "subnet-0dddddddddddddddd";

const foreign = (token: string, id: string, outputs: Values, serial: number): Resource => ({
  plugin: "aws",
  token,
  id,
  inputs: outputs,
  outputs: { ...outputs, arn: `arn:aws:ec2:us-west-2:123456789012:vpc/${id}`, tags: { team: "platform" } },
  created: 0,
  ready: 0,
  serial,
});
const subnet = (id: string, vpcId: string, zone: string, cidrBlock: string, serial: number) =>
  foreign("aws:ec2/subnet:Subnet", id, { vpcId, availabilityZone: `us-west-2${zone}`, cidrBlock }, serial);
const PUBLIC = "subnet-0cccccccccccccccc";
const NAT = "nat-0a1b2c3d4e5f60718";
const joins = (subnetId: string, routeTableId: string, serial: number) =>
  foreign(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    `rtbassoc-${serial}`,
    { subnetId, routeTableId },
    serial,
  );
const route = (routeTableId: string, target: Values, serial: number) =>
  foreign(
    "aws:ec2/route:Route",
    `${routeTableId}_0.0.0.0/0`,
    { routeTableId, destinationCidrBlock: "0.0.0.0/0", ...target },
    serial,
  );
/** Made by others; no stack knows it. */
const NETWORK = [
  foreign("aws:ec2/vpc:Vpc", VPC, { cidrBlock: "10.8.0.0/16" }, 1),
  foreign("aws:ec2/vpc:Vpc", OTHER, { cidrBlock: "10.9.0.0/16" }, 2),
  subnet(A, VPC, "a", "10.8.0.0/20", 3),
  subnet(A2, VPC, "a", "10.8.16.0/20", 4),
  subnet(B, VPC, "b", "10.8.32.0/20", 5),
  subnet(FAR, OTHER, "c", "10.9.0.0/20", 6),
  // The way out, without which no node joins: the subnets' through a NAT gateway, and the gateway's own.
  foreign("aws:ec2/natGateway:NatGateway", NAT, { subnetId: PUBLIC }, 7),
  ...[A, A2, B].map((subnetId, i) => joins(subnetId, "rtb-0private", 8 + i)),
  joins(PUBLIC, "rtb-0public", 11),
  route("rtb-0private", { natGatewayId: NAT }, 12),
  route("rtb-0public", { gatewayId: "igw-0a1b2c3d4e5f60718" }, 13),
];
const BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";
const cluster = (subnetIds: readonly string[], more: Values = {}): Values => ({
  cluster: {
    api: { public: true },
    deletionProtection: false,
    network: { existing: { vpcId: VPC, subnetIds }, ...more },
    iam: { path: "/ralph/", permissionsBoundary: BOUNDARY },
  },
});

describe("an EKS stack in an existing network", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const of = (type: string) =>
    clouds()
      .inventory()
      .filter(({ token, urn }) => token.endsWith(`:${type}`) && urn !== undefined);

  before(async () => {
    await createCloudClasses();
    stack = await Stack.create({
      ...EKS,
      namespace: "eks-network",
      config: { ...cluster([A, B]), monitoring: { install: "none" } },
    });
    await clouds().edit(() => NETWORK);
  });
  after(async () => {
    await stack.remove();
    await deleteCloudClasses();
  });

  const REFUSED: readonly (readonly [what: string, config: Values, rule: RegExp])[] = [
    [
      "that does not exist, and one of another VPC",
      cluster([A, MISSING, FAR]),
      new RegExp(
        `subnetIds\\[1\\] must be a subnet that exists .*"${MISSING}" .*subnetIds\\[2\\] must be a subnet of network\\.existing\\.vpcId, ${VPC}, not of ${OTHER};`,
      ),
    ],
    [
      "in the zone of another one",
      cluster([A, A2, B]),
      new RegExp(`subnetIds\\[1\\] must be in a zone of its own, .*; ${A} is in us-west-2a;`),
    ],
    [
      "that overlaps the Services",
      cluster([A, B], { serviceCidr: "10.8.0.0/16" }),
      /serviceCidr must not overlap 10\.8\.0\.0\/20, the range of subnet-0a/,
    ],
  ];
  for (const [what, config, rule] of REFUSED)
    it(`refuses a subnet ${what}, before anything is created`, async () => {
      const { code, stdout, stderr } = await stack.configuredAs(config, () => stack.up());
      assert.notEqual(code, 0, stdout);
      assert.match((stdout + stderr).replace(/\s+/g, " "), rule);
      assert.deepEqual(clouds().inventory(), NETWORK);
    });

  it("comes up in the given subnets, and creates no part of a network", async () => {
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    const parts = ["Vpc", "Subnet", "NatGateway", "InternetGateway", "Eip", "Route", "RouteTable"];
    assert.deepEqual(parts.flatMap(of), []);
    const subnets = [A, B];
    assert.deepEqual(
      of("Cluster").map(({ inputs }) => inputs.vpcConfig.subnetIds as unknown),
      [subnets],
    );
    assert.deepEqual(
      of("NodeGroup")
        .flatMap(({ inputs }) => inputs.subnetIds as string[])
        .sort(),
      subnets,
    );
    assert.deepEqual(
      of("MountTarget")
        .map(({ inputs }) => inputs.subnetId as unknown)
        .sort(),
      subnets,
    );
    assert.deepEqual(
      of("SecurityGroup").map(({ inputs }) => inputs.vpcId as unknown),
      [VPC],
    );
  });

  it("has the path and the boundary on every role, also on the control plane's", () => {
    const roles = of("Role");
    assert.ok(roles.some(({ name }) => name === "cluster-eksRole-role"));
    for (const { name, inputs } of roles)
      assert.deepEqual([inputs.path, inputs.permissionsBoundary], ["/ralph/", BOUNDARY], name);
  });

  it("then has nothing to do", async () => {
    const { code, stdout, operations } = await stack.up("--expect-no-changes");
    assert.equal(code, 0, stdout);
    assert.deepEqual(changes(operations), []);
  });

  it("is destroyed without a trace, and the network is what it was", async () => {
    const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /has left nothing behind/);
    assert.deepEqual(clouds().inventory(), NETWORK);
  });
});

describe("the zones of an EKS stack", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create({
      ...EKS,
      namespace: "eks-zones",
      foreign: { "aws:region": "us-east-1" },
    });
  });
  after(() => stack.remove());

  const REFUSED: readonly (readonly [what: string, zones: readonly string[], rule: RegExp])[] = [
    [
      "without EKS",
      ["us-east-1a", "us-east-1c"],
      /cluster\.zones\[1\] must not be zone use1-az3, which has no EKS; it is "us-east-1c" pulumi config set --path 'ralph:cluster\.zones\[1\]' us-east-1b/,
    ],
    [
      "without the machines",
      ["us-east-1a", "us-east-1e"],
      /cluster\.nodes\.machineType must be offered in us-east-1e, or the zone be another one; it is "t3\.medium"/,
    ],
  ];
  for (const [what, zones, rule] of REFUSED)
    it(`refuses one ${what}, before anything is created`, async () => {
      const given = { cluster: { api: { public: true }, zones } };
      const { code, stdout, stderr } = await stack.configuredAs(given, () => stack.preview());
      assert.notEqual(code, 0, stdout);
      assert.match((stdout + stderr).replace(/\s+/g, " "), rule);
    });
});
