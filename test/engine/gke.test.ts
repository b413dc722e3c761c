/**
 * Proves the life of the stack of Pulumi.gke.yaml on the real engine and a real API server, with a stub of
 * Google Cloud between: a preview asks the cloud for nothing, `up` makes what the cloud accepts, an edit of
 * the cluster replaces no Kubernetes object, and `destroy` is refused while the cluster is protected and
 * leaves nothing afterwards. What the stub refuses is what its rows say (tools/stub-clouds/gcp).
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Call } from "../../tools/stub-clouds/types";
import { changes } from "./support/events";
import { fixture } from "./support/fixture";
import { everything, kubectl } from "./support/kubectl";
import { Stack, type Values } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "gke";
const CLUSTER = "gcp:container/cluster:Cluster";
const POOL = "gcp:container/nodePool:NodePool";
const NETWORK = "gcp:compute/network:Network";
const SUBNET = "gcp:compute/subnetwork:Subnetwork";
const NAT = "gcp:compute/routerNat:RouterNat";
const KEY_ACCESS = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember";
const KEY = "projects/acme-keys/locations/europe-west4/keyRings/gke/cryptoKeys/secrets";

/** One of each type that the cluster stands on, and how many. */
const INVENTORY: Readonly<Record<string, number>> = {
  "gcp:artifactregistry/repository:Repository": 1,
  [NETWORK]: 1,
  "gcp:compute/router:Router": 1,
  [NAT]: 1,
  [SUBNET]: 1,
  [CLUSTER]: 1,
  [POOL]: 1,
  "gcp:projects/iAMMember:IAMMember": 2,
  "gcp:projects/service:Service": 6,
  "gcp:serviceaccount/account:Account": 1,
};

/** GKE brings this class; here the simulated driver answers for Google's. */
const STANDARD_RWO = JSON.stringify({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard-rwo" },
  provisioner: "pd.csi.storage.gke.io",
  volumeBindingMode: "WaitForFirstConsumer",
});

