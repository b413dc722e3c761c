/** A project at the stub of Google Cloud, and what a cluster needs there, for the tests of its rules. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Created, StubCloud } from "../../stub-clouds/cloud";
import { tableOf } from "../../stub-clouds/tables";
import type { Values } from "../../stub-clouds/types";
import { World } from "../../stub-clouds/world";

export const TYPES = {
  api: "gcp:projects/service:Service",
  network: "gcp:compute/network:Network",
  subnet: "gcp:compute/subnetwork:Subnetwork",
  cluster: "gcp:container/cluster:Cluster",
  pool: "gcp:container/nodePool:NodePool",
} as const;
export type Kind = keyof typeof TYPES;

export const NETWORK = { name: "net", autoCreateSubnetworks: false };
export const SUBNET = {
  name: "sub",
  network: "net",
  region: "us-central1",
  ipCidrRange: "10.0.0.0/20",
  secondaryIpRanges: [
    { rangeName: "pods", ipCidrRange: "10.4.0.0/14" },
    { rangeName: "services", ipCidrRange: "10.8.0.0/20" },
  ],
};
export const CLUSTER = {
  name: "c",
  location: "us-central1-a",
  network: "net",
  subnetwork: "sub",
  deletionProtection: false,
};
export const POOL = {
  name: "nodes",
  cluster: "c",
  location: "us-central1-a",
  initialNodeCount: 3,
  nodeConfig: { machineType: "n1-standard-2", diskSizeGb: 100 },
};

export const subject = (kind: Kind) => ({ urn: kind, token: TYPES[kind], name: kind });

export class Google {
  readonly dir = mkdtempSync(join(tmpdir(), "stub-gcp-"));
  readonly world = World.create(this.dir, {
    apiServer: { host: "127.0.0.1:1", certificateAuthority: "Q0E=" },
    timeScale: 0,
    seed: 1,
  });
  readonly cloud = new StubCloud("gcp", { ...tableOf("gcp"), account: undefined }, this.world);

  create = (kind: Kind, inputs: Values): Promise<Created> =>
    this.cloud.create(subject(kind), inputs, false, 0);

  enable = (...apis: string[]): Promise<unknown> =>
    Promise.all(apis.map((api) => this.create("api", { service: `${api}.googleapis.com` })));

  refused = (kind: Kind, inputs: Values, message: string): Promise<void> =>
    assert.rejects(this.create(kind, inputs), (error: Error) => {
      assert.equal(error.message, message);
      return true;
    });
}

/** A new one for each test. */
export function googleWorld(): () => Google {
  let google: Google;
  beforeEach(() => {
    google = new Google();
    google.cloud.configure({ project: "acme", region: "us-central1" });
  });
  afterEach(() => rmSync(google.dir, { recursive: true, force: true }));
  return () => google;
}
