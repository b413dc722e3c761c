/** An EKS stack under mocks: outputs that AWS computes, and the program that a kubeconfig runs. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Registered, runStack, type StackConfig, type StackOptions, type StackRun } from "./stack";

export const FOREIGN = { "aws:region": "us-west-2" };
export const PUBLIC = { api: { public: true } };
export const ADMIN = "arn:aws:iam::123456789012:role/ops/deployers";
export const KEY = "arn:aws:kms:us-west-2:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555";
export const ARN = "arn:aws:eks:us-west-2:123456789012:cluster/ralph-cluster";
export const REPOSITORY = "123456789012.dkr.ecr.us-west-2.amazonaws.com/cluster-1a2b3c4";
/** What AWS has published last. */
export const NEWEST_ADDON = "v1.20.1-eksbuild.3";
export const NEWEST_IMAGE = "1.35.2-20261120";
export const TAGS = { project: "ralph", stack: "test" };

/** Every input that the program can register at AWS. */
export const EVERYTHING = {
  ...PUBLIC,
  version: "1.35",
  kmsKey: KEY,
  admins: [ADMIN],
  auth: { roleArn: ADMIN, profile: "work" },
  nodes: { spot: true, machineType: "m6i.large", spotTypes: ["m5.large"] },
  nodePools: [
    {
      name: "builders",
      machineType: "c7g.xlarge",
      min: 1,
      max: 3,
      labels: { purpose: "builds" },
      taints: [{ key: "purpose", value: "builds", effect: "NoExecute" }],
    },
  ],
  network: { natPerZone: true },
  tags: { owner: "agents" },
};

export const TYPE = {
  addon: "aws:eks/addon:Addon",
  kept: "pulumi:index:Stash",
  autoscalerPolicy: "aws:iam/rolePolicy:RolePolicy",
  podIdentity: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  association: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  cluster: "eks:index:Cluster",
  efsRule: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  eip: "aws:ec2/eip:Eip",
  entry: "aws:eks/accessEntry:AccessEntry",
  files: "aws:efs/fileSystem:FileSystem",
  group: "aws:eks/nodeGroup:NodeGroup",
  endpoint: "aws:ec2/vpcEndpoint:VpcEndpoint",
  internet: "aws:ec2/internetGateway:InternetGateway",
  logs: "aws:cloudwatch/logGroup:LogGroup",
  mount: "aws:efs/mountTarget:MountTarget",
  nat: "aws:ec2/natGateway:NatGateway",
  policy: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
  provider: "pulumi:providers:kubernetes",
  repository: "aws:ecr/repository:Repository",
  role: "aws:iam/role:Role",
  route: "aws:ec2/route:Route",
  securityGroup: "aws:ec2/securityGroup:SecurityGroup",
  storageClass: "kubernetes:storage.k8s.io/v1:StorageClass",
  subnet: "aws:ec2/subnet:Subnet",
  table: "aws:ec2/routeTable:RouteTable",
  template: "aws:ec2/launchTemplate:LaunchTemplate",
  vpc: "aws:ec2/vpc:Vpc",
} as const;

/** Outputs that AWS computes; those of the component contain its cluster. */
function outputs(type: string, inputs: Record<string, unknown>): Record<string, unknown> | undefined {
  switch (type) {
    case TYPE.cluster:
      return {
        eksCluster: {
          name: inputs.name,
          arn: ARN,
          version: inputs.version ?? "1.35",
          endpoint: "https://0A1B.gr7.us-west-2.eks.amazonaws.com",
          certificateAuthority: { data: "Q0E=" },
          vpcConfig: { clusterSecurityGroupId: "sg-cluster" },
        },
      };
    case TYPE.template:
      return { latestVersion: 7 };
    case TYPE.repository:
      return { repositoryUrl: REPOSITORY };
    default:
      return undefined;
  }
}

export const run = (
  cluster: StackConfig = PUBLIC,
  more: StackConfig = {},
  { outputs: computed, ...options }: Pick<StackOptions, "preview" | "foreign" | "program" | "outputs"> = {},
): Promise<StackRun> =>
  runStack({
    config: { cloud: "eks", cluster, ...more },
    foreign: FOREIGN,
    types: /^(aws|eks):/,
    calls: {
      "aws:eks/getAddonVersion:getAddonVersion": { version: NEWEST_ADDON },
      "aws:ssm/getParameter:getParameter": { value: NEWEST_IMAGE },
    },
    outputs: (type, inputs) => ({
      ...(type === TYPE.role ? { name: "role", arn: "arn:role" } : {}),
      ...outputs(type, inputs),
      ...computed?.(type, inputs),
    }),
    ...options,
  });

export const only = ({ ofType }: StackRun, type: string): Registered => {
  const found = ofType(type);
  assert.equal(found.length, 1, `${found.length} of ${type}`);
  return found[0] as Registered;
};

/** URNs of everything a resource depends on, directly or not. */
export function dependenciesOf({ resources }: StackRun, resource: Registered): ReadonlySet<string> {
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  const seen = new Set<string>();
  const visit = (urn: string): void => {
    if (seen.has(urn)) return;
    seen.add(urn);
    byUrn.get(urn)?.dependencies.forEach(visit);
  };
  resource.dependencies.forEach(visit);
  return seen;
}

/** Limits PATH to the authentication program while the tests of a suite run. */
export function withProgram(): void {
  const { PATH } = process.env;
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ralph-eks-"));
    fs.writeFileSync(path.join(folder, "aws"), "", { mode: 0o755 });
    process.env.PATH = folder;
  });
  after(() => {
    process.env.PATH = PATH;
    fs.rmSync(folder, { recursive: true });
  });
}
