/**
 * Proves the life cycle of each cloud's committed stack, on the real engine and a real API server with a stub of
 * the cloud: a preview sends the cloud no request; `up` creates what the cloud accepts, and the volumes are bound;
 * an edit of the cluster replaces no Kubernetes object; `destroy` is refused while the cluster is protected, and
 * otherwise deletes everything in an order that leaves nothing behind. Here AKS has spot nodes, EKS has an
 * administrator, and GKE has a second stack that is reached by its address. A stub's rows define what it refuses
 * (stub-clouds); support/cloud-lives.ts has the expectations for each cloud.
 */
import assert from "node:assert/strict";

import type { Call } from "../../stub-clouds/types";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { LIVES } from "./support/cloud-lives";
import { GKE } from "./support/cloud-stacks";
import { changes, type Operation } from "./support/events";
import { everything, kubectl } from "./support/kubectl";
import { Stack, type Values } from "./support/stack";
import { until } from "./support/until";

/** Builds Ralph's image, as the three stack files configure it. */
const IMAGES = "docker-build";
/** The provider knows it by its region: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/partition */
const PARTITION = "aws:index/getPartition:getPartition";

for (const life of LIVES) {
  const { from, plugins, foreign, program, nodeLabel } = life;

  describe(`the stack of ${from.toUpperCase()}`, () => {
    let stack: Stack;
    const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
    const asked = (mark = 0): readonly Call[] => clouds().ledger().slice(mark);
    const ids = () =>
      clouds()
        .inventory()
        .map(({ token, id }) => `${token} ${id}`)
        .sort();
    const counted = () =>
      count(
        clouds()
          .inventory()
          // Without what the cloud creates itself.
          .filter(({ owner }) => owner === undefined)
          .map(({ token }) => short(token)),
      );
    const uids = async () =>
      Object.fromEntries(
        (await everything(from))
          .filter(({ metadata }) => metadata.ownerReferences === undefined)
          .map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.uid]),
      );
    const cluster = (values: Values = {}): Values => ({
      cluster: { ...(stack.configured("cluster") as Values), ...values },
    });

    before(async () => {
      await createCloudClasses();
      if (nodeLabel !== undefined) await kubectl("label", "nodes", "--all", "--overwrite", nodeLabel);
      // It has its own test; here it would only take time.
      stack = await Stack.create({
        namespace: from,
        from,
        plugins,
        foreign,
        config: { monitoring: { install: "none" }, models: life.models },
      });
      stack.configure(cluster(life.cluster));
    });
    after(async () => {
      if (stack.resources.length > 0) {
        // A failed test may have left it protected by the engine and by the cloud.
        await stack.pulumi(["state", "unprotect", "--all", "--yes"]);
        stack.configure(cluster({ deletionProtection: false }));
        await stack.up();
      }
      await stack.remove();
      await deleteCloudClasses();
      if (nodeLabel !== undefined) await kubectl("label", "nodes", "--all", `${nodeLabel.split("=")[0]}-`);
    });

    it("is previewed without a request to the cloud or to the cluster", async () => {
      const { code, stdout, stderr, operations } = await stack.preview();
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(new Set(operations.map(({ op }) => op)), new Set(["create"]));
      assert.deepEqual(changing(asked()), []);
      assert.deepEqual(
        asked().filter(
          ({ method, token }) => ["Invoke", "Read", "Token"].includes(method) && token !== PARTITION,
        ),
        [],
      );
      assert.deepEqual(clouds().inventory(), []);
    });

    it("comes up: the cloud accepts all of it, and the objects and volumes exist", async () => {
      const { code, stdout, stderr } = await stack.up();
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(counted(), life.inventory);
      const calls = asked();
      assert.deepEqual(
        calls.filter(({ generic, outcome }) => generic === true || outcome !== "ok"),
        [],
      );
      const known = [...plugins, IMAGES, program];
      assert.deepEqual(
        calls.filter(({ plugin }) => !known.includes(plugin)),
        [],
      );
      assert.ok(calls.some(({ method, plugin }) => method === "Token" && plugin === program));
      assert.ok("Deployment ralph-orchestrator" in (await uids()));
      const claims = await kubectl(
        ...["get", "pvc", "-n", from, "-o"],
        "jsonpath={range .items[*]}{.metadata.name} {.spec.storageClassName} {.status.phase}{'\\n'}{end}",
      );
      assert.deepEqual(claims.trim().split("\n").sort(), life.claims);
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

    it("an edit of it is made in place, and no object of Ralph is touched", async () => {
      const before = [await uids(), ids()];
      stack.configure(cluster(life.edit.cluster));
      for (const command of life.edit.by) {
        const { code, stdout, operations } = await stack[command]();
        assert.equal(code, 0, stdout);
        assert.deepEqual(
          // A Stash is a note in the state: replacing it touches nothing.
          named(changes(operations).filter(({ type }) => type !== "pulumi:index:Stash")),
          [...life.edit.updates, ...(command === "preview" ? (life.edit.planned ?? []) : [])]
            .map((each) => `update ${each}`)
            .sort(),
          command,
        );
      }
      for (const [type, wanted] of Object.entries(life.edit.has)) {
        const inputs = clouds()
          .inventory()
          .find(({ token }) => short(token) === type)?.inputs;
        for (const [path, value] of Object.entries(wanted))
          assert.equal(at(inputs, path), value, `${type} ${path}`);
      }
      assert.deepEqual([await uids(), ids()], before);
    });

    const { growth, replacement } = life;
    if (growth !== undefined) {
      it("more zones and NAT gateways replace nothing else that exists", async () => {
        const created = ids();
        const { code, stdout, operations } = await stack.configuredAs(cluster(growth.cluster), () =>
          stack.preview(),
        );
        assert.equal(code, 0, stdout);
        const moved = changes(operations).filter(({ op }) => op !== "create" && op !== "update");
        assert.deepEqual([...new Set(moved.map(({ type }) => short(type)))], growth.replaces);
        assert.deepEqual(ids(), created);
      });
    }

    it("is not destroyed while the cluster is protected: no part of it, no volume either", async () => {
      const before = await uids();
      const mark = asked().length;
      // Run as users run it: the preview before it finds out.
      const { code, stdout, stderr } = await stack.engine("destroy", ["--yes"]);
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /cannot be deleted\s+because it is protected/);
      assert.deepEqual(changing(asked(mark)), []);
      assert.deepEqual([await uids(), counted()], [before, life.inventory]);
    });

    if (replacement !== undefined) {
      it("is not replaced either", async () => {
        const before = await uids();
        const mark = asked().length;
        const { code, stdout, stderr } = await stack.configuredAs(cluster(replacement), () => stack.up());
        assert.notEqual(code, 0);
        assert.match(stdout + stderr, /protect/);
        assert.deepEqual(
          asked(mark).filter(({ method }) => method === "Delete"),
          [],
        );
        assert.deepEqual([await uids(), counted()], [before, life.inventory]);
      });
    }

    it("is deleted completely once it is not protected, in an order that leaves nothing behind", async () => {
      stack.configure(cluster({ deletionProtection: false }));
      const up = await stack.up();
      assert.equal(up.code, 0, up.stdout);
      assert.equal(counted().ManagementLockByScope, undefined);
      if (replacement !== undefined) await plansAnew(stack, cluster(replacement), life.token);

      const mark = asked().length;
      const { code, stdout, done } = await stack.destroy();
      assert.equal(code, 0, stdout);
      assert.deepEqual(stack.resources, []);
      assert.deepEqual(clouds().inventory(), []);
      assert.deepEqual(await uids(), {});
      await until("the namespace is gone", async () => !(await kubectl("get", "ns")).includes(`${from} `));

      const calls = asked(mark);
      const gone = calls.flatMap(({ method, token = "", name }) =>
        method === "Delete" ? [`${short(token)} ${name}`] : [],
      );
      for (const line of life.order) {
        const places = line.map((each) => gone.indexOf(each));
        assert.ok(!places.includes(-1), `${line.join()} are not all among ${gone.join("\n")}`);
        assert.deepEqual(
          places,
          [...places].sort((x, y) => x - y),
          line.join(),
        );
      }
      // No object is requested from a cluster whose drivers, nodes or administrators are being deleted.
      const isFoundation = (type = "") =>
        !type.startsWith("kubernetes:") && life.foundation.includes(short(type));
      const first = calls.findIndex(({ method, token }) => method === "Delete" && isFoundation(token));
      assert.ok(
        calls.map(({ method }) => method).lastIndexOf("Token") < first,
        "the cluster was asked after it began to go",
      );
      const types = done.filter(({ op }) => op === "delete").map(({ type }) => type);
      const last = types.map((type) => type.startsWith("kubernetes:")).lastIndexOf(true);
      assert.ok(last > 0 && last < types.findIndex(isFoundation), types.join("\n"));
    });
  });
}

