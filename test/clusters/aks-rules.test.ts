/**
 * Proves that what Azure would reject is rejected before any call: for each rule, a configuration that breaks it and
 * exactly the problems that are reported; and that all problems are reported at once.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { cloud } from "../../clusters/aks";
import { KEY, MINIMAL, onlyPrograms, REGION, run, VAULT } from "../support/aks";
import { BAD, ranges, type Row } from "./aks-bad-configs";

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
      [key, 'must be the short name of a region; it is "East US 2"', `pulumi config set ${key} eastus2`],
    ]);
  });

  for (const region of ["usgovvirginia", "usdodeast", "chinanorth3"]) {
    it(`is rejected in ${region}, a region of a sovereign cloud`, async () => {
      const key = "azure-native:location";
      assert.deepEqual(await rejection(MINIMAL, { [key]: region }), [
        [
          key,
          `${region} is in a sovereign cloud; only regions of the public Azure cloud are supported`,
          `pulumi config set ${key} westeurope`,
        ],
      ]);
    });
  }

  it("is rejected without the programs it needs to log in", async () => {
    const rule = (program: string) => `must contain ${program}, which the kubeconfig needs to authenticate`;
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
