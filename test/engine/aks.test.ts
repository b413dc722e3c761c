/**
 * Proves the life of the stack of Pulumi.aks.yaml, with spot nodes, on the real engine and a real API server,
 * with a stub of Azure between: a preview asks the cloud for nothing, `up` makes what the cloud accepts, an edit of the
 * cluster replaces no Kubernetes object, what would take the cluster away is refused before anything is gone
 * while it is protected, and `destroy` leaves nothing afterwards. What the stub refuses is what its rows say
 * (tools/stub-clouds/azure-native).
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Call } from "../../tools/stub-clouds/types";
import { changes } from "./support/events";
import { fixture } from "./support/fixture";
import { everything, kubectl } from "./support/kubectl";
import { Stack, type Values } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "aks";
const short = (type: string): string => type.slice(type.lastIndexOf(":") + 1);

/** Types that the cluster stands on, and how many of each. */
const INVENTORY: Readonly<Record<string, number>> = {
  AgentPool: 1,
  DiagnosticSetting: 1,
  MaintenanceConfiguration: 2,
  ManagedCluster: 1,
  ManagementLockByScope: 1,
  Registry: 1,
  ResourceGroup: 1,
  RoleAssignment: 4,
  Subnet: 1,
  UserAssignedIdentity: 2,
  VirtualNetwork: 1,
  Workspace: 1,
};
/** The identities keep their first tags: an update would hide their ids from a preview. */
const TAGGED = ["AgentPool", "ManagedCluster", "Registry", "ResourceGroup", "VirtualNetwork", "Workspace"];

/** What Azure says of spot nodes; here the simulated ones are told to say it. */
const SPOT = "kubernetes.azure.com/scalesetpriority";

/** AKS brings this class; here the simulated driver answers for Azure's. */
const MANAGED_CSI = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "managed-csi" },
  provisioner: "disk.csi.azure.com",
  volumeBindingMode: "WaitForFirstConsumer",
};