describe("a GKE stack that is reached by its address, over three zones, with a key", () => {
  it("comes up, trusting only its kubeconfig, and is deleted again", async () => {
    const cluster = {
      location: "europe-west4",
      zones: ["europe-west4-a", "europe-west4-b", "europe-west4-c"],
      kmsKey: "projects/acme-keys/locations/europe-west4/keyRings/gke/cryptoKeys/secrets",
      api: { cidrs: ["203.0.113.0/24"] },
      network: { services: "34.118.224.0/20", controlPlane: "172.16.0.0/28" },
      storage: { filestore: { enabled: false } },
      deletionProtection: false,
    };
    await createCloudClasses();
    const stack = await Stack.create({
      ...GKE,
      namespace: "gke-regional",
      config: { cluster, monitoring: { install: "none" }, persistence: { cache: { kind: "emptyDir" } } },
    });
    delete stack.env.SSL_CERT_FILE;
    try {
      const up = await stack.up();
      assert.equal(up.code, 0, up.stdout);
      const created = stack.clouds?.inventory() ?? [];
      const one = (type: string) => created.find(({ token }) => short(token) === type);
      assert.ok((one("CryptoKeyIAMMember")?.serial ?? NaN) < (one("Cluster")?.serial ?? NaN));
      assert.equal(one("NodePool")?.inputs.initialNodeCount, 1);
    } finally {
      await stack.remove();
      await deleteCloudClasses();
    }
    assert.deepEqual(
      stack.clouds?.ledger().filter(({ generic }) => generic === true),
      [],
    );
  });
});

const short = (type: string): string =>
  type.slice(Math.max(type.lastIndexOf(":"), type.lastIndexOf("/")) + 1);

const named = (operations: readonly Operation[]): string[] =>
  operations.map(({ op, type, name }) => `${op} ${short(type)} ${name}`).sort();

const changing = (calls: readonly Call[]): Call[] =>
  calls.filter(({ method, preview }) => /^(Create|Update|Delete)$/.test(method) && preview !== true);

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Values | undefined)?.[key], value);

/** The cluster is planned as a replacement, with the provider and everything that runs in it. */
async function plansAnew(stack: Stack, config: Values, token: string): Promise<void> {
  const { code, stdout, operations } = await stack.configuredAs(config, () => stack.preview());
  assert.equal(code, 0, stdout);
  const replaced = operations.filter(({ op }) => op === "replace").map(({ type }) => short(type));
  for (const type of [short(token), "kubernetes", "Namespace", "Deployment", "PersistentVolumeClaim"]) {
    assert.ok(replaced.includes(type), `${type} is not among ${replaced.join(", ")}`);
  }
}
