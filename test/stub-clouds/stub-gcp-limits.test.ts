/**
 * Proves that the stub of Google Cloud refuses nodes beyond a project's quotas and machine types that do not exist, in
 * Google's own words; that the nodes of the committed stack meet them, and need no public address of their own; and that
 * the commands of operations/ name a way out.
 */
import assert from "node:assert/strict";

import { failureIn } from "../../operations/failures";
import type { Values } from "../../stub-clouds/types";
import { onlyPrograms } from "../support/aks";
import * as gke from "../support/gke";
import { CLUSTER, type Google, googleWorld, NETWORK, POOL, SUBNET } from "./google-world";

const MANAGE =
  "View and manage quotas at https://console.cloud.google.com/iam-admin/quotas?usage=USED&project=acme.";
const short = (
  scope: "regional" | "project",
  resource: string,
  [requires, lacks, quota, available]: readonly [number, number, number, number],
): string =>
  `nsufficient ${scope} quota to satisfy request: resource "${resource}": request requires '${requires}.0' and is short ` +
  `'${lacks}.0'. project has a quota of '${quota}.0' with '${available}.0' available. ${MANAGE}`;
const refusal = (text: string): string => `googleapi: Error 403: I${text}, forbidden`;
const PRIVATE = { networkConfig: { enablePrivateNodes: true } };

describe("a project of Google Cloud", () => {
  const open = googleWorld();
  let restore: () => void;
  before(() => (restore = onlyPrograms(gke.PLUGIN)));
  after(() => restore());
  let google: Google;
  const pool = (more: Values = {}): Values => ({ ...POOL, ...PRIVATE, ...more });

  beforeEach(async () => {
    google = open();
    await google.enable("compute", "container");
    await google.create("network", NETWORK);
    await google.create("subnet", SUBNET);
    await google.create("cluster", CLUSTER);
  });

  it("has a quota of SSDs in a region, for the sum of all nodes' boot disks", async () => {
    await google.create("pool", POOL);
    const more = pool({ name: "more" });
    await google.refused("pool", more, refusal(short("regional", "SSD_TOTAL_GB", [300, 100, 500, 200])));
    await google.create("pool", { ...more, nodeConfig: { ...POOL.nodeConfig, diskType: "pd-standard" } });
    await google.create("pool", pool({ name: "two", initialNodeCount: 2 }));
  });

  it("counts the first nodes of each zone", async () => {
    await google.create("cluster", { ...CLUSTER, name: "regional", location: "us-central1" });
    const regional = pool({ cluster: "regional", location: "us-central1" });
    const [two, one] = [2, 1].map((initialNodeCount) => ({ ...regional, initialNodeCount }));
    await assert.rejects(google.create("pool", two ?? {}), /requires '600\.0' and is short '100\.0'/);
    await google.create("pool", one ?? {});
  });

  it("has a quota of vCPUs in all regions", async () => {
    google.world.limit({ vcpus: 12 });
    await google.create("pool", pool());
    const big = { machineType: "e2-standard-4", diskSizeGb: 50 };
    await google.refused(
      "pool",
      pool({ name: "big", initialNodeCount: 2, nodeConfig: big }),
      refusal(short("project", "CPUS_ALL_REGIONS", [8, 2, 12, 6])),
    );
  });

  it("has a quota of public addresses, which nodes with one of their own use up", async () => {
    google.world.limit({ addresses: 2 });
    await google.create("pool", pool());
    await google.refused(
      "pool",
      { ...POOL, name: "public", nodeConfig: { ...POOL.nodeConfig, diskType: "pd-standard" } },
      refusal(short("regional", "IN_USE_ADDRESSES", [3, 1, 2, 2])),
    );
  });

  it("names everything that it lacks at once", async () => {
    google.world.limit({ vcpus: 4, addresses: 2 });
    const text = [
      `\n\t(1) i${short("project", "CPUS_ALL_REGIONS", [6, 2, 4, 4])}`,
      `\n\t(2) i${short("regional", "IN_USE_ADDRESSES", [3, 1, 2, 2])}`,
    ].join("");
    await google.refused("pool", POOL, `googleapi: Error 403: ${text}, forbidden`);
  });

  for (const machineType of ["n1-standard-3", "e2-standard-64", "n5-standard-2"])
    it(`has no machines of the type ${machineType}`, () =>
      google.refused(
        "pool",
        pool({ nodeConfig: { machineType } }),
        `googleapi: Error 400: Invalid machine type "${machineType}" in zone "us-central1-a": GCE_NOT_FOUND, badRequest`,
      ));

  for (const [what, quotas, cluster, expected, because] of [
    [
      "too few vCPUs",
      { vcpus: 4 },
      {},
      /"CPUS_ALL_REGIONS": request requires '6\.0' and is short '2\.0'/,
      /too small a quota/,
    ],
    [
      "an unknown machine type",
      {},
      { nodes: { machineType: "n1-standard-3" } },
      /Invalid machine type "n1-standard-3"/,
      /does not have machines of this type/,
    ],
  ] as const)
    it(`refuses the program's own pool for ${what}, and a command names the way out`, async () => {
      const run = await gke.run({ ...gke.PUBLIC, ...cluster });
      const own = run.resources.find(({ type }) => type === gke.TYPE.pool)?.inputs ?? {};
      const inputs = {
        ...own,
        cluster: "c",
        nodeConfig: { ...(own.nodeConfig as Values), serviceAccount: "default" },
      };
      google.world.limit(quotas);
      await assert.rejects(google.create("pool", inputs), (error: Error) => {
        assert.match(error.message, expected);
        const { because: cause, attempts, fix } = failureIn(error.message) ?? {};
        assert.match(cause ?? "", because);
        assert.deepEqual([attempts, fix?.includes("`ralph:cluster.nodes")], [0, true]);
        return true;
      });
    });

  it("gives the program's nodes no public addresses", async () => {
    const run = await gke.run();
    const own = run.resources.find(({ type }) => type === gke.TYPE.pool)?.inputs ?? {};
    google.world.limit({ addresses: 0 });
    await google.create("pool", {
      ...own,
      cluster: "c",
      nodeConfig: { ...(own.nodeConfig as Values), serviceAccount: "default" },
    });
  });
});
