/**
 * Proves that each rule of a GKE cluster's configuration refuses what breaks it, with the key, the rule and the
 * command that fixes it, all at once and before anything is registered.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { brief } from "../../config/findings";
import { FOREIGN, KEY, PUBLIC, withPrograms } from "../support/gke";
import { runStack, type StackConfig } from "../support/stack";

/** Key, rule and fix, as the table of an error has them. */
type Line = readonly [key: string, rule: string, fix: string];

interface Bad {
  readonly cluster?: StackConfig;
  readonly foreign?: Readonly<Record<string, string>>;
  /** PATH meanwhile. */
  readonly path?: string;
  readonly expected: readonly Line[];
}

const quoted = (word: string) => (/^[\w:./<>-]+$/.test(word) ? word : `'${word}'`);
const set = (path: string, value: string) =>
  `pulumi config set --path ${quoted(`ralph:cluster.${path}`)} ${quoted(value)}`;
const rm = (path: string) => `pulumi config rm --path ${quoted(`ralph:cluster.${path}`)}`;
/** The line of a key that one command fixes. */
const line = (path: string, rule: string, value?: string): Line => [
  `ralph:cluster.${path}`,
  rule,
  value === undefined ? rm(path) : set(path, value),
];

const NAME_RULE = "must be 1 to 40 lower-case letters, digits and '-', with a letter first and no '-' last";
const ACCOUNT_RULE =
  "must be 6 to 30 lower-case letters, digits and '-', with a letter first and no '-' last";
const SIZE_RULE = "must have at least 2 vCPU and 4 GiB, and has";
const VERSION_RULE = "must be a version such as 1.35, in quotes in a stack file";
const KMS_RULE = "must be the resource name of a KMS key in the cluster's region, us-central1";
const WHOLE_RULE = "must have no bits set beyond its prefix";
const roomRule = (nodes: number, room: number) =>
  `must have room for ${nodes} nodes, those of an upgrade included, and has room for ${room}`;
const KMS_VALUE = "projects/<project>/locations/us-central1/keyRings/<ring>/cryptoKeys/<key>";
const INSTALL_PLUGIN =
  "gcloud components install gke-gcloud-auth-plugin, or apt-get install google-cloud-cli-gke-gcloud-auth-plugin";
const LONG = "ralph-orchestrator-of-a-team";

