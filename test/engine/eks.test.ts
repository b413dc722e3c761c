/**
 * Proves the life of the stack of Pulumi.eks.yaml on the real engine and a real API server, with a stub of AWS
 * and of the component of @pulumi/eks between: a preview asks AWS for nothing, `up` makes what it accepts, an
 * edit of the cluster replaces no Kubernetes object, and `destroy` is refused while the cluster is protected
 * and otherwise takes all away in an order that leaves nothing behind. What the stub refuses is what its rows
 * say (tools/stub-clouds/aws), and its component leaves out what the program tells the real one to leave out.
 */
import assert from "node:assert/strict";

import type { Call, Token } from "../../tools/stub-clouds/types";
import { changes } from "./support/events";
import { everything, kubectl } from "./support/kubectl";
import { Stack, type Values } from "./support/stack";

const NAMESPACE = "eks";
const ADMIN = "arn:aws:iam::123456789012:role/deployers";
const CLUSTER = "aws:eks/cluster:Cluster";
const GROUP = "aws:eks/nodeGroup:NodeGroup";
const ADDON = "aws:eks/addon:Addon";
const LOGS = "aws:cloudwatch/logGroup:LogGroup";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const SUBNET = "aws:ec2/subnet:Subnet";
const VPC = "aws:ec2/vpc:Vpc";
const NAT = "aws:ec2/natGateway:NatGateway";
const INTERNET = "aws:ec2/internetGateway:InternetGateway";
const POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const MOUNT = "aws:efs/mountTarget:MountTarget";

/** All that the cluster stands on, by type. */
const INVENTORY: Readonly<Record<Token, number>> = {
  [LOGS]: 1,
  "aws:ec2/eip:Eip": 1,
  [INTERNET]: 1,
  [TEMPLATE]: 1,
  [NAT]: 1,
  "aws:ec2/route:Route": 3,
  "aws:ec2/routeTable:RouteTable": 3,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": 4,
  "aws:ec2/securityGroup:SecurityGroup": 1,
  [SUBNET]: 4,
  [VPC]: 1,
  "aws:ecr/repository:Repository": 1,
  "aws:efs/fileSystem:FileSystem": 1,
  [MOUNT]: 2,
  "aws:eks/accessEntry:AccessEntry": 1,
  [POLICY]: 1,
  [ADDON]: 7,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": 1,
  [CLUSTER]: 1,
  [GROUP]: 1,
  "aws:iam/role:Role": 6,
  "aws:iam/rolePolicy:RolePolicy": 1,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 6,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 1,
};

/** What may only go when the other is gone, as type and logical name. */
const AFTER: readonly (readonly [first: string, then: string])[] = [
  [`${ADDON} cluster-aws-ebs-csi-driver`, `${GROUP} cluster-nodes`],
  [`${ADDON} cluster-aws-efs-csi-driver`, `${GROUP} cluster-nodes`],
  [`${ADDON} cluster-coredns`, `${GROUP} cluster-nodes`],
  [`${GROUP} cluster-nodes`, `${ADDON} cluster-vpc-cni`],
  [
    `${GROUP} cluster-nodes`,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-vpc-cni-AmazonEKS_CNI_Policy",
  ],
  [`${GROUP} cluster-nodes`, "aws:ec2/route:Route cluster-private-a"],
  [`${ADDON} cluster-vpc-cni`, `${CLUSTER} cluster-eksCluster`],
  [`${POLICY} cluster-admin-123456789012-role-deployers`, `${CLUSTER} cluster-eksCluster`],
  ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule cluster-efs", `${CLUSTER} cluster-eksCluster`],
  [`${CLUSTER} cluster-eksCluster`, `${LOGS} cluster`],
  [`${CLUSTER} cluster-eksCluster`, `${SUBNET} cluster-private-a`],
  [`${NAT} cluster-a`, `${INTERNET} cluster`],
  [`${SUBNET} cluster-private-a`, `${VPC} cluster`],
];

