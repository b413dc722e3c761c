/** Configurations of an EKS cluster that are refused, each with all its problems. */
import { ADMIN, KEY, PUBLIC } from "../support/eks";
import type { StackConfig } from "../support/stack";

type Expected = readonly [key: string, rule: RegExp, fix: string];
export interface BadConfig {
  readonly name: string;
  readonly cluster?: StackConfig;
  readonly region?: string | null;
  /** More keys of the AWS provider. */
  readonly foreign?: Readonly<Record<string, string>>;
  readonly expected: readonly Expected[];
}

const set = (key: string, value: string) => `pulumi config set --path ${key} ${value}`;
const ranges = Array.from({ length: 41 }, (_, i) => `198.51.100.${i}/32`);

export const BAD_CONFIGS: readonly BadConfig[] = [
  {
    name: "no region",
    region: null,
    expected: [["aws:region", /^is missing$/, "pulumi config set aws:region us-west-2"]],
  },
  {
    name: "a zone in place of a region",
    region: "us-west-2a",
    expected: [
      ["aws:region", /^must be an AWS region .* "us-west-2a"$/, "pulumi config set aws:region us-west-2"],
    ],
  },
  {
    name: "an API that no one can reach",
    cluster: {},
    expected: [["ralph:cluster.api.public", /no one could reach/, set("ralph:cluster.api.public", "true")]],
  },
  {
    name: "one zone",
    cluster: { ...PUBLIC, zones: ["us-west-2b"] },
    expected: [["ralph:cluster.zones[1]", /needs two zones$/, set("'ralph:cluster.zones[1]'", "us-west-2a")]],
  },
  {
    name: "zones of another region, a Local Zone, and a duplicate",
    cluster: { ...PUBLIC, zones: ["us-west-2a", "us-east-1a", "us-west-2-lax-1a", "us-west-2a", "nonsense"] },
    expected: [
      [
        "ralph:cluster.zones[1]",
        /must be us-west-2 and a letter .* "us-east-1a"$/,
        set("'ralph:cluster.zones[1]'", "us-west-2c"),
      ],
      [
        "ralph:cluster.zones[2]",
        /^must not be a Local or Wavelength Zone.* "us-west-2-lax-1a"$/,
        set("'ralph:cluster.zones[2]'", "us-west-2d"),
      ],
      [
        "ralph:cluster.zones[3]",
        /^must be unique; "us-west-2a" is already listed$/,
        set("'ralph:cluster.zones[3]'", "us-west-2e"),
      ],
      [
        "ralph:cluster.zones[4]",
        /and a letter from a to f; it is "nonsense"$/,
        set("'ralph:cluster.zones[4]'", "us-west-2f"),
      ],
    ],
  },
  {
    name: "a duplicate zone, with two zones to spare",
    cluster: { ...PUBLIC, zones: [..."abcda"].map((letter) => `us-west-2${letter}`) },
    expected: [
      [
        "ralph:cluster.zones[4]",
        /^must be unique; "us-west-2a" is already listed$/,
        set("'ralph:cluster.zones[4]'", "us-west-2e"),
      ],
    ],
  },
  {
    name: "a duplicate zone, with no zone to spare",
    cluster: { ...PUBLIC, zones: [..."abcdefa"].map((letter) => `us-west-2${letter}`) },
    expected: [
      [
        "ralph:cluster.zones[6]",
        /^must be unique; "us-west-2a" is already listed$/,
        "pulumi config rm --path 'ralph:cluster.zones[6]'",
      ],
    ],
  },
  {
    name: "names that EKS does not accept",
    cluster: { ...PUBLIC, name: "ralph_cluster", nodes: { name: "-workers" } },
    expected: [
      ["ralph:cluster.name", /"ralph_cluster"$/, set("ralph:cluster.name", "ralph-cluster")],
      ["ralph:cluster.nodes.name", /"-workers"$/, set("ralph:cluster.nodes.name", "workers")],
    ],
  },
  {
    name: "names of pools that collide with those of another's zones, and that leave no room for a zone's",
    cluster: {
      ...PUBLIC,
      nodes: { name: "w".repeat(62) },
      nodePools: [
        { name: "builders", machineType: "m5.large", max: 2 },
        { name: "builders-b", machineType: "m5.large", max: 2 },
      ],
    },
    expected: [
      [
        "ralph:cluster.nodePools[1].name",
        /^must be unique; "builders-b" is already listed$/,
        "pulumi config rm --path 'ralph:cluster.nodePools[1].name'",
      ],
      [
        "ralph:cluster.nodes.name",
        /^must be at most 61 characters, because a zone's group adds the zone; it is "w+/,
        set("ralph:cluster.nodes.name", "w".repeat(61)),
      ],
    ],
  },
  {
    name: "a sandbox",
    cluster: {
      ...PUBLIC,
      nodePools: [{ name: "agents", machineType: "m5.large", max: 2, sandbox: true }],
    },
    expected: [
      [
        "ralph:cluster.nodePools[0].sandbox",
        /^must not be set: EKS has sandboxes in Auto Mode only, .* set ralph:runtimeClassName$/,
        "pulumi config rm --path 'ralph:cluster.nodePools[0].sandbox'",
      ],
    ],
  },
  {
    name: "a patch version",
    cluster: { ...PUBLIC, version: "1.35.2" },
    expected: [["ralph:cluster.version", /minor version .*"1.35.2"$/, set("ralph:cluster.version", "1.35")]],
  },
  {
    name: "an unsupported version",
    cluster: { ...PUBLIC, version: "1.32" },
    expected: [
      [
        "ralph:cluster.version",
        /must be 1\.34 or newer, .*; it is "1\.32"$/,
        set("ralph:cluster.version", "1.35"),
      ],
    ],
  },
  {
    name: "an impossible date, and versions that AWS does not write like this",
    cluster: { ...PUBLIC, patchedOn: "tomorrow", addons: { coredns: "1.11" }, nodes: { release: "latest" } },
    expected: [
      [
        "ralph:cluster.patchedOn",
        /^must be a date; it is "tomorrow"$/,
        set("ralph:cluster.patchedOn", new Date().toISOString().slice(0, 10)),
      ],
      [
        "ralph:cluster.addons.coredns",
        /^must be a version of the add-on, such as .*; it is "1\.11"$/,
        set("ralph:cluster.addons.coredns", "v1.20.1-eksbuild.3"),
      ],
      [
        "ralph:cluster.nodes.release",
        /^must be a release of an image for nodes.*; it is "latest"$/,
        set("ralph:cluster.nodes.release", "1.35.2-20261120"),
      ],
    ],
  },
  {
    name: "an image for another version of Kubernetes",
    cluster: { ...PUBLIC, version: "1.36", nodes: { release: "1.35.2-20261120" } },
    expected: [
      [
        "ralph:cluster.nodes.release",
        /^must be a release for the cluster's version, 1\.36; it is "1\.35\.2-20261120"$/,
        "pulumi config rm --path ralph:cluster.nodes.release",
      ],
    ],
  },
  {
    name: "machine types that are too small, unknown, or have one vCPU",
    cluster: {
      ...PUBLIC,
      nodes: { machineType: "t3.small", spot: true, spotTypes: ["n1-standard-2", "m7g.medium"] },
    },
    expected: [
      [
        "ralph:cluster.nodes.machineType",
        /medium size or larger; it is "t3.small"$/,
        set("ralph:cluster.nodes.machineType", "t3.medium"),
      ],
      [
        "ralph:cluster.nodes.spotTypes[0]",
        /"n1-standard-2"$/,
        set("'ralph:cluster.nodes.spotTypes[0]'", "t3.medium"),
      ],
      [
        "ralph:cluster.nodes.spotTypes[1]",
        /^must have at least 2 vCPU and 4 GiB, and has 1 vCPU and 4 GiB; it is "m7g\.medium"$/,
        set("'ralph:cluster.nodes.spotTypes[1]'", "t4g.medium"),
      ],
    ],
  },
  {
    name: "machine types of two architectures, and a duplicate, without spot",
    cluster: { ...PUBLIC, nodes: { machineType: "m7g.large", spotTypes: ["m7i.large", "m7g.large"] } },
    expected: [
      [
        "ralph:cluster.nodes.spotTypes[0]",
        /^must be arm64 like nodes\.machineType m7g\.large, .*; it is "m7i\.large"$/,
        "pulumi config rm --path 'ralph:cluster.nodes.spotTypes[0]'",
      ],
      [
        "ralph:cluster.nodes.spotTypes[1]",
        /^must be unique; "m7g\.large" is already listed$/,
        "pulumi config rm --path 'ralph:cluster.nodes.spotTypes[1]'",
      ],
      [
        "ralph:cluster.nodes.spot",
        /^must be true when nodes\.spotTypes is set; it is false$/,
        set("ralph:cluster.nodes.spot", "true"),
      ],
    ],
  },
  {
    name: "a maximum of nodes below the initial number, and a minimum above it",
    cluster: { ...PUBLIC, nodes: { count: 3, min: 4, max: 2 } },
    expected: [
      ["ralph:cluster.nodes.min", /at most nodes\.count, 3; it is 4$/, set("ralph:cluster.nodes.min", "3")],
      ["ralph:cluster.nodes.max", /at least nodes\.count, 3; it is 2$/, set("ralph:cluster.nodes.max", "3")],
    ],
  },
  {
    name: "public ranges",
    cluster: { ...PUBLIC, network: { cidr: "52.0.0.0/16", serviceCidr: "100.64.0.0/16" } },
    expected: [
      [
        "ralph:cluster.network.cidr",
        /must be within .*; it is "52\.0\.0\.0\/16"$/,
        set("ralph:cluster.network.cidr", "10.42.0.0/16"),
      ],
      [
        "ralph:cluster.network.serviceCidr",
        /must be within .*; it is "100\.64\.0\.0\/16"$/,
        set("ralph:cluster.network.serviceCidr", "172.20.0.0/16"),
      ],
    ],
  },
  {
    name: "ranges that are too small or too large",
    cluster: { ...PUBLIC, network: { cidr: "10.0.0.0/21", serviceCidr: "10.96.0.0/11" } },
    expected: [
      [
        "ralph:cluster.network.cidr",
        /from \/16 to \/20; it is "10\.0\.0\.0\/21"$/,
        set("ralph:cluster.network.cidr", "10.42.0.0/16"),
      ],
      [
        "ralph:cluster.network.serviceCidr",
        /from \/12 to \/24/,
        set("ralph:cluster.network.serviceCidr", "172.20.0.0/16"),
      ],
    ],
  },
  {
    name: "an IPv6 range, and a range with host bits",
    cluster: { ...PUBLIC, network: { cidr: "fd00::/48", serviceCidr: "172.20.1.0/16" } },
    expected: [
      [
        "ralph:cluster.network.cidr",
        /must be an IPv4 range .*"fd00::\/48"$/,
        set("ralph:cluster.network.cidr", "10.42.0.0/16"),
      ],
      [
        "ralph:cluster.network.serviceCidr",
        /no bits set beyond its prefix; it is "172\.20\.1\.0\/16"$/,
        set("ralph:cluster.network.serviceCidr", "172.20.0.0/16"),
      ],
    ],
  },
  {
    name: "Services that overlap the VPC",
    cluster: { ...PUBLIC, network: { cidr: "172.20.0.0/16" } },
    expected: [
      [
        "ralph:cluster.network.serviceCidr",
        /^must not overlap network\.cidr, 172\.20\.0\.0\/16/,
        set("ralph:cluster.network.serviceCidr", "10.100.0.0/16"),
      ],
    ],
  },
  {
    name: "more nodes than the subnets have addresses for",
    cluster: { ...PUBLIC, network: { cidr: "10.0.0.0/20" }, nodes: { max: 14 } },
    expected: [
      [
        "ralph:cluster.nodes.max",
        /must be at most 13, .* addresses for 14 nodes in 2 zones .*; it is 14$/,
        set("ralph:cluster.nodes.max", "13"),
      ],
    ],
  },
  {
    name: "more nodes than the subnets have addresses for, those of a further pool included",
    cluster: {
      ...PUBLIC,
      network: { cidr: "10.0.0.0/20" },
      nodes: { max: 12 },
      nodePools: [{ name: "more", machineType: "m5.large", max: 3 }],
    },
    expected: [
      [
        "ralph:cluster.nodes.max",
        /must be at most 10, .* for 14 nodes in 2 zones, other node groups need 3, and an update needs one more; it is 12$/,
        set("ralph:cluster.nodes.max", "10"),
      ],
    ],
  },
  {
    name: "an existing network with keys of a new one, ids of other things, and one subnet",
    cluster: {
      ...PUBLIC,
      zones: ["us-west-2a", "us-west-2b"],
      network: {
        existing: { vpcId: "hub", subnetIds: ["vpc-0a1b2c3d"], loadBalancerCidrs: ["10.8.0.1/16"] },
        cidr: "10.9.0.0/16",
        natPerZone: true,
        serviceCidr: "100.64.0.0/16",
      },
    },
    expected: [
      [
        "ralph:cluster.network.existing.vpcId",
        /^must be the id of a VPC; it is "hub"$/,
        set("ralph:cluster.network.existing.vpcId", "<id of the VPC>"),
      ],
      [
        "ralph:cluster.network.existing.subnetIds[0]",
        /^must be the id of a subnet; it is "vpc-0a1b2c3d"$/,
        set("'ralph:cluster.network.existing.subnetIds[0]'", "<id of a subnet>"),
      ],
      [
        "ralph:cluster.network.existing.subnetIds[1]",
        /^is missing: a control plane needs two zones$/,
        set("'ralph:cluster.network.existing.subnetIds[1]'", "<subnet of another zone>"),
      ],
      [
        "ralph:cluster.network.existing.loadBalancerCidrs[0]",
        /^must have no bits set beyond its prefix/,
        set("'ralph:cluster.network.existing.loadBalancerCidrs[0]'", "10.8.0.0/16"),
      ],
      ...["zones", "network.cidr", "network.natPerZone"].map((key): Expected => [
        `ralph:cluster.${key}`,
        /^must not be set: it has no effect with network\.existing$/,
        `pulumi config rm --path ralph:cluster.${key}`,
      ]),
      [
        "ralph:cluster.network.serviceCidr",
        /^must be within /,
        set("ralph:cluster.network.serviceCidr", "172.20.0.0/16"),
      ],
    ],
  },
  {
    name: "API ranges that are IPv6, all addresses, or have host bits",
    cluster: { api: { cidrs: ["2001:db8::/32", "0.0.0.0/0", "198.51.100.7/24"] } },
    expected: [
      [
        "ralph:cluster.api.cidrs[0]",
        /^must be an IPv4 range; it is "2001:db8::\/32"$/,
        "pulumi config rm --path 'ralph:cluster.api.cidrs[0]'",
      ],
      [
        "ralph:cluster.api.cidrs[1]",
        /^must not be set: a range of all addresses is api\.public$/,
        "pulumi config rm --path 'ralph:cluster.api.cidrs[1]'",
      ],
      [
        "ralph:cluster.api.cidrs[2]",
        /no bits set beyond its prefix; it is "198/,
        set("'ralph:cluster.api.cidrs[2]'", "198.51.100.0/24"),
      ],
    ],
  },
  {
    name: "more API ranges than EKS accepts",
    cluster: { api: { cidrs: ranges } },
    expected: [
      [
        "ralph:cluster.api.cidrs[40]",
        /^must not be set: the API server accepts at most 40 ranges$/,
        "pulumi config rm --path 'ralph:cluster.api.cidrs[40]'",
      ],
    ],
  },
  {
    name: "reads of Secrets without the log that has them",
    cluster: { ...PUBLIC, logs: { secretReads: true, types: ["api"] } },
    expected: [
      [
        "ralph:cluster.logs.secretReads",
        /^must not be set: only the log `audit` has reads of Secrets; add it to logs.types$/,
        "pulumi config rm --path ralph:cluster.logs.secretReads",
      ],
    ],
  },
  {
    name: "a key of another region",
    cluster: { ...PUBLIC, kmsKey: KEY.replace("us-west-2", "eu-west-1") },
    expected: [
      [
        "ralph:cluster.kmsKey",
        /^must be the ARN of a KMS key in .* us-west-2; it is "arn:aws:kms:eu-west-1:/,
        set("ralph:cluster.kmsKey", "arn:aws:kms:us-west-2:<account>:key/<id>"),
      ],
    ],
  },
  {
    name: "a key for volumes of another region",
    cluster: { ...PUBLIC, storage: { kmsKey: KEY.replace("us-west-2", "eu-west-1") } },
    expected: [
      [
        "ralph:cluster.storage.kmsKey",
        /^must be the ARN of a KMS key in .* us-west-2; it is "arn:aws:kms:eu-west-1:/,
        set("ralph:cluster.storage.kmsKey", "arn:aws:kms:us-west-2:<account>:key/<id>"),
      ],
    ],
  },
  {
    name: "the alias of a key",
    cluster: { ...PUBLIC, kmsKey: "alias/eks" },
    expected: [
      [
        "ralph:cluster.kmsKey",
        /^must be the ARN of a KMS key in .* us-west-2; it is "alias\/eks"$/,
        set("ralph:cluster.kmsKey", "arn:aws:kms:us-west-2:<account>:key/<id>"),
      ],
    ],
  },
  {
    name: "administrators that are sessions or duplicates, and a role that is not an ARN",
    cluster: {
      ...PUBLIC,
      admins: ["arn:aws:sts::123456789012:assumed-role/ops/me", ADMIN, ADMIN],
      auth: { roleArn: "deployers" },
    },
    expected: [
      [
        "ralph:cluster.admins[0]",
        /ARN of an IAM role or user; .*assumed-role/,
        set("'ralph:cluster.admins[0]'", "arn:aws:iam::<account>:role/<name>"),
      ],
      [
        "ralph:cluster.admins[2]",
        /^must be unique; .* is already listed$/,
        "pulumi config rm --path 'ralph:cluster.admins[2]'",
      ],
      [
        "ralph:cluster.auth.roleArn",
        /"deployers"$/,
        set("ralph:cluster.auth.roleArn", "arn:aws:iam::<account>:role/<name>"),
      ],
    ],
  },
  {
    name: "a role of the provider that the kubeconfig does not assume",
    foreign: { "aws:profile": "base", "aws:assumeRoles": `[{"roleArn":"${ADMIN}"}]` },
    expected: [
      [
        "ralph:cluster.auth.roleArn",
        /^is missing: the kubeconfig's AWS CLI does not read aws:assumeRoles/,
        set("ralph:cluster.auth.roleArn", "<ARN of that role>"),
      ],
    ],
  },
  {
    name: "a key of the provider that the kubeconfig does not see",
    foreign: { "aws:accessKey": "AKIA" },
    expected: [
      [
        "ralph:cluster.auth.profile",
        /^is missing: the kubeconfig's AWS CLI does not read aws:accessKey/,
        set("ralph:cluster.auth.profile", "<profile with that key>"),
      ],
    ],
  },
  {
    name: "a path and a boundary of roles that IAM does not accept",
    cluster: { ...PUBLIC, iam: { path: "ralph", permissionsBoundary: "ralph-boundary" } },
    expected: [
      [
        "ralph:cluster.iam.path",
        /begin and end with '\/'; it is "ralph"$/,
        set("ralph:cluster.iam.path", "/ralph/"),
      ],
      [
        "ralph:cluster.iam.permissionsBoundary",
        /^must be the ARN of an IAM policy; it is "ralph-boundary"$/,
        set("ralph:cluster.iam.permissionsBoundary", "arn:aws:iam::<account>:policy/<name>"),
      ],
    ],
  },
  {
    name: "a log retention that CloudWatch does not support",
    cluster: { ...PUBLIC, logs: { retentionDays: 10 } },
    expected: [
      [
        "ralph:cluster.logs.retentionDays",
        /^must be one of 1, 3, .*; it is 10$/,
        set("ralph:cluster.logs.retentionDays", "30"),
      ],
    ],
  },
  {
    name: "tags that are reserved or malformed",
    cluster: { ...PUBLIC, tags: { "aws:owner": "x", stack: "y", "cost#centre": "z", note: "a;b" } },
    expected: [
      [
        'ralph:cluster.tags["aws:owner"]',
        /^must be a key of 1 to 128/,
        `pulumi config rm --path 'ralph:cluster.tags["aws:owner"]'`,
      ],
      [
        "ralph:cluster.tags.stack",
        /^must not be set: the program sets this tag$/,
        "pulumi config rm --path ralph:cluster.tags.stack",
      ],
      [
        'ralph:cluster.tags["cost#centre"]',
        /^must be a key of 1 to 128/,
        `pulumi config rm --path 'ralph:cluster.tags["cost#centre"]'`,
      ],
      ["ralph:cluster.tags.note", /at most 256/, set("ralph:cluster.tags.note", "a-b")],
    ],
  },
];