describe("the stack of an AKS cluster", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const asked = (from = 0): readonly Call[] => clouds().ledger().slice(from);
  const changing = (calls: readonly Call[]) =>
    calls.filter(({ method, preview }) => /^(Create|Update|Delete)$/.test(method) && preview !== true);
  const counted = () => {
    const counts: Record<string, number> = {};
    for (const { token } of clouds().inventory()) counts[short(token)] = (counts[short(token)] ?? 0) + 1;
    return counts;
  };
  const ids = () =>
    clouds()
      .inventory()
      .map(({ id }) => id)
      .sort();
  const uids = async () =>
    Object.fromEntries(
      (await everything(NAMESPACE))
        .filter(({ metadata }) => metadata.ownerReferences === undefined)
        .map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.uid]),
    );
  const cluster = (values: Values): Values => ({
    cluster: { ...(stack.configured("cluster") as Values), ...values },
  });

  before(async () => {
    const file = join(fixture().dir, "managed-csi.json");
    writeFileSync(file, JSON.stringify(MANAGED_CSI));
    await kubectl("apply", "-f", file);
    rmSync(file);
    await kubectl("label", "nodes", "--all", "--overwrite", `${SPOT}=spot`);
    stack = await Stack.create({
      namespace: NAMESPACE,
      from: "aks",
      plugins: ["azure-native"],
      // Its own test proves it; here it would only take time.
      config: { monitoring: { install: "none" } },
    });
    stack.configure(
      cluster({
        admins: [{ objectId: "11111111-2222-3333-4444-555555555555" }],
        nodes: { spot: true },
      }),
    );
  });
  after(async () => {
    // A failed test may have left it protected.
    if (stack.resources.length > 0) await stack.pulumi(["state", "unprotect", "--all", "--yes"]);
    await stack.remove();
    await kubectl("delete", "storageclass", "managed-csi", "--ignore-not-found");
    await kubectl("label", "nodes", "--all", `${SPOT}-`);
  });

  it("is previewed without a question to the cloud, and without asking the cluster", async () => {
    const { code, stdout, stderr, operations } = await stack.preview();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(new Set(operations.map(({ op }) => op)), new Set(["create"]));
    assert.deepEqual(changing(asked()), []);
    assert.deepEqual(
      asked().filter(({ method }) => ["Invoke", "Read", "Token"].includes(method)),
      [],
    );
    assert.deepEqual(clouds().inventory(), []);
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
    assert.deepEqual(new Set(calls.map(({ plugin }) => plugin)), new Set(["azure-native", "kubelogin"]));
    assert.ok("Deployment ralph-orchestrator" in (await uids()));
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

  it("an edit of nodes, version and tags is planned and made in place, and no Kubernetes object is touched", async () => {
    const before = { objects: await uids(), resources: ids() };
    stack.configure(
      cluster({
        nodes: { spot: true, count: 4, min: 4, max: 12 },
        version: "1.35",
        tags: { owner: "team-a" },
      }),
    );
    const wanted = TAGGED.map((type) => `update ${type}`);
    for (const command of ["preview", "up"] as const) {
      const { code, stdout, operations } = await stack[command]();
      assert.equal(code, 0, stdout);
      assert.deepEqual(
        changes(operations)
          .map(({ op, type }) => `${op} ${short(type)}`)
          .sort(),
        wanted,
      );
    }
    assert.deepEqual({ objects: await uids(), resources: ids() }, before);
  });

  it("is neither destroyed nor replaced while it is protected, and keeps its lock", async () => {
    const [mark, before] = [asked().length, await uids()];
    // As people call it, with the preview in which the engine finds what is protected.
    const { code, stdout, stderr } = await stack.engine("destroy", ["--yes"]);
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /ManagedCluster.* cannot be deleted[^]*protect/);
    const larger = cluster({ system: { machineType: "Standard_D4s_v5" } });
    const replaced = await stack.configuredAs(larger, () => stack.up());
    assert.notEqual(replaced.code, 0);
    assert.match(replaced.stdout + replaced.stderr, /protect/);
    assert.deepEqual(
      asked(mark).filter(({ method }) => method === "Delete"),
      [],
    );
    assert.deepEqual(counted(), INVENTORY);
    assert.deepEqual(await uids(), before);
  });

  it("unprotected, would be replaced by one of other machines, with all that runs in it", async () => {
    stack.configure(cluster({ deletionProtection: false }));
    const up = await stack.up();
    assert.equal(up.code, 0, up.stdout);
    assert.equal(counted().ManagementLockByScope, undefined);

    const larger = cluster({ system: { machineType: "Standard_D4s_v5" } });
    const { code, stdout, operations } = await stack.configuredAs(larger, () => stack.preview());
    assert.equal(code, 0, stdout);
    const replaced = operations.filter(({ op }) => op === "replace").map(({ type }) => short(type));
    for (const type of ["ManagedCluster", "kubernetes", "Namespace", "Deployment", "PersistentVolumeClaim"]) {
      assert.ok(replaced.includes(type), `${type} is not among ${replaced.join(", ")}`);
    }
  });

  it("goes without a trace, objects first, then nodes, cluster, grants, network", async () => {
    const mark = asked().length;
    const { code, stdout } = await stack.destroy();
    assert.equal(code, 0, stdout);
    assert.deepEqual(stack.resources, []);
    assert.deepEqual(clouds().inventory(), []);
    await until("the namespace is gone", async () => !(await kubectl("get", "ns")).includes(`${NAMESPACE} `));

    const calls = asked(mark);
    const deleted = (name: string) =>
      calls.findIndex((call) => call.method === "Delete" && call.name === name);
    const token = calls.reduce((last, { method }, i) => (method === "Token" ? i : last), -1);
    const deletedType = (type: string) =>
      calls.findIndex((call) => call.method === "Delete" && call.token?.endsWith(`:${type}`) === true);
    const gone = deletedType("ManagedCluster");
    const order = [
      token,
      deletedType("AgentPool"),
      gone,
      deleted("cluster-network"),
      deleted("cluster-nodes"),
      deletedType("ResourceGroup"),
    ];
    assert.ok(deleted("cluster-acr-pull") > gone && deleted("cluster-kubelet") > gone);
    assert.ok(token >= 0);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });
});
