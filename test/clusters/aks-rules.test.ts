/**
 * Proves that what Azure would reject is rejected before any call: for each rule, a configuration that breaks it and
 * exactly the problems that are reported; that all problems are reported at once; and every warning.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { cloud } from "../../clusters/aks";
import { ADMIN, KEY, MINIMAL, onlyPrograms, REGION, run, VAULT } from "../support/aks";

/** Key without `ralph:cluster.`, rule, and the value that the fix sets; null if it removes the key. */
type Row = readonly [key: string, rule: string, set: string | null];

interface Bad {
  readonly cluster: object;
  readonly problems: readonly Row[];
}

const ranges = (count: number) => Array.from({ length: count }, (_, i) => `203.0.${i}.0/24`);
const size = 'must be a size of Azure, such as Standard_D4s_v5; it is "';
const poolName = 'must be 1 to 12 lower-case letters and digits, a letter first; it is "';

const BAD: Readonly<Record<string, Bad>> = {
  "a name that ends with a dash": {
    cluster: { name: "ralph-" },
    problems: [
      [
        "name",
        `must be 1 to 63 letters, digits, '-' and '_', a letter or digit first and last; it is "ralph-"`,
        "ralph-cluster",
      ],
    ],
  },
  "a resource group that ends with a dot": {
    cluster: { resourceGroup: "ralph." },
    problems: [
      [
        "resourceGroup",
        `must be 1 to 90 letters, digits, '-', '_', '(', ')' and '.', no '.' last; it is "ralph."`,
        "ralph-rg",
      ],
    ],
  },
  "names too long for the node resource group": {
    cluster: { resourceGroup: "g".repeat(60) },
    problems: [
      [
        "resourceGroup",
        `with name and region it makes MC_${"g".repeat(60)}_ralph-cluster_westeurope, 88 letters; AKS takes 80 for the nodes' group`,
        "ralph-rg",
      ],
    ],
  },
  "a DNS prefix with an underscore": {
    cluster: { dnsPrefix: "ralph_1" },
    problems: [
      [
        "dnsPrefix",
        `must be 1 to 54 letters, digits and '-', a letter or digit first and last; it is "ralph_1"`,
        "ralph",
      ],
    ],
  },
  "pool names that AKS does not accept": {
    cluster: { pools: { system: "node-pool", spot: "abcdefghijklm" } },
    problems: [
      ["pools.system", `${poolName}node-pool"`, "nodepool1"],
      ["pools.spot", `${poolName}abcdefghijklm"`, "spot"],
    ],
  },
  "the same name for both pools": {
    cluster: { pools: { system: "spot" } },
    problems: [
      ["pools.spot", '"spot" is the name of the system pool: only a pool of its own can be spot', "spot1"],
    ],
  },
  "machine types of another cloud": {
    cluster: { nodes: { machineType: "n1-standard-2" }, system: { machineType: "DS2_v2" } },
    problems: [
      ["nodes.machineType", `${size}n1-standard-2"`, "Standard_D4s_v5"],
      ["system.machineType", `${size}DS2_v2"`, "Standard_D4s_v5"],
    ],
  },
  "a burstable machine type": {
    cluster: { nodes: { machineType: "Standard_B4ms" } },
    problems: [
      [
        "nodes.machineType",
        "Standard_B4ms is of a series that neither system nor spot pools take",
        "Standard_D4s_v5",
      ],
    ],
  },
  "a basic machine type for the system pool beside spot nodes": {
    cluster: { nodes: { spot: true }, system: { machineType: "Standard_A4_v2" } },
    problems: [
      [
        "system.machineType",
        "Standard_A4_v2 is of a series that neither system nor spot pools take",
        "Standard_D4s_v5",
      ],
    ],
  },
  "a machine type with one vCPU": {
    cluster: { nodes: { machineType: "Standard_DS1_v2" } },
    problems: [
      ["nodes.machineType", "Standard_DS1_v2 has 1 processor; AKS wants 2 at least", "Standard_D4s_v5"],
    ],
  },
  "a system pool with max below min": {
    cluster: { nodes: { spot: true }, system: { min: 4, max: 3 } },
    problems: [["system.max", "3 is below system.min 4", "4"]],
  },
  "more nodes than a pool can have": {
    cluster: { nodes: { max: 1001 }, network: { nodes: "10.224.0.0/20", pods: "10.64.0.0/10" } },
    problems: [["nodes.max", "1001 is above the 1000 nodes of a pool", "1000"]],
  },
  "a fourth zone, and a repeated one": {
    cluster: { zones: [1, 4, "1"] },
    problems: [
      ["zones[1]", 'must be 1, 2 or 3; it is "4"', "1"],
      ["zones[2]", "1 is listed before", null],
    ],
  },
  "a version that YAML read as a number": {
    cluster: { version: 1.4 },
    problems: [
      ["version", 'must be a version such as 1.35 or 1.35.2, in quotes in a stack file; it is "1.4"', "1.35"],
    ],
  },
  "a version that AKS no longer supports": {
    cluster: { version: "1.32" },
    problems: [["version", "1.32 is older than 1.33, the oldest that AKS still makes", "1.35"]],
  },
  "a patch beside the channel that chooses it": {
    cluster: { version: "1.35.2" },
    problems: [["version", "1.35.2 beside the channel patch, which chooses the patch itself", "1.35"]],
  },
  "a version beside a channel that chooses it": {
    cluster: { version: "1.35", channel: "stable" },
    problems: [["version", "1.35 beside the channel stable, which chooses the version itself", null]],
  },
  "a maintenance window with an invalid start and offset": {
    cluster: { maintenance: { start: "24:00", utcOffset: "+2" } },
    problems: [
      ["maintenance.start", 'must be a time such as 08:00; it is "24:00"', "08:00"],
      ["maintenance.utcOffset", 'must be an offset such as +00:00 or -07:00; it is "+2"', "+00:00"],
    ],
  },
  "networks that overlap": {
    cluster: { network: { pods: "10.0.0.0/14" } },
    problems: [["network.services", "10.0.0.0/16 overlaps network.pods 10.0.0.0/14", "'<another range>'"]],
  },
  "a network that AKS reserves": {
    cluster: { network: { services: "172.30.0.0/16", dnsServiceIP: "172.30.0.10" } },
    problems: [
      [
        "network.services",
        "172.30.0.0/16 overlaps 172.30.0.0/16, which AKS uses itself",
        "'<another range>'",
      ],
    ],
  },
  "a subnet outside the network": {
    cluster: { network: { nodes: "10.225.0.0/22" } },
    problems: [["network.nodes", "10.225.0.0/22 is not within network.vnet 10.224.0.0/16", "10.224.0.0/22"]],
  },
  "a range with host bits": {
    cluster: { network: { pods: "10.244.7.0/16" } },
    problems: [["network.pods", "10.244.7.0/16 has bits beyond its prefix", "10.244.0.0/16"]],
  },
  "a services range larger than AKS allows": {
    cluster: { network: { services: "10.32.0.0/11", dnsServiceIP: "10.32.0.10" } },
    problems: [["network.services", "10.32.0.0/11 is larger than the /12 that AKS takes", "10.32.0.0/16"]],
  },
  "a services range of eight addresses": {
    cluster: { network: { services: "10.0.0.0/29" } },
    problems: [["network.services", "10.0.0.0/29 must be at least a /27", "10.0.0.0/16"]],
  },
  "a DNS address outside the services range": {
    cluster: { network: { dnsServiceIP: "10.1.0.10" } },
    problems: [["network.dnsServiceIP", "10.1.0.10 is not within network.services 10.0.0.0/16", "10.0.0.10"]],
  },
  "a DNS address that is the first of the range": {
    cluster: { network: { dnsServiceIP: "10.0.0.0" } },
    problems: [["network.dnsServiceIP", "10.0.0.0 is the first address of network.services", "10.0.0.10"]],
  },
  "a DNS address that is the API server's": {
    cluster: { network: { dnsServiceIP: "10.0.0.1" } },
    problems: [
      [
        "network.dnsServiceIP",
        "10.0.0.1 is the address of the Kubernetes API in network.services",
        "10.0.0.10",
      ],
    ],
  },
  "ranges without room for the nodes of an upgrade": {
    cluster: { network: { nodes: "10.224.0.0/28", pods: "10.244.0.0/21" } },
    problems: [
      [
        "network.nodes",
        "10.224.0.0/28 has room for 11 nodes; there may be 14, those of an upgrade included",
        "10.224.0.0/22",
      ],
      [
        "network.pods",
        "10.244.0.0/21 has a /24 for 8 nodes; there may be 14, those of an upgrade included",
        "10.244.0.0/16",
      ],
    ],
  },
  "ranges without room, one of them in a network without room": {
    cluster: { nodes: { max: 200 }, network: { vnet: "10.224.0.0/24", nodes: "10.224.0.0/24" } },
    problems: [
      [
        "network.vnet",
        "10.224.0.0/24 has no room for a subnet of 266 nodes, those of an upgrade included",
        "10.224.0.0/23",
      ],
      [
        "network.nodes",
        "10.224.0.0/24 has room for 251 nodes; there may be 266, those of an upgrade included",
        "10.224.0.0/23",
      ],
      [
        "network.pods",
        "10.244.0.0/16 has a /24 for 256 nodes; there may be 266, those of an upgrade included",
        "10.244.0.0/15",
      ],
    ],
  },
  "ranges that cannot reach a public address": {
    cluster: { api: { cidrs: ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "203.0.113.7/24"] } },
    problems: [
      ["api.cidrs[0]", "10.0.0.0/8 is private: AKS sees the public address that requests come from", null],
      ["api.cidrs[1]", "0.0.0.0/0 is everybody: say so with api.public", null],
      ["api.cidrs[2]", "2001:db8::/32 is IPv6, which AKS does not take here", null],
      ["api.cidrs[3]", "203.0.113.7/24 has bits beyond its prefix", "203.0.113.0/24"],
    ],
  },
  "more ranges than AKS accepts": {
    cluster: { api: { cidrs: ranges(201) } },
    problems: [["api.cidrs", "are 201 ranges; AKS takes 200", null]],
  },
  "an API server that no one can reach": {
    cluster: { api: {} },
    problems: [
      [
        "api.public",
        "must be true when api.cidrs is empty, or no one could reach the cluster; it is false",
        "true",
      ],
    ],
  },
  "a cluster without administrators": {
    cluster: { admins: [] },
    problems: [
      [
        "admins[0].objectId",
        "is missing: local accounts are off, so without an administrator nobody could use the cluster",
        '"$(az ad signed-in-user show --query id --output tsv)"',
      ],
    ],
  },
  "an administrator by name, and a repeated one": {
    cluster: {
      admins: [{ objectId: "ralph@example.com" }, { objectId: ADMIN }, { objectId: ADMIN, type: "Group" }],
    },
    problems: [
      [
        "admins[0].objectId",
        'must be the object id of a user, group or service principal: a UUID; it is "ralph@example.com"',
        "'<object id>'",
      ],
      ["admins[2]", `${ADMIN} is listed before`, null],
    ],
  },
  "a key without its version": {
    cluster: { kmsKey: KEY.replace(/\/[^/]*$/, ""), kmsVault: VAULT },
    problems: [
      [
        "kmsKey",
        `must be the id of a Key Vault key with its version; it is "https://ralph.vault.azure.net/keys/etcd"`,
        "'https://<vault>.vault.azure.net/keys/<key>/<version>'",
      ],
    ],
  },
  "a vault by name": {
    cluster: { kmsKey: KEY, kmsVault: "ralph" },
    problems: [
      [
        "kmsVault",
        'must be the resource id of a Key Vault; it is "ralph"',
        "'/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.KeyVault/vaults/<vault>'",
      ],
    ],
  },
  "a key without its vault": {
    cluster: { kmsKey: KEY },
    problems: [
      [
        "kmsVault",
        "is missing: the cluster must be granted the use of kmsKey",
        "'<resource id of the vault>'",
      ],
    ],
  },
  "a vault without a key": {
    cluster: { kmsVault: VAULT },
    problems: [["kmsVault", "is set without kmsKey", null]],
  },
  "tags that Azure does not accept": {
    cluster: { tags: { stack: "x", "a/b": "x", owner: "x".repeat(257) } },
    problems: [
      ["tags.stack", "is set by this program", null],
      ['tags["a/b"]', "must be named by 1 to 128 letters, none of < > % & \\ ? /", null],
      ["tags.owner", "has 257 letters; Azure takes 256", "x".repeat(256)],
    ],
  },
  "more tags than Azure accepts": {
    cluster: { tags: Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`tag${i}`, "x"])) },
    problems: [["tags", "are 49 beside project and stack; Azure takes 50", null]],
  },
};

