/**
 * Proves that each rule of a GKE cluster's configuration refuses what breaks it, with the key, the rule and
 * the command that mends it, all at once and before anything is registered; and what is only warned of.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { cloud } from "../../clusters/gke";
import { schema } from "../../clusters/gke/config";
import { machineSize, takesOnlyHyperdisk } from "../../clusters/gke/machine";
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

const quoted = (word: string) => (/^[\w:./-]+$/.test(word) ? word : `'${word}'`);
const set = (path: string, value: string) =>
  `pulumi config set --path ${quoted(`ralph:cluster.${path}`)} ${quoted(value)}`;
const rm = (path: string) => `pulumi config rm --path ${quoted(`ralph:cluster.${path}`)}`;
/** The line of a key that one command mends. */
const mend = (path: string, rule: string, value?: string): Line => [
  `ralph:cluster.${path}`,
  rule,
  value === undefined ? rm(path) : set(path, value),
];

const NAME_RULE = "must be at most 40 lower-case letters, digits and '-', from a letter on";
const ACCOUNT_RULE = "must be 6 to 30 lower-case letters, digits and '-', from a letter on";
const KMS_VALUE = "projects/<project>/locations/us-central1/keyRings/<ring>/cryptoKeys/<key>";
const LONG = "ralph-orchestrator-of-a-team";