describe("the stack of a GKE cluster", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const asked = (from = 0): readonly Call[] => clouds().ledger().slice(from);
  const changing = (calls: readonly Call[]) =>
    calls.filter(({ method, preview }) => /^(Create|Update|Delete)$/.test(method) && preview !== true);
  const counted = () => {
    const counts: Record<string, number> = {};
    for (const { token } of clouds().inventory()) counts[token] = (counts[token] ?? 0) + 1;
    return counts;
  };
  const uids = async () =>
    Object.fromEntries(
      (await everything(NAMESPACE))
        .filter(({ metadata }) => metadata.ownerReferences === undefined)
        .map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.uid]),
    );
  const cluster = (values: Values) =>
    stack.configure({ cluster: { ...(stack.configured("cluster") as Values), ...values } });

  before(async () => {
    const file = join(fixture().dir, "standard-rwo.json");
    writeFileSync(file, STANDARD_RWO);
    await kubectl("apply", "-f", file);
    stack = await Stack.create({
      namespace: NAMESPACE,
      from: "gke",
      plugins: ["gcp"],
      foreign: { "gcp:project": "acme-agents" },
      // Its own test proves it; here it would only take time.
      config: { monitoring: { install: "none" } },
    });
  });
  after(async () => {
    await stack.remove();
    await kubectl("delete", "storageclass", "standard-rwo", "--ignore-not-found");
  });

  it("is previewed without a change in the cloud, and without asking the cluster", async () => {
    const { code, stdout, stderr, operations } = await stack.preview();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(new Set(operations.map(({ op }) => op)), new Set(["create"]));
    assert.deepEqual(changing(asked()), []);
    assert.deepEqual(clouds().inventory(), []);
    assert.equal(asked().filter(({ method }) => method === "Token").length, 0);
  });

  it("comes up: the cloud accepts all of it, and the objects are on the cluster", async () => {
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(counted(), INVENTORY);
    const calls = asked();
    assert.deepEqual(
      calls.filter(({ generic, outcome }) => generic === true || outcome !== "ok"),
      [],
    );
    assert.deepEqual(new Set(calls.map(({ plugin }) => plugin)), new Set(["gcp", "gke-gcloud-auth-plugin"]));
    const objects = await uids();
    assert.ok("Deployment ralph-orchestrator" in objects, Object.keys(objects).join());
    const claims = await kubectl("get", "pvc", "-n", NAMESPACE, "-o", "jsonpath={.items[*].status.phase}");
    assert.equal(claims, "Bound Bound");
  });

  for (const command of ["preview", "up", "refresh"] as const) {
    it(`${command} then has nothing to do`, async () => {
      const mark = asked().length;
      const { code, stdout, operations } = await stack[command]("--expect-no-changes");
      assert.equal(code, 0, stdout);
      assert.deepEqual(changes(operations), []);
      assert.deepEqual(changing(asked(mark)), []);
    });
  }

  it("an edit of nodes, version and tags is made in place, and no Kubernetes object is touched", async () => {
    const before = await uids();
    const made = clouds()
      .inventory()
      .map(({ id }) => id)
      .sort();
    cluster({
      nodes: { count: 4, min: 4, max: 12, diskGb: 120 },
      version: "1.35",
      tags: { owner: "team-a" },
    });
    const { code, stdout, operations } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.deepEqual(
      changes(operations)
        .map(({ op, type }) => `${op} ${type}`)
        .sort(),
      ["update gcp:artifactregistry/repository:Repository", `update ${CLUSTER}`, `update ${POOL}`],
    );
    assert.deepEqual(await uids(), before);
    assert.deepEqual(
      clouds()
        .inventory()
        .map(({ id }) => id)
        .sort(),
      made,
    );
  });

  it("is not destroyed while the cluster is protected: nothing of it, no volume either", async () => {
    const before = await uids();
    const mark = asked().length;
    // As people call it: the preview before it finds out.
    const { code, stdout } = await stack.engine("destroy", ["--yes"]);
    assert.notEqual(code, 0);
    assert.match(stdout, /cannot be deleted\s+because it is protected/);
    assert.deepEqual(changing(asked(mark)), []);
    assert.deepEqual(await uids(), before);
  });

  it("goes without a trace once it is not, objects first, then nodes, cluster, network", async () => {
    cluster({ deletionProtection: false });
    const up = await stack.up();
    assert.equal(up.code, 0, up.stdout);
    const { code, stdout, done } = await stack.destroy();
    assert.equal(code, 0, stdout);
    assert.deepEqual(stack.resources, []);
    assert.deepEqual(clouds().inventory(), []);
    await until("the namespace is gone", async () => !(await kubectl("get", "ns")).includes(`${NAMESPACE} `));

    const types = done.filter(({ op }) => op === "delete").map(({ type }) => type);
    const last = types.map((type) => type.startsWith("kubernetes:")).lastIndexOf(true);
    const foundation = [POOL, CLUSTER, NAT, "gcp:projects/iAMMember:IAMMember"];
    assert.ok(last > 0 && last < types.findIndex((type) => foundation.includes(type)), types.join("\n"));
    const places = [POOL, CLUSTER, SUBNET, NETWORK].map((type) => types.indexOf(type));
    assert.deepEqual(
      places,
      [...places].sort((x, y) => x - y),
    );
  });

  it("comes up by its address, over three zones, with a key, and goes again", async () => {
    const cluster = {
      location: "europe-west4",
      zones: ["europe-west4-a", "europe-west4-b", "europe-west4-c"],
      kmsKey: KEY,
      api: { cidrs: ["203.0.113.0/24"] },
      network: { services: "34.118.224.0/20", controlPlane: "172.16.0.0/28" },
      storage: { filestore: { enabled: false } },
      deletionProtection: false,
    };
    const other = await Stack.create({
      namespace: "gke-regional",
      from: "gke",
      plugins: ["gcp"],
      foreign: { "gcp:project": "acme-agents" },
      config: { cluster, monitoring: { install: "none" }, persistence: { cache: { kind: "emptyDir" } } },
    });
    // Only the kubeconfig tells whose certificate to trust.
    delete other.env.SSL_CERT_FILE;
    try {
      const up = await other.up();
      assert.equal(up.code, 0, up.stdout);
      const made = other.clouds?.inventory() ?? [];
      const grant = made.find(({ token }) => token === KEY_ACCESS);
      const itself = made.find(({ token }) => token === CLUSTER);
      assert.ok(grant !== undefined && itself !== undefined && grant.serial < itself.serial);
      assert.equal(made.find(({ token }) => token === POOL)?.inputs.initialNodeCount, 1);
    } finally {
      await other.remove();
    }
    assert.deepEqual(
      other.clouds?.ledger().filter(({ generic }) => generic === true),
      [],
    );
  });
});