const BAD: readonly Bad[] = [
  // The provider's keys
  { foreign: {}, expected: [["gcp:project", "is missing", "pulumi config set gcp:project <project-id>"]] },
  {
    foreign: { "gcp:project": "Acme" },
    expected: [
      [
        "gcp:project",
        "must be a project id of 6 to 30 lower-case letters, digits and '-'; it is \"Acme\"",
        "pulumi config set gcp:project <project-id>",
      ],
    ],
  },
  {
    foreign: { ...FOREIGN, "gcp:region": "europe-west4", "gcp:zone": "europe-west4-a" },
    expected: [
      [
        "gcp:region",
        'must be in the region of cluster.location, us-central1-a; it is "europe-west4"',
        "pulumi config rm gcp:region",
      ],
      [
        "gcp:zone",
        'must be in the region of cluster.location, us-central1-a; it is "europe-west4-a"',
        "pulumi config rm gcp:zone",
      ],
    ],
  },
  // Names
  {
    cluster: { name: "Ralph_1" },
    expected: [line("name", `${NAME_RULE}; it is "Ralph_1"`, "ralph-cluster")],
  },
  {
    cluster: { name: `r${"a".repeat(40)}`, serviceAccount: "ralph-nodes" },
    expected: [line("name", `${NAME_RULE}; it is "r${"a".repeat(40)}"`, "ralph-cluster")],
  },
  {
    cluster: { name: LONG },
    expected: [line("serviceAccount", `${ACCOUNT_RULE}; it is "${LONG}-nodes"`, "ralph-nodes")],
  },
  {
    cluster: { serviceAccount: "me@acme" },
    expected: [line("serviceAccount", `${ACCOUNT_RULE}; it is "me@acme"`, "ralph-nodes")],
  },
  // Places
  {
    cluster: { location: "US Central" },
    expected: [
      line(
        "location",
        'must be a zone such as us-central1-a or a region such as us-central1; it is "US Central"',
        "us-central1-a",
      ),
    ],
  },
  {
    cluster: { zones: ["us-central1-a", "us-east1-b", "us-central1-b", "us-central1-b"] },
    expected: [
      line("zones[0]", "must not be set: cluster.location already includes it"),
      line("zones[1]", 'must be a zone of us-central1; it is "us-east1-b"', "us-central1-b"),
      line("zones[3]", 'must be unique; "us-central1-b" is already listed'),
    ],
  },
  {
    cluster: { location: "us-central1", zones: ["us-central1"] },
    expected: [
      line("zones[0]", "must not be set: cluster.location already includes it"),
      line("zones[0]", 'must be a zone of us-central1; it is "us-central1"', "us-central1-b"),
    ],
  },
  // Machines
  ...(
    [
      ["t3.medium", "must be a machine type such as n1-standard-2"],
      ["e2-small", `${SIZE_RULE} 2 vCPU and 2 GiB`],
      ["n1-standard-1", `${SIZE_RULE} 1 vCPU and 3.75 GiB`],
      ["n2-highcpu-2", `${SIZE_RULE} 2 vCPU and 2 GiB`],
      ["e2-custom-2-2048", `${SIZE_RULE} 2 vCPU and 2 GiB`],
    ] as const
  ).map(([machineType, rule]) => ({
    cluster: { nodes: { machineType } },
    expected: [line("nodes.machineType", `${rule}; it is "${machineType}"`, "n1-standard-2")],
  })),
  {
    cluster: { nodes: { machineType: "c4-standard-4" }, storage: { rwo: "premium-rwo" } },
    expected: [
      line(
        "storage.rwo",
        "must not be set: premium-rwo is a Persistent Disk, and c4-standard-4 supports only Hyperdisk",
      ),
    ],
  },
  {
    cluster: { nodes: { machineType: "n4-standard-2", diskType: "pd-standard" } },
    expected: [line("nodes.diskType", "must not be set: n4-standard-2 does not boot from pd-standard")],
  },
  {
    cluster: { nodes: { diskType: "hyperdisk-balanced" } },
    expected: [
      line("nodes.diskType", "must not be set: n1-standard-2 does not boot from hyperdisk-balanced"),
    ],
  },
  {
    cluster: {
      nodePools: [
        { name: "Builds", machineType: "t3.medium", max: 1 },
        { name: "ok", machineType: "e2-medium", max: 1, labels: { "node.kubernetes.io/x": "y" } },
      ],
    },
    expected: [
      line(
        "nodePools[0].name",
        `must be 1 to 19 lower-case letters, digits and '-', with a letter first and no '-' last; it is "Builds"`,
        "builds",
      ),
      line(
        "nodePools[0].machineType",
        'must be a machine type such as n1-standard-2; it is "t3.medium"',
        "n1-standard-2",
      ),
      line(
        'nodePools[1].labels["node.kubernetes.io/x"]',
        "must not be set: GKE refuses labels of Kubernetes' own domains",
      ),
    ],
  },
  // Versions
  {
    cluster: { version: "latest" },
    expected: [line("version", `${VERSION_RULE}; it is "latest"`, "1.35")],
  },
  {
    cluster: { version: 1.4 },
    expected: [line("version", `${VERSION_RULE}; it is "1.4"`, "1.35")],
  },
  {
    cluster: { version: "1.32" },
    expected: [line("version", 'must be 1.33 or newer, the versions in support; it is "1.32"', "1.35")],
  },
  {
    cluster: { version: "1.35.1-gke.100" },
    expected: [
      line(
        "version",
        'must have no patch, which the channel REGULAR chooses; it is "1.35.1-gke.100"',
        "1.35",
      ),
    ],
  },
  // Maintenance
  {
    cluster: { maintenance: { days: ["SU"], start: "8 am", hours: 6 } },
    expected: [
      line("maintenance.hours", "must add up to 48 hours in four weeks, and adds up to 24; it is 6", "12"),
      line("maintenance.start", 'must be a time of day such as 08:00; it is "8 am"', "08:00"),
    ],
  },
  {
    cluster: {
      maintenance: {
        exclusions: [
          { name: "freeze", start: "2026-12-18", end: "2027-01-04T00:00:00Z" },
          { name: "freeze", start: "2027-02-02T00:00:00Z", end: "2027-02-01T00:00:00Z" },
        ],
      },
    },
    expected: [
      line(
        "maintenance.exclusions[0].start",
        'must be a time in UTC such as 2026-12-18T00:00:00Z; it is "2026-12-18"',
      ),
      line("maintenance.exclusions[1].name", 'must be unique; "freeze" is already listed'),
      line(
        "maintenance.exclusions[1].end",
        'must be after start, 2027-02-02T00:00:00Z; it is "2027-02-01T00:00:00Z"',
      ),
    ],
  },
  // Keys
  {
    cluster: { kmsKey: "my-key" },
    expected: [line("kmsKey", `${KMS_RULE}; it is "my-key"`, KMS_VALUE)],
  },
  {
    cluster: { kmsKey: KEY.replace("us-central1", "global") },
    expected: [
      line("kmsKey", `${KMS_RULE}; it is ${brief(KEY.replace("us-central1", "global"))}`, KMS_VALUE),
    ],
  },
  {
    cluster: { storage: { kmsKey: "my-key", filestore: { tier: "ZONAL" } } },
    expected: [line("storage.kmsKey", `${KMS_RULE}; it is "my-key"`, KMS_VALUE)],
  },
  {
    cluster: { storage: { kmsKey: KEY } },
    expected: [
      line(
        "storage.filestore.tier",
        'must be ZONAL, REGIONAL or ENTERPRISE beside storage.kmsKey: the basic tiers accept no key; it is "BASIC_HDD"',
        "REGIONAL",
      ),
    ],
  },
  // Networks
  {
    cluster: { api: { public: false, cidrs: ["203.0.113.7/24", "2001:db8::/32"] } },
    expected: [
      line("api.cidrs[0]", `${WHOLE_RULE}; it is "203.0.113.7/24"`, "203.0.113.0/24"),
      line("api.cidrs[1]", 'must be an IPv4 range; it is "2001:db8::/32"'),
    ],
  },
  {
    cluster: {
      network: {
        nodes: "10.0.0.0",
        pods: "10.4.0.1/14",
        services: "10.8.0.0/28",
        controlPlane: "172.16.0.0/24",
      },
    },
    expected: [
      line("network.nodes", 'must be an IPv4 range such as 10.0.0.0/20; it is "10.0.0.0"', "10.0.0.0/20"),
      line("network.pods", `${WHOLE_RULE}; it is "10.4.0.1/14"`, "10.4.0.0/14"),
      line("network.services", 'must be a /27 or larger; it is "10.8.0.0/28"', "10.8.0.0/20"),
      line("network.controlPlane", 'must be a /28; it is "172.16.0.0/24"', "172.16.0.0/28"),
    ],
  },
  {
    cluster: { network: { nodes: "10.4.0.0/20", services: "10.7.0.0/20", controlPlane: "10.4.0.16/28" } },
    expected: [
      line("network.pods", 'must not overlap network.nodes, 10.4.0.0/20; it is "10.4.0.0/14"', "10.0.0.0/14"),
      line(
        "network.services",
        'must not overlap network.pods, 10.4.0.0/14; it is "10.7.0.0/20"',
        "10.8.0.0/20",
      ),
      line(
        "network.controlPlane",
        'must not overlap network.nodes, 10.4.0.0/20; it is "10.4.0.16/28"',
        "172.16.0.0/28",
      ),
      line(
        "network.controlPlane",
        'must not overlap network.pods, 10.4.0.0/14; it is "10.4.0.16/28"',
        "172.16.0.0/28",
      ),
    ],
  },
  {
    cluster: { nodes: { max: 20 }, network: { nodes: "10.0.0.0/28", pods: "10.4.0.0/20" } },
    expected: [
      line("network.nodes", `${roomRule(21, 12)}; it is "10.0.0.0/28"`, "10.0.0.0/20"),
      line("network.pods", `${roomRule(21, 16)}; it is "10.4.0.0/20"`, "10.4.0.0/14"),
    ],
  },
  {
    cluster: { nodes: { max: 15, spot: true }, network: { pods: "10.4.0.0/20" } },
    expected: [line("network.pods", `${roomRule(19, 16)}; it is "10.4.0.0/20"`, "10.4.0.0/14")],
  },
  {
    cluster: { nodes: { max: 1100 } },
    expected: [line("network.pods", `${roomRule(1101, 1024)}; it is "10.4.0.0/14"`, "10.16.0.0/13")],
  },
  // Labels
  {
    cluster: { tags: { stack: "mine", "Cost Centre": "x", owner: "Team A" } },
    expected: [
      line("tags.stack", "must not be set: the program sets this tag"),
      line(
        'tags["Cost Centre"]',
        `must be a label key: 1 to 63 lower-case letters, digits, '_' and '-', with a letter first; it is "Cost Centre"`,
      ),
      line(
        "tags.owner",
        `must be at most 63 lower-case letters, digits, '_' and '-'; it is "Team A"`,
        "team-a",
      ),
    ],
  },
  // The rules that every cloud has
  {
    cluster: { nodes: { count: 2 } },
    expected: [line("nodes.min", "must be at most nodes.count, 2; it is 3", "2")],
  },
  {
    cluster: { api: { public: false } },
    expected: [
      line(
        "api.public",
        "must be true when api.cidrs is empty and api.private is false, or no one could reach the cluster; it is false",
        "true",
      ),
    ],
  },
  // Programs
  {
    path: "/nonexistent",
    expected: [
      [
        "PATH",
        "must contain gke-gcloud-auth-plugin, which the kubeconfig needs to authenticate",
        INSTALL_PLUGIN,
      ],
    ],
  },
  {
    path: "/nonexistent",
    cluster: { credentials: "gcloud" },
    expected: [
      [
        "PATH",
        "must contain gcloud, which the kubeconfig needs to authenticate",
        "https://cloud.google.com/sdk/docs/install",
      ],
      [
        "PATH",
        "must contain gke-gcloud-auth-plugin, which the kubeconfig needs to authenticate",
        INSTALL_PLUGIN,
      ],
    ],
  },
  // All at once
  {
    foreign: {},
    cluster: { name: "-", location: "us-central1-b", kmsKey: "k", nodes: { machineType: "f1-micro" } },
    expected: [
      ["gcp:project", "is missing", "pulumi config set gcp:project <project-id>"],
      line("name", `${NAME_RULE}; it is "-"`, "ralph-cluster"),
      line("kmsKey", `${KMS_RULE}; it is "k"`, KMS_VALUE),
      line("nodes.machineType", `${SIZE_RULE} 1 vCPU and 0.6 GiB; it is "f1-micro"`, "n1-standard-2"),
    ],
  },
];

describe("the GKE configuration", () => {
  describe("refuses", () => {
    withPrograms();
    for (const { cluster, foreign = FOREIGN, expected, path: at } of BAD) {
      it(expected.map(([key, rule]) => `${key} ${rule}`).join("; "), async () => {
        const { PATH } = process.env;
        process.env.PATH = at ?? PATH;
        try {
          const stack = { config: { cloud: "gke", cluster: { ...PUBLIC, ...cluster } }, foreign };
          await assert.rejects(runStack(stack), (error: Error) => {
            assert.ok(pulumi.RunError.isInstance(error), String(error));
            const [, ...lines] = error.message.split("\n");
            const told = lines.map((each) => each.trim().split(/ {2,}/));
            assert.deepEqual(told.sort(), expected.map((each) => [...each]).sort());
            return true;
          });
        } finally {
          process.env.PATH = PATH;
        }
      });
    }
  });
});
