/** Configurations of an AKS cluster that Azure would reject, each with all its problems. */
import { ADMIN, KEY, VAULT } from "../support/aks";

/** Key without `ralph:cluster.`, rule, and the value that the fix sets; null if it removes the key. */
export type Row = readonly [key: string, rule: string, set: string | null];

interface Bad {
  readonly cluster: object;
  readonly problems: readonly Row[];
}

export const ranges = (count: number) => Array.from({ length: count }, (_, i) => `203.0.${i}.0/24`);
const size = 'must be an Azure VM size, such as Standard_D4s_v5; it is "';
const series = 'must not be of the A or B series, which system and spot pools do not support; it is "';
const poolName = 'must be 1 to 12 lower-case letters and digits, and start with a letter; it is "';
const room = (nodes: number, has: number) =>
  `must have room for ${nodes} nodes, those of an upgrade included, and has room for ${has}; it is "`;

export const BAD: Readonly<Record<string, Bad>> = {
  "a name that ends with a dash": {
    cluster: { name: "ralph-" },
    problems: [
      [
        "name",
        `must be 1 to 63 letters, digits, '-' and '_', and start and end with a letter or digit; it is "ralph-"`,
        "ralph-cluster",
      ],
    ],
  },
  "a resource group that ends with a dot": {
    cluster: { resourceGroup: "ralph." },
    problems: [
      [
        "resourceGroup",
        `must be 1 to 90 letters, digits, '-', '_', '(', ')' and '.', and not end with '.'; it is "ralph."`,
        "ralph-rg",
      ],
    ],
  },
  "names too long for the node resource group": {
    cluster: { resourceGroup: "g".repeat(60) },
    problems: [
      [
        "resourceGroup",
        `must be shorter: AKS names the node resource group MC_${"g".repeat(60)}_ralph-cluster_westeurope, which has 88 characters and may have 80; it is "${"g".repeat(56)}...`,
        "ralph-rg",
      ],
    ],
  },
  "a DNS prefix with an underscore": {
    cluster: { dnsPrefix: "ralph_1" },
    problems: [
      [
        "dnsPrefix",
        `must be 1 to 54 letters, digits and '-', and start and end with a letter or digit; it is "ralph_1"`,
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
      [
        "pools.spot",
        'must differ from pools.system, because a system pool cannot be a spot pool; it is "spot"',
        "spot1",
      ],
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
    problems: [["nodes.machineType", `${series}Standard_B4ms"`, "Standard_D4s_v5"]],
  },
  "a basic machine type for the system pool beside spot nodes": {
    cluster: { nodes: { spot: true }, system: { machineType: "Standard_A4_v2" } },
    problems: [["system.machineType", `${series}Standard_A4_v2"`, "Standard_D4s_v5"]],
  },
  "a machine type with one vCPU": {
    cluster: { nodes: { machineType: "Standard_DS1_v2" } },
    problems: [
      [
        "nodes.machineType",
        'must have at least 2 vCPU and 4 GiB, and has 1 vCPU; it is "Standard_DS1_v2"',
        "Standard_D4s_v5",
      ],
    ],
  },
  "a system pool with max below min": {
    cluster: { nodes: { spot: true }, system: { min: 4, max: 3 } },
    problems: [["system.max", "must be at least system.min, 4; it is 3", "4"]],
  },
  "more nodes than a pool can have": {
    cluster: { nodes: { max: 1001 }, network: { nodes: "10.224.0.0/20", pods: "10.64.0.0/10" } },
    problems: [["nodes.max", "must be at most 1000, AKS's limit for a pool; it is 1001", "1000"]],
  },
  "a fourth zone, and a repeated one": {
    cluster: { zones: [1, 4, "1"] },
    problems: [
      ["zones[1]", 'must be 1, 2 or 3; it is "4"', "1"],
      ["zones[2]", 'must be unique; "1" is already listed', null],
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
    problems: [["version", 'must be 1.34 or newer, the versions in support; it is "1.32"', "1.35"]],
  },
  "a patch beside the channel that chooses it": {
    cluster: { version: "1.35.2" },
    problems: [["version", 'must have no patch, which the channel patch chooses; it is "1.35.2"', "1.35"]],
  },
  "a version beside a channel that chooses it": {
    cluster: { version: "1.35", channel: "stable" },
    problems: [["version", "must not be set: the channel stable chooses the version", null]],
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
    problems: [
      [
        "network.services",
        'must not overlap network.pods, 10.0.0.0/14; it is "10.0.0.0/16"',
        "<another range>",
      ],
    ],
  },
  "a network that AKS reserves": {
    cluster: { network: { services: "172.30.0.0/16", dnsServiceIP: "172.30.0.10" } },
    problems: [
      [
        "network.services",
        'must not overlap 172.30.0.0/16, which AKS reserves; it is "172.30.0.0/16"',
        "<another range>",
      ],
    ],
  },
  "a subnet outside the network": {
    cluster: { network: { nodes: "10.225.0.0/22" } },
    problems: [
      ["network.nodes", 'must be within network.vnet, 10.224.0.0/16; it is "10.225.0.0/22"', "10.224.0.0/22"],
    ],
  },
  "a range with host bits": {
    cluster: { network: { pods: "10.244.7.0/16" } },
    problems: [
      ["network.pods", 'must have no bits set beyond its prefix; it is "10.244.7.0/16"', "10.244.0.0/16"],
    ],
  },
  "a services range larger than AKS allows": {
    cluster: { network: { services: "10.32.0.0/11", dnsServiceIP: "10.32.0.10" } },
    problems: [
      ["network.services", 'must have a prefix from /12 to /27; it is "10.32.0.0/11"', "10.32.0.0/16"],
    ],
  },
  "a services range of eight addresses": {
    cluster: { network: { services: "10.0.0.0/29" } },
    problems: [
      ["network.services", 'must have a prefix from /12 to /27; it is "10.0.0.0/29"', "10.0.0.0/16"],
    ],
  },
  "a DNS address outside the services range": {
    cluster: { network: { dnsServiceIP: "10.1.0.10" } },
    problems: [
      [
        "network.dnsServiceIP",
        'must be within network.services, 10.0.0.0/16; it is "10.1.0.10"',
        "10.0.0.10",
      ],
    ],
  },
  "a DNS address that is the first of the range": {
    cluster: { network: { dnsServiceIP: "10.0.0.0" } },
    problems: [
      [
        "network.dnsServiceIP",
        'must not be the first address of network.services; it is "10.0.0.0"',
        "10.0.0.10",
      ],
    ],
  },
  "a DNS address that is the API server's": {
    cluster: { network: { dnsServiceIP: "10.0.0.1" } },
    problems: [
      [
        "network.dnsServiceIP",
        'must not be the second address of network.services, which is the Kubernetes API\'s; it is "10.0.0.1"',
        "10.0.0.10",
      ],
    ],
  },
  "further pools by a name, a number of nodes or labels that AKS does not accept": {
    cluster: {
      nodePools: [
        { name: "GPU", machineType: "m5.large", max: 1 },
        { name: "nodepool1", machineType: "Standard_D4s_v5", max: 1001 },
        {
          name: "own",
          machineType: "Standard_D4s_v5",
          max: 1,
          labels: { "kubernetes.azure.com/mode": "user" },
          taints: [{ key: "kubernetes.azure.com/mode" }],
        },
      ],
      network: { pods: "10.128.0.0/10", vnet: "10.224.0.0/12", nodes: "10.224.0.0/16" },
    },
    problems: [
      ["nodePools[0].name", `${poolName}GPU"`, "pool1"],
      ["nodePools[0].machineType", `${size}m5.large"`, "Standard_D4s_v5"],
      ["nodePools[1].name", `must differ from the program's own pools, nodepool1; it is "nodepool1"`, null],
      ["nodePools[1].max", `must be at most 1000, AKS's limit for a pool; it is 1001`, "1000"],
      [
        'nodePools[2].labels["kubernetes.azure.com/mode"]',
        "must not be set: AKS reserves the prefix kubernetes.azure.com/",
        null,
      ],
      ["nodePools[2].taints[0]", "must not be set: AKS reserves the prefix kubernetes.azure.com/", null],
    ],
  },
  "sandboxes on machines that cannot run virtual machines, or are too small for a pod": {
    cluster: {
      nodePools: ["Standard_DS2_v2", "Standard_D4ps_v6", "Standard_B4ms", "Standard_D1s_v3"].map(
        (machineType, i) => ({ name: `kata${i}`, machineType, max: 1, sandbox: true }),
      ),
    },
    problems: [
      ...["Standard_DS2_v2", "Standard_D4ps_v6", "Standard_B4ms"].map((type, i): Row => [
        `nodePools[${i}].machineType`,
        "must support nested virtualization for a sandbox, as sizes of series D and E from v3 on; " +
          `it is "${type}"`,
        "Standard_D4s_v5",
      ]),
      [
        "nodePools[3].machineType",
        'must have at least 2 vCPU and 4 GiB, and has 1 vCPU; it is "Standard_D1s_v3"',
        "Standard_D4s_v5",
      ],
    ],
  },
  "ranges beside an existing network": {
    cluster: { network: { existing: { subnetId: "nodes" }, vnet: "10.1.0.0/16", nodes: "10.1.0.0/22" } },
    problems: [
      [
        "network.existing.subnetId",
        'must be the resource id of a subnet; it is "nodes"',
        "<resource id of the subnet>",
      ],
      ["network.vnet", "must not be set: it has no effect with network.existing", null],
      ["network.nodes", "must not be set: it has no effect with network.existing", null],
    ],
  },
  "ranges without room for the nodes of an upgrade": {
    cluster: { network: { nodes: "10.224.0.0/28", pods: "10.244.0.0/21" } },
    problems: [
      ["network.nodes", `${room(14, 11)}10.224.0.0/28"`, "10.224.0.0/22"],
      ["network.pods", `${room(14, 8)}10.244.0.0/21"`, "10.244.0.0/16"],
    ],
  },
  "ranges without room, one of them in a network without room": {
    cluster: { nodes: { max: 200 }, network: { vnet: "10.224.0.0/24", nodes: "10.224.0.0/24" } },
    problems: [
      ["network.vnet", `${room(266, 251)}10.224.0.0/24"`, "10.224.0.0/23"],
      ["network.nodes", `${room(266, 251)}10.224.0.0/24"`, "10.224.0.0/23"],
      ["network.pods", `${room(266, 256)}10.244.0.0/16"`, "10.244.0.0/15"],
    ],
  },
  "ranges that cannot reach a public address": {
    cluster: { api: { cidrs: ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "203.0.113.7/24"] } },
    problems: [
      [
        "api.cidrs[0]",
        'must be public, because AKS sees the public address of each request; it is "10.0.0.0/8"',
        null,
      ],
      ["api.cidrs[1]", "must not be set: a range of all addresses is api.public", null],
      ["api.cidrs[2]", 'must be an IPv4 range; it is "2001:db8::/32"', null],
      ["api.cidrs[3]", 'must have no bits set beyond its prefix; it is "203.0.113.7/24"', "203.0.113.0/24"],
    ],
  },
  "more ranges than AKS accepts": {
    cluster: { api: { cidrs: ranges(201) } },
    problems: [["api.cidrs[200]", "must not be set: the API server accepts at most 200 ranges", null]],
  },
  "an API server that no one can reach": {
    cluster: { api: {} },
    problems: [
      [
        "api.public",
        "must be true when api.cidrs is empty and api.private is false, or no one could reach the cluster; it is false",
        "true",
      ],
    ],
  },
  "a cluster without administrators": {
    cluster: { admins: [] },
    problems: [
      [
        "admins[0].objectId",
        "is missing: local accounts are disabled, so without an administrator no one could use the cluster",
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
        'must be the object id, a UUID, of a user, group or service principal; it is "ralph@example.com"',
        "<object id>",
      ],
      ["admins[2]", `must be unique; "${ADMIN}" is already listed`, null],
    ],
  },
  "a key without its version": {
    cluster: { kmsKey: KEY.replace(/\/[^/]*$/, ""), kmsVault: VAULT },
    problems: [
      [
        "kmsKey",
        `must be the id of a Key Vault key with its version; it is "https://ralph.vault.azure.net/keys/etcd"`,
        "https://<vault>.vault.azure.net/keys/<key>/<version>",
      ],
    ],
  },
  "a vault by name": {
    cluster: { kmsKey: KEY, kmsVault: "ralph" },
    problems: [
      [
        "kmsVault",
        'must be the resource id of a Key Vault; it is "ralph"',
        "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.KeyVault/vaults/<vault>",
      ],
    ],
  },
  "a key without its vault": {
    cluster: { kmsKey: KEY },
    problems: [
      ["kmsVault", "is missing: the cluster must be granted the use of kmsKey", "<resource id of the vault>"],
    ],
  },
  "a key for disks by name": {
    cluster: { storage: { kmsKey: "my-key" } },
    problems: [
      [
        "storage.kmsKey",
        'must be the resource id of a DiskEncryptionSet; it is "my-key"',
        "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Compute/diskEncryptionSets/<set>",
      ],
    ],
  },
  "encrypted shares on Arm machines": {
    cluster: { nodes: { machineType: "Standard_D4ps_v5" }, storage: { encryptInTransit: true } },
    problems: [
      [
        "storage.encryptInTransit",
        "must not be set: the driver of Azure Files cannot encrypt on Arm machines, such as Standard_D4ps_v5",
        null,
      ],
    ],
  },
  "a vault without a key": {
    cluster: { kmsVault: VAULT },
    problems: [["kmsVault", "must not be set: it has no effect without kmsKey", null]],
  },
  "tags that Azure does not accept": {
    cluster: { tags: { stack: "x", "a/b": "x", owner: "x".repeat(257) } },
    problems: [
      ["tags.stack", "must not be set: the program sets this tag", null],
      ['tags["a/b"]', 'must be a name of 1 to 128 characters without < > % & \\ ? /; it is "a/b"', null],
      ["tags.owner", `must have at most 256 characters; it is "${"x".repeat(56)}...`, "x".repeat(256)],
    ],
  },
  "more tags than Azure accepts": {
    cluster: { tags: Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`tag${i}`, "x"])) },
    problems: [["tags", "must be at most 48 beside project and stack, and are 49", null]],
  },
};