const BAD: readonly Bad[] = [
  // The provider's keys
  { foreign: {}, expected: [["gcp:project", "is missing", "pulumi config set gcp:project <project-id>"]] },
  {
    foreign: { "gcp:project": "Acme" },
    expected: [
      [
        "gcp:project",
        "\"Acme\" must be a project id: 6 to 30 lower-case letters, digits and '-'",
        "pulumi config set gcp:project <project-id>",
      ],
    ],
  },
  {
    foreign: { ...FOREIGN, "gcp:region": "europe-west4", "gcp:zone": "europe-west4-a" },
    expected: [
      [
        "gcp:region",
        "europe-west4 is not where cluster.location us-central1-a is",
        "pulumi config rm gcp:region",
      ],
      [
        "gcp:zone",
        "europe-west4-a is not where cluster.location us-central1-a is",
        "pulumi config rm gcp:zone",
      ],
    ],
  },
  // Names
  { cluster: { name: "Ralph_1" }, expected: [mend("name", `"Ralph_1" ${NAME_RULE}`, "ralph-cluster")] },
  {
    cluster: { name: `r${"a".repeat(40)}`, serviceAccount: "ralph-nodes" },
    expected: [mend("name", `"r${"a".repeat(40)}" ${NAME_RULE}`, "ralph-cluster")],
  },
  {
    cluster: { name: LONG },
    expected: [mend("serviceAccount", `"${LONG}-nodes" ${ACCOUNT_RULE}`, "ralph-nodes")],
  },
  {
    cluster: { serviceAccount: "me@acme" },
    expected: [mend("serviceAccount", `"me@acme" ${ACCOUNT_RULE}`, "ralph-nodes")],
  },
  // Places
  {
    cluster: { location: "US Central" },
    expected: [
      mend(
        "location",
        '"US Central" must be a zone such as us-central1-a or a region such as us-central1',
        "us-central1-a",
      ),
    ],
  },
  {
    cluster: { zones: ["us-central1-a", "us-east1-b", "us-central1-b", "us-central1-b"] },
    expected: [
      mend("zones[0]", '"us-central1-a" is named twice; the zone of cluster.location counts already'),
      mend("zones[1]", '"us-east1-b" must be a zone of us-central1', "us-central1-b"),
      mend("zones[3]", '"us-central1-b" is named twice; the zone of cluster.location counts already'),
    ],
  },
  {
    cluster: { location: "us-central1", zones: ["us-central1"] },
    expected: [
      mend("zones[0]", '"us-central1" is named twice; the zone of cluster.location counts already'),
      mend("zones[0]", '"us-central1" must be a zone of us-central1', "us-central1-b"),
    ],
  },
  // Machines
  ...(
    [
      ["t3.medium", '"t3.medium" must be a machine type such as n1-standard-2'],
      ["e2-small", "e2-small has 2 vCPU and 2 GiB; a node needs 2 and 4"],
      ["n1-standard-1", "n1-standard-1 has 1 vCPU and 3.75 GiB; a node needs 2 and 4"],
      ["n2-highcpu-2", "n2-highcpu-2 has 2 vCPU and 2 GiB; a node needs 2 and 4"],
      ["e2-custom-2-2048", "e2-custom-2-2048 has 2 vCPU and 2 GiB; a node needs 2 and 4"],
    ] as const
  ).map(([machineType, rule]) => ({
    cluster: { nodes: { machineType } },
    expected: [mend("nodes.machineType", rule, "n1-standard-2")],
  })),
  {
    cluster: { nodes: { machineType: "c4-standard-4" }, storage: { rwo: "premium-rwo" } },
    expected: [
      mend("storage.rwo", "premium-rwo makes Persistent Disks, and c4-standard-4 takes only Hyperdisk"),
    ],
  },
  // Versions
  {
    cluster: { version: "latest" },
    expected: [mend("version", '"latest" must be a version such as 1.35, or none: in YAML it needs quotes')],
  },
  {
    cluster: { version: 1.4 },
    expected: [mend("version", '"1.4" must be a version such as 1.35, or none: in YAML it needs quotes')],
  },
  {
    cluster: { version: "1.32" },
    expected: [mend("version", "1.32 has left the release channels; the oldest is 1.33")],
  },
  {
    cluster: { version: "1.35.1-gke.100" },
    expected: [mend("version", "1.35.1-gke.100 names a patch, which the channel REGULAR chooses: only 1.35")],
  },
  // Maintenance
  {
    cluster: { maintenance: { days: ["SU"], start: "8 am", hours: 6 } },
    expected: [
      mend("maintenance.hours", "24 hours in four weeks; GKE needs 48", "12"),
      mend("maintenance.start", '"8 am" must be a time of day, such as 08:00', "08:00"),
    ],
  },
  // Keys
  {
    cluster: { kmsKey: "my-key" },
    expected: [mend("kmsKey", `must look like ${KMS_VALUE}`, KMS_VALUE)],
  },
  {
    cluster: { kmsKey: KEY.replace("us-central1", "global") },
    expected: [mend("kmsKey", "lies in global; it must lie in the cluster's region us-central1", KMS_VALUE)],
  },
  // Networks
  {
    cluster: { api: { public: false, cidrs: ["203.0.113.7/24", "2001:db8::/32"] } },
    expected: [
      mend("api.cidrs[0]", "203.0.113.7/24 has bits behind its prefix", "203.0.113.0/24"),
      mend("api.cidrs[1]", "2001:db8::/32 must be an IPv4 range"),
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
      mend("network.nodes", '"10.0.0.0" must be a range such as 10.0.0.0/20', "10.0.0.0/20"),
      mend("network.pods", "10.4.0.1/14 has bits behind its prefix", "10.4.0.0/14"),
      mend("network.services", "10.8.0.0/28 must be at least a /27", "10.8.0.0/20"),
      mend("network.controlPlane", "172.16.0.0/24 must be a /28", "172.16.0.0/28"),
    ],
  },
  {
    cluster: { network: { nodes: "10.4.0.0/20", services: "10.7.0.0/20", controlPlane: "10.4.0.16/28" } },
    expected: [
      mend("network.pods", "10.4.0.0/14 overlaps network.nodes 10.4.0.0/20", "10.0.0.0/14"),
      mend("network.services", "10.7.0.0/20 overlaps network.pods 10.4.0.0/14", "10.8.0.0/20"),
      mend("network.controlPlane", "10.4.0.16/28 overlaps network.nodes 10.4.0.0/20", "172.16.0.0/28"),
      mend("network.controlPlane", "10.4.0.16/28 overlaps network.pods 10.4.0.0/14", "172.16.0.0/28"),
    ],
  },
  {
    cluster: { nodes: { max: 20 }, network: { nodes: "10.0.0.0/28", pods: "10.4.0.0/20" } },
    expected: [
      mend(
        "network.nodes",
        "10.0.0.0/28 has room for 12 nodes; nodes.max 20 needs 21 in an upgrade",
        "10.0.0.0/20",
      ),
      mend(
        "network.pods",
        "10.4.0.0/20 has room for 16 nodes; nodes.max 20 needs 21 in an upgrade",
        "10.4.0.0/14",
      ),
    ],
  },
  {
    cluster: { nodes: { max: 15, spot: true }, network: { pods: "10.4.0.0/20" } },
    expected: [
      mend(
        "network.pods",
        "10.4.0.0/20 has room for 16 nodes; nodes.max 15 needs 19 in an upgrade",
        "10.4.0.0/14",
      ),
    ],
  },
  {
    cluster: { nodes: { max: 1100 } },
    expected: [
      mend(
        "network.pods",
        "10.4.0.0/14 has room for 1024 nodes; nodes.max 1100 needs 1101 in an upgrade",
        "10.16.0.0/13",
      ),
    ],
  },
  // Labels
  {
    cluster: { tags: { stack: "mine", "Cost Centre": "x", owner: "Team A" } },
    expected: [
      mend("tags.stack", "is set by the program"),
      mend(
        'tags["Cost Centre"]',
        "must be a label key: at most 63 lower-case letters, digits, '_' and '-', from a letter on",
      ),
      mend("tags.owner", `"Team A" must be at most 63 lower-case letters, digits, '_' and '-'`, "team-a"),
    ],
  },
  // What every cloud's nodes keep
  {
    cluster: { nodes: { count: 2 } },
    expected: [mend("nodes.min", "must be at most nodes.count, 2; it is 3", "2")],
  },
  {
    cluster: { api: { public: false } },
    expected: [
      mend(
        "api.public",
        "must be true when api.cidrs is empty, or no one could reach the cluster; it is false",
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
        "has no gke-gcloud-auth-plugin, by which the kubeconfig authenticates",
        "gcloud components install gke-gcloud-auth-plugin",
      ],
    ],
  },
  {
    path: "/nonexistent",
    cluster: { credentials: "gcloud" },
    expected: [
      [
        "PATH",
        "has no gcloud, by which the kubeconfig authenticates",
        "https://cloud.google.com/sdk/docs/install",
      ],
      [
        "PATH",
        "has no gke-gcloud-auth-plugin, by which the kubeconfig authenticates",
        "gcloud components install gke-gcloud-auth-plugin",
      ],
    ],
  },
  // All at once
  {
    foreign: {},
    cluster: { name: "-", location: "us-central1-b", kmsKey: "k", nodes: { machineType: "f1-micro" } },
    expected: [
      ["gcp:project", "is missing", "pulumi config set gcp:project <project-id>"],
      mend("name", `"-" ${NAME_RULE}`, "ralph-cluster"),
      mend("kmsKey", `must look like ${KMS_VALUE}`, KMS_VALUE),
      mend("nodes.machineType", "f1-micro has 1 vCPU and 0.6 GiB; a node needs 2 and 4", "n1-standard-2"),
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
            const told = lines.map((line) => line.trim().split(/ {2,}/));
            assert.deepEqual(told.sort(), expected.map((line) => [...line]).sort());
            return true;
          });
        } finally {
          process.env.PATH = PATH;
        }
      });
    }
  });

  describe("warns", () => {
    const warningsOf = (cluster: object) => cloud.warnings(schema.parse({ ...PUBLIC, ...cluster }));
    const without = { storage: { filestore: { enabled: false } } };
    const filestore = (tier: string, gib: number) =>
      `Filestore makes every ${tier} volume at least ${gib} GiB, and bills that, whatever a claim asks for. ` +
      "Without it: pulumi config set --path ralph:cluster.storage.filestore.enabled false";

    it("of nothing, where nothing is unwise", () => assert.deepEqual(warningsOf(without), []));

    it("of the least that a Filestore volume costs", () => {
      assert.deepEqual(warningsOf({}), [filestore("BASIC_HDD", 100)]);
      const storage = { filestore: { tier: "ENTERPRISE" } };
      assert.deepEqual(warningsOf({ storage }), [filestore("ENTERPRISE", 1024)]);
    });

    it("of more zones than nodes, of an unknown version, and of an API server that is open to all", () => {
      const cluster = { ...without, location: "us-central1", nodes: { count: 2, min: 2 }, version: "1.38" };
      assert.deepEqual(warningsOf({ ...cluster, api: { cidrs: ["0.0.0.0/0"] } }), [
        "Kubernetes 1.38 is newer than 1.37, the newest version this program was written for.",
        "3 zones for 2 nodes: some zones start empty. pulumi config set --path ralph:cluster.nodes.count 3",
        "Every address may reach the API server by 0.0.0.0/0. The DNS endpoint asks IAM first: " +
          "pulumi config rm --path 'ralph:cluster.api.cidrs' && pulumi config set --path ralph:cluster.api.public true",
      ]);
    });
  });

  describe("reads a machine type's name", () => {
    const cases: [string, number | undefined, number | undefined][] = [
      ["n1-standard-2", 2, 7.5],
      ["n1-highcpu-4", 4, 3.6],
      ["e2-medium", 2, 4],
      ["e2-highcpu-4", 4, 4],
      ["n2-highmem-8", 8, 64],
      ["c3-standard-4-lssd", 4, 16],
      ["n2-custom-4-10240", 4, 10],
      ["custom-2-4096", 2, 4],
      ["n2d-custom-2-65536-ext", 2, 64],
      ["a2-highgpu-1g", undefined, undefined],
    ];
    for (const [type, cpus, gib] of cases) {
      it(`${type}: ${cpus} vCPU, ${gib} GiB`, () => {
        const size = machineSize(type);
        assert.equal(size?.cpus, cpus);
        assert.ok(gib === undefined ? size === undefined : Math.abs((size?.gib ?? 0) - gib) < 1e-9);
      });
    }

    it("from which series on it takes only Hyperdisk", () => {
      const only = ["c4-standard-4", "c4a-highmem-8", "c4d-standard-8-lssd", "n4-custom-4-16384"].concat(
        ["n4a-standard-2", "n4d-standard-2", "m4-megamem-28", "x4-megamem-960-metal", "h4d-standard-192"],
        ["g4-standard-48", "a4-highgpu-8g", "a4x-highgpu-4g", "a3-ultragpu-8g"],
      );
      const both = ["n1-standard-2", "e2-medium", "c3-standard-4", "c3d-standard-4", "t2d-standard-4"].concat(
        ["n2-custom-4-10240", "custom-2-4096", "m3-megamem-64", "h3-standard-88", "a3-highgpu-8g"],
        ["z3-highmem-88", "f1-micro"],
      );
      assert.deepEqual([...only, ...both].filter(takesOnlyHyperdisk), only);
    });
  });
});