describe("the stack of an EKS cluster", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const asked = (from = 0): readonly Call[] => clouds().ledger().slice(from);
  const changing = (calls: readonly Call[]) =>
    calls.filter(({ method, preview }) => /^(Create|Update|Delete)$/.test(method) && preview !== true);
  const ids = () =>
    clouds()
      .inventory()
      .map(({ token, id }) => `${token} ${id}`)
      .sort();
  const counted = () => {
    const counts: Record<string, number> = {};
    for (const { token } of clouds().inventory()) counts[token] = (counts[token] ?? 0) + 1;
    return counts;
  };
  const uids = async () =>
    Object.fromEntries(
      (await everything(NAMESPACE))
        .filter(({ metadata }) => metadata.ownerReferences === undefined)
        .map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.uid]),
    );
  const configure = (values: Values) =>
    stack.configure({ cluster: { ...(stack.configured("cluster") as Values), ...values } });

  before(async () => {
    stack = await Stack.create({
      namespace: NAMESPACE,
      from: "eks",
      plugins: ["aws", "eks"],
      // Their own tests prove them; here they would only take time.
      config: { monitoring: { install: "none" } },
    });
    configure({ admins: [ADMIN] });
  });
  after(() => stack.remove());

  it("is previewed without a change at AWS, and without asking the cluster", async () => {
    const { code, stdout, stderr, operations } = await stack.preview();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(new Set(operations.map(({ op }) => op)), new Set(["create"]));
    assert.deepEqual(changing(asked()), []);
    assert.deepEqual(clouds().inventory(), []);
    assert.equal(asked().filter(({ method }) => method === "Token").length, 0);
  });

  it("comes up: AWS accepts all of it, and the volumes are there", async () => {
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(counted(), INVENTORY);
    const calls = asked();
    assert.deepEqual(
      calls.filter(({ generic, outcome }) => generic === true || outcome !== "ok"),
      [],
    );
    assert.deepEqual(
      calls.filter(({ plugin }) => !["aws", "eks"].includes(plugin)),
      [],
    );
    assert.ok(calls.some(({ method }) => method === "Token"));
    const classes = await kubectl(
      ...["get", "pvc", "-n", NAMESPACE, "-o"],
      "jsonpath={range .items[*]}{.metadata.name} {.spec.storageClassName} {.status.phase}{'\\n'}{end}",
    );
    assert.deepEqual(classes.trim().split("\n").sort(), [
      "ralph-cache efs Bound",
      "ralph-workspace gp3 Bound",
    ]);
  });

  for (const command of ["preview", "up", "refresh"] as const) {
    it(`${command} then has nothing to do`, async () => {
      const mark = asked().length;
      const { code, stdout, operations } = await stack[command]("--expect-no-changes");
      assert.equal(code, 0, stdout);
      assert.deepEqual(changes(operations), []);
      assert.deepEqual(changing(asked(mark)), []);
    });
  }

  it("an edit of nodes, version and logs is made in place, and no object of Ralph is touched", async () => {
    const [objects, made] = [await uids(), ids()];
    configure({ nodes: { max: 12, diskGb: 120 }, version: "1.36", logs: { retentionDays: 90 } });
    const { code, stdout, operations } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.deepEqual(
      changes(operations)
        .map(({ op, type, name }) => `${op} ${type} ${name}`)
        .sort(),
      [
        `update ${LOGS} cluster`,
        `update ${TEMPLATE} cluster-nodes`,
        `update ${CLUSTER} cluster-eksCluster`,
        `update ${GROUP} cluster-nodes`,
        // It is of the cluster's version.
        "update kubernetes:apps/v1:Deployment cluster-autoscaler",
      ].sort(),
    );
    const group = clouds()
      .inventory()
      .find(({ token }) => token === GROUP);
    assert.equal(group?.inputs.version, "1.36");
    assert.equal(group?.inputs.scalingConfig.maxSize, 12);
    assert.deepEqual([await uids(), ids()], [objects, made]);
  });

  it("a second way out and another zone move nothing that is there", async () => {
    const made = ids();
    configure({
      zones: ["us-west-2a", "us-west-2b", "us-west-2c"],
      network: { natPerZone: true },
    });
    const { code, stdout, operations } = await stack.preview();
    assert.equal(code, 0, stdout);
    const beside = changes(operations).filter(({ op }) => op !== "create" && op !== "update");
    // EKS takes no other subnets for nodes that are there.
    assert.deepEqual(
      beside.filter(({ type }) => type !== GROUP),
      [],
    );
    configure({ zones: undefined, network: undefined });
    assert.deepEqual(ids(), made);
  });

  it("is not destroyed while the cluster is protected: nothing of it, no volume either", async () => {
    const before = await uids();
    const mark = asked().length;
    // As people call it: the preview before it finds out.
    const { code, stdout } = await stack.engine("destroy", ["--yes"]);
    assert.notEqual(code, 0);
    assert.match(stdout, /cannot be deleted\s+because it is protected/);
    assert.deepEqual(changing(asked(mark)), []);
    assert.deepEqual([await uids(), counted()], [before, INVENTORY]);
  });

  it("goes without a trace once it is not, in an order that leaves nothing behind", async () => {
    configure({ deletionProtection: false });
    const up = await stack.up();
    assert.equal(up.code, 0, up.stdout);
    const mark = asked().length;
    const { code, stdout } = await stack.destroy();
    assert.equal(code, 0, stdout);
    assert.deepEqual(stack.resources, []);
    assert.deepEqual(clouds().inventory(), []);
    assert.deepEqual(await uids(), {});

    const calls = asked(mark);
    const deleted = calls
      .filter(({ method }) => method === "Delete")
      .map(({ token, name }) => `${token} ${name}`);
    for (const [first, then] of AFTER) {
      assert.ok(deleted.includes(first), `${first} was not deleted`);
      assert.ok(deleted.indexOf(first) < deleted.indexOf(then), `${then} went before ${first}`);
    }
    // No object is asked of a cluster whose drivers, nodes or administrators are on their way out.
    const lastToken = calls.map(({ method }) => method).lastIndexOf("Token");
    const firstGone = calls.findIndex(
      ({ method, token }) => method === "Delete" && [ADDON, GROUP, MOUNT, POLICY].includes(token ?? ""),
    );
    assert.ok(lastToken < firstGone, "the cluster was asked after it began to go");
  });
});
