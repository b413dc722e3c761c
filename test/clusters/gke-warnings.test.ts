/** Proves every warning of a GKE configuration: what Google accepts, but a user may not want. */
import assert from "node:assert/strict";
import { cloud } from "../../clusters/gke";
import { schema } from "../../clusters/gke/config";
import { PUBLIC } from "../support/gke";

describe("the GKE configuration warns", () => {
  const warningsOf = (cluster: object) => cloud.warnings(schema.parse({ ...PUBLIC, ...cluster }));
  const without = { storage: { filestore: { enabled: false } } };
  const filestore = (tier: string, gib: number) =>
    `Filestore creates every ${tier} volume with at least ${gib} GiB and bills that, whatever a claim requests. ` +
    "To do without: pulumi config set --path ralph:cluster.storage.filestore.enabled false";

  it("of nothing if nothing is unwise", () => assert.deepEqual(warningsOf(without), []));

  it("of the first nodes' boot disks beyond the usual quota of SSDs, and not of disks outside of it", () => {
    const ssd = (gb: number) =>
      `The first nodes have ${gb} GB of boot disks, and many projects have a quota SSD_TOTAL_GB of 500 GB: ` +
      "pulumi config set --path ralph:cluster.nodes.diskType pd-standard, or request a higher quota.";
    const six = { count: 6, min: 6 };
    assert.deepEqual(warningsOf({ ...without, nodes: { count: 5, min: 5 } }), []);
    assert.deepEqual(warningsOf({ ...without, nodes: six }), [ssd(600)]);
    assert.deepEqual(warningsOf({ ...without, nodes: { ...six, spot: true } }), [ssd(800)]);
    // As many in each zone.
    const regional = { location: "us-central1", nodes: { count: 4, min: 3 } };
    assert.deepEqual(warningsOf({ ...without, ...regional }), [ssd(600)]);
    const pool = { name: "builds", machineType: "e2-standard-4", min: 3, max: 4 };
    assert.deepEqual(warningsOf({ ...without, nodePools: [pool] }), [ssd(600)]);
    assert.deepEqual(warningsOf({ ...without, nodes: { ...six, diskType: "pd-standard" } }), []);
    assert.deepEqual(warningsOf({ ...without, nodes: { ...six, machineType: "c4-standard-4" } }), []);
  });

  it("of the minimum size of a Filestore volume", () => {
    assert.deepEqual(warningsOf({}), [filestore("BASIC_HDD", 100)]);
    const storage = { filestore: { tier: "ENTERPRISE" } };
    assert.deepEqual(warningsOf({ storage }), [filestore("ENTERPRISE", 1024)]);
  });

  it("of more zones than nodes, of an unknown version, and of an API server open to all addresses", () => {
    const cluster = {
      ...without,
      location: "us-central1",
      nodes: { count: 2, min: 2 },
      version: "1.38",
    };
    assert.deepEqual(warningsOf({ ...cluster, api: { cidrs: ["0.0.0.0/0"] } }), [
      "Kubernetes 1.38 is newer than 1.37, the newest version this program was written for.",
      "2 nodes cannot fill 3 zones: pulumi config set --path ralph:cluster.nodes.count 3",
      "0.0.0.0/0 lets every address reach the API server. On the DNS endpoint, IAM authorizes a caller first: " +
        "pulumi config rm --path ralph:cluster.api.cidrs && pulumi config set --path ralph:cluster.api.public true",
    ]);
  });
});
