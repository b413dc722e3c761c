/** Proves every warning of an AKS configuration: what Azure accepts, but a user may not want. */
import assert from "node:assert/strict";
import { MINIMAL, onlyPrograms, run } from "../support/aks";
import { unusual } from "../support/workload";

describe("an AKS configuration", () => {
  let restore: () => void;
  before(() => (restore = onlyPrograms("kubelogin", "az")));
  after(() => restore());

  it("warns of valid but risky settings, and of nothing else", async () => {
    const set = (key: string, value: unknown) => `pulumi config set --path ralph:cluster.${key} ${value}`;
    const good = { machineType: "Standard_D4s_v5" };
    const warned = async (cluster: object, location = "westeurope") => {
      const { warnings } = await run(
        { ...MINIMAL, nodes: good, ...cluster },
        { foreign: { "azure-native:location": location } },
      );
      return unusual(warnings).filter((warning) => !warning.startsWith("No API key"));
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
        [
          `2 nodes cannot fill 3 zones: ${set("nodes.count", 3)}`,
          "The nodes are in 3 zones, but a shared volume of Premium_LRS is in one, whose loss stops every worker. " +
            "Where the region has it (https://learn.microsoft.com/azure/storage/files/redundancy-premium-file-shares): " +
            set("storage.shares", "Premium_ZRS"),
        ],
      ],
      [
        { nodes: { ...good, min: 3, count: 3 }, zones: ["1", "2", "3"], storage: { shares: "Premium_ZRS" } },
        [],
      ],
      [
        { webAppRouting: true },
        [
          "Microsoft ends its support of AKS's managed nginx in November 2026; once another controller serves the Ingress: pulumi config rm --path ralph:cluster.webAppRouting",
        ],
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
});
