/**
 * Proves that the rows of AWS refuse what AWS refuses, for the resources of an EKS stack: only then does the engine test
 * of that stack, in which nothing is refused, prove anything. The sources are beside the rules (stub-clouds/aws).
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { StubCloud } from "../../stub-clouds/cloud";
import { InitFailed } from "../../stub-clouds/errors";
import { tableOf } from "../../stub-clouds/tables";
import type { Quotas, Values } from "../../stub-clouds/types";
import { World } from "../../stub-clouds/world";

const TYPES = {
  vpc: "aws:ec2/vpc:Vpc",
  subnet: "aws:ec2/subnet:Subnet",
  internet: "aws:ec2/internetGateway:InternetGateway",
  table: "aws:ec2/routeTable:RouteTable",
  route: "aws:ec2/route:Route",
  association: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  address: "aws:ec2/eip:Eip",
  nat: "aws:ec2/natGateway:NatGateway",
  endpoint: "aws:ec2/vpcEndpoint:VpcEndpoint",
  interface: "aws:ec2/networkInterface:NetworkInterface",
  role: "aws:iam/role:Role",
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  cluster: "aws:eks/cluster:Cluster",
  nodes: "aws:eks/nodeGroup:NodeGroup",
  addon: "aws:eks/addon:Addon",
  identity: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  logs: "aws:cloudwatch/logGroup:LogGroup",
  files: "aws:efs/fileSystem:FileSystem",
  mount: "aws:efs/mountTarget:MountTarget",
} as const;
type Kind = keyof typeof TYPES;

const trust = (service: string, ...actions: string[]): string =>
  JSON.stringify({ Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: actions }] });
const TRUST = {
  eks: trust("eks.amazonaws.com", "sts:AssumeRole"),
  nodes: trust("ec2.amazonaws.com", "sts:AssumeRole"),
  pods: trust("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession"),
};

describe("the stub of AWS", () => {
  let dir: string;
  let world: World;
  let cloud: StubCloud;
  let serial = 0;

  const open = (options: { quotas?: Quotas; timeScale?: number } = {}, region = "us-west-2"): void => {
    const apiServer = { host: "127.0.0.1:1", certificateAuthority: "Q0E=" };
    world = World.create(dir, { apiServer, timeScale: 0, seed: 1, ...options });
    cloud = new StubCloud("aws", tableOf("aws"), world);
    cloud.configure({ region });
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "stub-aws-"));
    open();
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const subject = (kind: Kind, name = `it-${serial++}`) => ({
    urn: `${kind}-${name}`,
    token: TYPES[kind],
    name,
  });
  const create = async (kind: Kind, inputs: Values): Promise<string> =>
    (await cloud.create(subject(kind), inputs, false, 0)).id;
  const change = (kind: Kind, id: string, before: Values, inputs: Values) =>
    cloud.update(subject(kind), { id, state: before, before, inputs }, false, 0);
  const remove = (kind: Kind, id: string) => cloud.delete(subject(kind), id, 0);
  const has = (kind: Kind): number => world.resources.filter(({ token }) => token === TYPES[kind]).length;

  const role = async (name: string, assumeRolePolicy: string, ...policies: string[]): Promise<string> => {
    await create("role", { name, assumeRolePolicy });
    for (const policy of policies)
      await create("attachment", { role: name, policyArn: `arn:aws:iam::aws:policy/${policy}` });
    return name;
  };

  interface Network {
    readonly vpcId: string;
    readonly subnetIds: readonly string[];
  }
  const network = async ({ zones = ["us-west-2a", "us-west-2b"], routed = true } = {}): Promise<Network> => {
    const vpcId = await create("vpc", { cidrBlock: "10.0.0.0/16" });
    const subnetIds: string[] = [];
    for (const [i, availabilityZone] of zones.entries())
      subnetIds.push(await create("subnet", { vpcId, availabilityZone, cidrBlock: `10.0.${i}.0/24` }));
    const gatewayId = await create("internet", { vpcId });
    const routeTableId = await create("table", { vpcId });
    if (routed) await create("route", { routeTableId, destinationCidrBlock: "0.0.0.0/0", gatewayId });
    for (const subnetId of subnetIds) await create("association", { subnetId, routeTableId });
    return { vpcId, subnetIds };
  };
  const clusterIn = async ({ subnetIds }: Network, more: Values = {}): Promise<Values> => ({
    name: "c",
    roleArn: await role(`cluster-${serial++}`, TRUST.eks),
    vpcConfig: { subnetIds },
    bootstrapSelfManagedAddons: false,
    ...more,
  });
  /** A cluster with all that its nodes need. */
  const cluster = async (given: { routed?: boolean; cniPolicies?: string[]; agent?: boolean } = {}) => {
    const { routed = true, cniPolicies = ["AmazonEKS_CNI_Policy"], agent = true } = given;
    const made = await network({ routed });
    const inputs = await clusterIn(made);
    await create("cluster", inputs);
    const roleArn = await role("cni", TRUST.pods, ...cniPolicies);
    const podIdentityAssociations = [{ roleArn, serviceAccount: "aws-node" }];
    await create("addon", { clusterName: "c", addonName: "vpc-cni", podIdentityAssociations });
    if (agent) await create("addon", { clusterName: "c", addonName: "eks-pod-identity-agent" });
    const nodeRoleArn = await role("nodes", TRUST.nodes, "AmazonEKSWorkerNodePolicy");
    const group = (more: Values = {}): Values => ({
      clusterName: "c",
      nodeGroupName: "workers",
      nodeRoleArn,
      subnetIds: made.subnetIds,
      instanceTypes: ["t3.medium"],
      scalingConfig: { minSize: 3, desiredSize: 3, maxSize: 10 },
      ...more,
    });
    return { inputs, group, ...made };
  };
  const fails = async (work: Promise<unknown>, reason: RegExp): Promise<void> =>
    assert.rejects(work, (error) => error instanceof InitFailed && reason.test(error.message));

  it("creates a log group once, and again by EKS while a control plane writes to it", async () => {
    const name = "/aws/eks/c/cluster";
    await create("logs", { name, retentionInDays: 30 });
    await assert.rejects(create("logs", { name }), /ResourceAlreadyExistsException/);
    await remove("logs", name);
    assert.equal(has("logs"), 0);

    await create("logs", { name, retentionInDays: 30 });
    await create("cluster", await clusterIn(await network(), { enabledClusterLogTypes: ["api"] }));
    await remove("logs", name);
    assert.deepEqual(
      world.resources.filter(({ token }) => token === TYPES.logs).map(({ outputs }) => outputs),
      [{ name, retentionInDays: 0 }],
    );
    await assert.rejects(create("logs", { name }), /ResourceAlreadyExistsException/);
  });

  it("creates no subnet in a zone that a region does not have", async () => {
    open({}, "ap-northeast-1");
    const zones = ["ap-northeast-1a", "ap-northeast-1b"];
    await assert.rejects(
      network({ zones }),
      /Value \(ap-northeast-1b\) .* invalid. .*: ap-northeast-1a, ap-northeast-1c, ap-northeast-1d/,
    );
  });

  it("creates no control plane in some zones, or in one zone only", async () => {
    open({}, "us-east-1");
    const refused = await clusterIn(await network({ zones: ["us-east-1a", "us-east-1c"] }));
    await assert.rejects(
      create("cluster", refused),
      /'c' because us-east-1c, .* choose from these availability zones: us-east-1a, us-east-1b/,
    );
    const one = await clusterIn(await network({ zones: ["us-east-1a", "us-east-1a"] }));
    await assert.rejects(create("cluster", one), /at least two different AZs/);
  });

  it("starts no machines of a type that a zone does not have", async () => {
    const { group, vpcId } = await cluster();
    const zone = { vpcId, availabilityZone: "us-west-2d", cidrBlock: "10.0.9.0/24" };
    const subnetIds = [await create("subnet", zone)];
    await assert.rejects(
      create("nodes", group({ subnetIds, instanceTypes: ["m4.xlarge"] })),
      /\(m4\.xlarge\) is not supported in your requested Availability Zone \(us-west-2d\).* us-west-2a, us-west-2b, us-west-2c\./,
    );
  });

  it("creates five VPCs and addresses in a region", async () => {
    for (let i = 0; i < 5; i++) {
      await create("vpc", { cidrBlock: "10.0.0.0/16" });
      await create("address", { domain: "vpc" });
    }
    await assert.rejects(create("vpc", { cidrBlock: "10.0.0.0/16" }), /VpcLimitExceeded/);
    await assert.rejects(create("address", { domain: "vpc" }), /AddressLimitExceeded/);
  });

  it("starts no nodes beyond the account's vCPUs: a new account has too few for three t3.medium", async () => {
    open({ quotas: { vcpus: 5 } });
    const { group } = await cluster();
    await fails(create("nodes", group()), /VcpuLimitExceeded .* current vCPU limit of 5 /);
  });

  it("upgrades a cluster by one minor version, and never back", async () => {
    const inputs = await clusterIn(await network());
    await assert.rejects(create("cluster", { ...inputs, version: "1.20" }), /unsupported Kubernetes version/);
    const id = await create("cluster", { ...inputs, version: "1.34" });
    const to = (version?: string) => change("cluster", id, inputs, { ...inputs, version });
    await assert.rejects(to("1.36"), /Unsupported Kubernetes minor version update from 1\.34 to 1\.36/);
    await to("1.35");
    await assert.rejects(to("1.34"), /Unsupported Kubernetes minor version update from 1\.35 to 1\.34/);
    assert.equal((await to()).version, "1.35", "without a version it stays as it is");
    await to("1.36");
  });

  it("excludes versions in extended support by the upgrade policy STANDARD", async () => {
    const inputs = { ...(await clusterIn(await network())), version: "1.33" };
    const standard = { ...inputs, upgradePolicy: { supportType: "STANDARD" } };
    await assert.rejects(create("cluster", standard), /1\.33 is in extended support/);
    await create("cluster", { ...inputs, upgradePolicy: { supportType: "EXTENDED" } });
  });

  it("updates one thing of a cluster at a time", async () => {
    open({ timeScale: 0.001 });
    const inputs = await clusterIn({ vpcId: "", subnetIds: await subnetsAtOnce() });
    const id = await create("cluster", inputs);
    const first = change("cluster", id, inputs, { ...inputs, version: "1.35" });
    const second = change("cluster", id, inputs, { ...inputs, tags: { a: "b" } });
    await assert.rejects(second, /is not in ACTIVE state/);
    await first;
  });

  const subnetsAtOnce = async (): Promise<string[]> => {
    const vpcId = await create("vpc", { cidrBlock: "10.0.0.0/16" });
    return Promise.all(
      ["a", "b"].map((letter, i) =>
        create("subnet", { vpcId, availabilityZone: `us-west-2${letter}`, cidrBlock: `10.0.${i}.0/24` }),
      ),
    );
  };

  it("checks an add-on's name, version and configuration", async () => {
    await cluster();
    const cases: [Values, RegExp][] = [
      [{ addonName: "core-dns" }, /Addon core-dns specified is not supported/],
      ...["1.34.0", "v1.35.0-eksbuild.1"].map((addonVersion): [Values, RegExp] => [
        { addonName: "kube-proxy", addonVersion },
        /Addon version specified is not supported/,
      ]),
      [{ addonName: "kube-proxy", configurationValues: "{" }, /request is not supported$/],
      [
        { addonName: "coredns", configurationValues: '{"replica":2}' },
        /\[\$\.replica: is not defined in the schema and the schema does not allow additional properties\]/,
      ],
    ];
    for (const [inputs, reason] of cases)
      await assert.rejects(create("addon", { clusterName: "c", ...inputs }), reason);
    const before = { clusterName: "c", addonName: "vpc-cni" };
    const configured = (values: Values) =>
      change("addon", "c:vpc-cni", before, { ...before, configurationValues: JSON.stringify(values) });
    await configured({ enableNetworkPolicy: "true", env: { WARM_PREFIX_TARGET: "1" } });
    await assert.rejects(
      configured({ enableNetworkPolicy: true }),
      /\[\$\.enableNetworkPolicy: boolean found, string expected\]/,
    );
    await assert.rejects(configured({ env: { WARM_PREFIX_TARGET: "many" } }), /does not match the format/);
  });

  it("leaves an add-on with pods degraded while there are no nodes", async () => {
    const { group } = await cluster();
    const dns = { clusterName: "c", addonName: "coredns" };
    await create("addon", { clusterName: "c", addonName: "kube-proxy" });
    await fails(create("addon", dns), /\(c:coredns\) create: timeout .* \(last state: 'DEGRADED'\)/);
    assert.ok(
      world.resources.some(({ id }) => id === "c:coredns"),
      "it exists",
    );
    await remove("addon", "c:coredns");
    await create("nodes", group());
    await create("addon", dns);
  });

  it("gives pods only a role that they may assume, and a service account one role", async () => {
    await cluster();
    const association = (roleArn: string): Values => ({
      ...{ clusterName: "c", namespace: "kube-system", serviceAccount: "s", roleArn },
    });
    const trusts = [TRUST.nodes, trust("pods.eks.amazonaws.com", "sts:AssumeRole")];
    for (const [i, policy] of trusts.entries())
      await assert.rejects(
        create("identity", association(await role(`wrong-${i}`, policy))),
        /Trust policy of the role provided is invalid/,
      );
    const pods = await role("pods", TRUST.pods);
    await create("identity", association(pods));
    await assert.rejects(create("identity", association(pods)), /ResourceInUseException/);
    const podIdentityAssociations = [{ roleArn: pods, serviceAccount: "s" }];
    await assert.rejects(
      create("addon", { clusterName: "c", addonName: "kube-proxy", podIdentityAssociations }),
      /Association already exists/,
    );
  });

  it("checks who may assume the roles of a cluster and of its nodes", async () => {
    const { group } = await cluster();
    const wrong = await role("wrong", TRUST.pods);
    const inputs = { ...(await clusterIn(await network())), name: "d", roleArn: wrong };
    await assert.rejects(create("cluster", inputs), /not authorized to be assumed by EKS/);
    await assert.rejects(create("nodes", group({ nodeRoleArn: wrong })), /ec2\.amazonaws\.com.* trust/);
  });

  describe("has no nodes", () => {
    it("without the CNI's policy", async () => {
      const { group } = await cluster({ cniPolicies: [] });
      await fails(create("nodes", group()), /cni plugin not initialized/);
      assert.equal(has("nodes"), 1, "the group exists");
    });

    it("without the agent by which the CNI gets its role", async () => {
      const { group } = await cluster({ agent: false });
      await fails(create("nodes", group()), /cni plugin not initialized/);
    });

    it("without a route out", async () => {
      const { group } = await cluster({ routed: false });
      await fails(create("nodes", group()), /failed to join the kubernetes cluster/);
    });

    it("behind a NAT gateway that is not in a public subnet", async () => {
      const { group, vpcId } = await cluster();
      const cidrBlock = "10.0.9.0/24";
      const inner = await create("subnet", { vpcId, cidrBlock, availabilityZone: "us-west-2a" });
      const allocationId = await create("address", { domain: "vpc" });
      const natGatewayId = await create("nat", { allocationId, subnetId: inner });
      const routeTableId = await create("table", { vpcId });
      await create("route", { routeTableId, destinationCidrBlock: "0.0.0.0/0", natGatewayId });
      await create("association", { subnetId: inner, routeTableId });
      await fails(create("nodes", group({ subnetIds: [inner] })), /failed to join/);
    });
  });

  it("has one mount target of a file system in a zone", async () => {
    const { subnetIds, vpcId } = await network();
    const fileSystemId = await create("files", {});
    for (const subnetId of subnetIds) await create("mount", { fileSystemId, subnetId });
    const zone = { vpcId, cidrBlock: "10.0.9.0/24", availabilityZone: "us-west-2a" };
    const second = await create("subnet", zone);
    await assert.rejects(create("mount", { fileSystemId, subnetId: second }), /MountTargetConflict/);
    await create("mount", { fileSystemId: await create("files", {}), subnetId: second });
  });

  it("deletes no network in which others have something", async () => {
    const { vpcId, subnetIds } = await network();
    const [subnetId = ""] = subnetIds;
    const endpoint = await create("endpoint", { vpcId, subnetIds: [subnetId], serviceName: "guardduty" });
    await remove("association", world.resources.find(({ inputs }) => inputs.subnetId === subnetId)?.id ?? "");
    await assert.rejects(remove("subnet", subnetId), /DependencyViolation/);
    await assert.rejects(remove("vpc", vpcId), /DependencyViolation/);
    await remove("endpoint", endpoint);
    const eni = await create("interface", { subnetId });
    await assert.rejects(remove("subnet", subnetId), /DependencyViolation/);
    await remove("interface", eni);
    await remove("subnet", subnetId);
  });
});