describe("an AKS configuration", () => {
  let restore: () => void;
  beforeEach(() => (restore = onlyPrograms("kubelogin", "az")));
  afterEach(() => restore());

  for (const [name, { cluster, problems }] of Object.entries(BAD)) {
    it(`is rejected: ${name}`, async () => {
      assert.deepEqual(await rejection({ ...MINIMAL, ...cluster }), problems.map(asLine));
    });
  }

  it("is rejected without a region, or with a display name as its region", async () => {
    const key = "azure-native:location";
    assert.deepEqual(await rejection(MINIMAL, {}), [
      [key, "is missing", `pulumi config set ${key} westeurope`],
    ]);
    assert.deepEqual(await rejection(MINIMAL, { [key]: "East US 2" }), [
      [key, 'must be a region\'s short name; it is "East US 2"', `pulumi config set ${key} eastus2`],
    ]);
  });

  for (const region of ["usgovvirginia", "usdodeast", "chinanorth3"]) {
    it(`is rejected in ${region}, a region of a sovereign cloud`, async () => {
      const key = "azure-native:location";
      assert.deepEqual(await rejection(MINIMAL, { [key]: region }), [
        [
          key,
          `${region} is of another Azure than the public one, whose logins and registries this program knows`,
          `pulumi config set ${key} westeurope`,
        ],
      ]);
    });
  }

  it("is rejected without the programs it needs to log in", async () => {
    const rule = (program: string) => `has no ${program}, by which the kubeconfig authenticates`;
    restore();
    restore = onlyPrograms();
    const kubelogin = [
      "PATH",
      rule("kubelogin"),
      "az aks install-cli, or https://azure.github.io/kubelogin/install.html",
    ];
    assert.deepEqual(await rejection(MINIMAL), [
      kubelogin,
      ["PATH", rule("az"), "https://aka.ms/install-azure-cli"],
    ]);
    assert.deepEqual(await rejection({ ...MINIMAL, login: "spn" }), [kubelogin]);
    assert.deepEqual(await rejection({ ...MINIMAL, login: "azd" }), [
      kubelogin,
      ["PATH", rule("azd"), "https://aka.ms/install-azd"],
    ]);
  });

  it("is rejected with all of its problems at once", async () => {
    const lines = await rejection(
      { version: "1.20", nodes: { min: 5, machineType: "big" }, network: { pods: "10.0.0.0/16" } },
      {},
    );
    assert.deepEqual(
      lines.map(([key]) => key?.replace("ralph:cluster.", "")),
      [
        "azure-native:location",
        "nodes.machineType",
        "admins[0].objectId",
        "version",
        "network.services",
        "nodes.min",
        "api.public",
      ],
    );
  });

  it("is rejected if a value has the wrong type", async () => {
    const keys = async (cluster: object) => (await rejection({ ...MINIMAL, ...cluster })).map(([key]) => key);
    for (const [key, value] of [
      ["tier", "Gold"],
      ["channel", "regular"],
      ["login", "devicecode"],
      ["logs.retentionDays", 7],
      ["maintenance.hours", 3],
      ["network.nodes", "10.224.0.0"],
      ["network.dnsServiceIP", "fd00::a"],
    ] as const) {
      const [outer = "", inner] = key.split(".");
      const cluster = { [outer]: inner === undefined ? value : { [inner]: value } };
      assert.deepEqual(await keys(cluster), [`ralph:cluster.${key}`]);
    }
  });

  it("warns of valid but risky settings, and of nothing else", async () => {
    const set = (key: string, value: unknown) => `pulumi config set --path ralph:cluster.${key} ${value}`;
    const good = { machineType: "Standard_D4s_v5" };
    const warned = async (cluster: object, location = "westeurope") => {
      const { warnings } = await run(
        { ...MINIMAL, nodes: good, ...cluster },
        { foreign: { "azure-native:location": location } },
      );
      return warnings.filter((warning) => !warning.startsWith("No API key"));
    };
    const old = "belongs to a series that Azure retires in 2028";
    const small = "has fewer than the 4 vCPUs recommended for system pools";
    const table: [object, string[]][] = [
      [{}, []],
      [
        { nodes: {} },
        [`Standard_DS2_v2 ${small} and ${old}: ${set("nodes.machineType", "Standard_D4s_v5")}`],
      ],
      [
        { nodes: { machineType: "Standard_D2s_v5" } },
        [`Standard_D2s_v5 ${small}: ${set("nodes.machineType", "Standard_D4s_v5")}`],
      ],
      // In this series the number is not that of vCPUs: it has 8.
      [
        { nodes: { machineType: "Standard_DS4_v2" } },
        [`Standard_DS4_v2 ${old}: ${set("nodes.machineType", "Standard_D4s_v5")}`],
      ],
      // Spot nodes may be small, system nodes may not.
      [
        {
          nodes: { machineType: "Standard_D2s_v5", spot: true },
          system: { min: 1, machineType: "Standard_E4-2s_v5" },
        },
        [
          `Standard_E4-2s_v5 ${small}: ${set("system.machineType", "Standard_D4s_v5")}`,
          `With a single system node, AKS's system pods stop whenever it is replaced: ${set("system.min", 2)}`,
        ],
      ],
      [
        { nodes: { machineType: "Standard_D4ps_v5" } },
        ["Standard_D4ps_v5 has Arm processors: the image must be built for arm64"],
      ],
      [
        { nodes: { ...good, min: 2, count: 2 }, zones: ["1", "2", "3"] },
        [`2 nodes cannot fill 3 zones: ${set("nodes.count", 3)}`],
      ],
      [
        { version: "1.38" },
        ["Kubernetes 1.38 is newer than 1.37, the newest version this program was written for."],
      ],
    ];
    for (const [cluster, warnings] of table) assert.deepEqual(await warned(cluster), warnings);
    assert.deepEqual(await warned({ zones: ["1"] }, "westus"), [
      "westus has no availability zones: pulumi config rm --path ralph:cluster.zones",
    ]);
  });

  it("is complete in the committed stack file, except for the administrators", async () => {
    const { config } = parse(fs.readFileSync("Pulumi.aks.yaml", "utf8")) as {
      config: Record<string, object>;
    };
    const own = (key: string) => key.startsWith("ralph:");
    const entries = Object.entries(config);
    const foreign = Object.fromEntries(entries.filter(([key]) => !own(key))) as unknown as Record<
      string,
      string
    >;
    const cluster = config["ralph:cluster"] ?? {};
    assert.deepEqual(
      (await rejection(cluster, foreign)).map(([key]) => key),
      ["ralph:cluster.admins[0].objectId"],
    );
    await run({ ...cluster, admins: MINIMAL.admins }, { foreign });
  });

  it("is accepted if Azure accepts it", () => {
    for (const cluster of [
      { name: "a" },
      { name: "A_1", resourceGroup: "(ralph)_1.x-y" },
      { version: "1.35.2", channel: "none" },
      { version: "1.35", channel: "node-image" },
      { nodes: { machineType: "Standard_NC24ads_A100_v4" } },
      { nodes: { machineType: "Standard_E4-2s_v5" } },
      { api: { cidrs: ["203.0.113.7/32", ...ranges(199)] } },
      { kmsKey: KEY, kmsVault: VAULT },
      // The system pool's keys have no effect without spot nodes.
      { system: { min: 4, max: 3 } },
    ]) {
      pulumi.runtime.setAllConfig(REGION);
      assert.deepEqual(
        cloud.check(cloud.schema.parse({ ...MINIMAL, ...cluster })),
        [],
        JSON.stringify(cluster),
      );
    }
  });
});

function asLine([key, rule, set]: Row): string[] {
  const full = `ralph:cluster.${key}`;
  const quoted = /[[\]"]/.test(full) ? `'${full}'` : full;
  return [
    full,
    rule,
    set === null ? `pulumi config rm --path ${quoted}` : `pulumi config set --path ${quoted} ${set}`,
  ];
}

/** The rows of the error's table, as columns. */
async function rejection(cluster: object, foreign: Record<string, string> = REGION): Promise<string[][]> {
  try {
    await run(cluster, { foreign });
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/ {2,}/));
  }
  return assert.fail("the configuration was accepted");
}
