/**
 * Proves `./ralphctl destroy` on the real engine and a real API server, with stubs of the clouds in between: what others
 * created in the cluster is deleted too, the cluster is kept until every disk and load balancer is deleted, leftovers
 * are named with the command that removes them, and a run that is not allowed or not certain is refused before anything
 * is changed. The tests play a cloud's controllers; the vendors' programs answer from the stub's inventory
 * (stub-clouds).
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";

import type { RunResult } from "../../lib/process";
import { AKS, type CloudStack, GKE } from "./support/cloud-stacks";
import { Controllers, disk } from "./support/controllers";
import { fixture } from "./support/fixture";
import { kubectl, kubectlWith, list } from "./support/kubectl";
import { lifecycle } from "./support/lifecycle";
import { Stack, type Values } from "./support/stack";
import { until } from "./support/until";

/** A minimal configuration with objects of most kinds, a volume among them. */
const SMALL: Values = {
  image: { build: false },
  monitoring: { install: "none" },
  ingress: { enabled: false },
  argocd: { enabled: false },
  persistence: { storageClass: "standard", cache: { kind: "emptyDir" } },
};

async function create({ from, plugins, foreign, cluster }: CloudStack, namespace: string): Promise<Stack> {
  const stack = await Stack.create({ namespace, from, plugins, foreign, config: SMALL });
  const given = stack.configured("cluster") as Values;
  stack.configure({ cluster: { ...given, ...cluster, deletionProtection: false } });
  return stack;
}

/** What others deploy beside the stack: each stands for a cloud resource, or blocks its deletion. */
const OTHERS = (namespace: string) => [
  ...["outside", "outside-kept"].map((name) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "standard",
      resources: { requests: { storage: "1Gi" } },
    },
  })),
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "outside", namespace },
    spec: {
      selector: { matchLabels: { app: "outside" } },
      template: {
        metadata: { labels: { app: "outside" } },
        spec: {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "outside",
              image: "outside",
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              resources: {
                requests: { cpu: "1m", memory: "1Mi", "ephemeral-storage": "1Mi" },
                limits: { memory: "1Mi", "ephemeral-storage": "1Mi" },
              },
            },
          ],
          volumes: ["outside", "outside-kept"].map((name) => ({
            name,
            persistentVolumeClaim: { claimName: name },
          })),
        },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "outside", namespace },
    spec: { type: "LoadBalancer", selector: { app: "outside" }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "outside", namespace },
    spec: { defaultBackend: { service: { name: "outside", port: { number: 80 } } } },
  },
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "outside", namespace },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "outside" } } },
  },
];

const CHANGING = /^(Create|Update|Delete)$/;

describe("./ralphctl destroy", () => {
  describe("of a GKE stack that others use too", () => {
    const NAMESPACE = "destroy-gke";
    let stack: Stack;
    let controllers: Controllers;
    const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
    const changed = (from: number) =>
      clouds()
        .ledger()
        .slice(from)
        .filter(({ method, preview }) => CHANGING.test(method) && preview !== true);
    const destroy = (...args: readonly string[]): Promise<RunResult> =>
      lifecycle(stack, "destroy", ...args).result;

    /** Runs a command that must be refused, and checks that nothing was changed, in the cloud or in the cluster. */
    async function refused(...args: readonly string[]): Promise<string> {
      const mark = clouds().ledger().length;
      const before = [stack.resources, await uids()];
      const { code, stdout, stderr } = await destroy(...args);
      assert.equal(code, 1, stdout + stderr);
      assert.deepEqual(changed(mark), []);
      assert.deepEqual([stack.resources, await uids()], before);
      assert.doesNotMatch(stderr, /^\s+at /m);
      return stderr;
    }
    const uids = async (): Promise<string[]> =>
      (await list("deployments,services,pvc,ingresses,poddisruptionbudgets", "-n", NAMESPACE)).map(
        ({ metadata }) => metadata.uid,
      );

    before(async () => {
      stack = await create(GKE, NAMESPACE);
      const up = await stack.up();
      assert.equal(up.code, 0, up.stdout + up.stderr);
      controllers = await Controllers.start(clouds(), NAMESPACE, "ralph-cluster");
      await kubectlWith(OTHERS(NAMESPACE), "apply");
      await until("all claims are bound, and their disks are there", async () => {
        const volumes = await list("persistentvolumes");
        return volumes.filter(({ metadata }) => (metadata.finalizers ?? []).length > 1).length >= 3;
      });
      const claim = await kubectl("get", "pvc", "outside-kept", "-n", NAMESPACE, "-o", "json");
      const { volumeName } = (JSON.parse(claim) as { spec: { volumeName: string } }).spec;
      await kubectl(
        ...["patch", "pv", volumeName, "--type=merge"],
        ...["-p", JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Retain" } })],
      );
      await clouds().edit((all) => [...all, disk("orphan", "ralph-cluster")]);
    });
    after(async () => {
      await controllers.stop();
      await kubectl("delete", "pv", "--all", "--wait=false");
      await stack.remove();
    });

    it("is refused without a terminal, and names what it would delete that Pulumi did not create", async () => {
      const message = await refused();
      assert.match(
        message,
        /cannot ask for confirmation \(stdin is not a terminal\); nothing was changed\. Use --yes/,
      );
      const named = [...message.matchAll(/^ {2}(\S+ destroy-gke\/\S+)$/gm)].map(([, name]) => name);
      assert.deepEqual(
        named.map((name) => name?.replace("destroy-gke/", "")),
        [
          "PodDisruptionBudget outside",
          "Ingress outside",
          "Service outside",
          "Deployment outside",
          "PersistentVolumeClaim outside",
          "PersistentVolumeClaim outside-kept",
        ],
      );
    });

    it("is refused while the cluster is protected, with the commands that turn protection off", async () => {
      const cluster = stack.resources.find(({ type }) => type === GKE.token)?.urn ?? "";
      await stack.pulumi(["state", "protect", cluster, "--yes"]);
      const message = await refused("--yes");
      assert.match(message, /is protected from deletion \(cluster-gke\); nothing was changed/);
      assert.match(
        message,
        / {2}pulumi config set --path ralph:cluster\.deletionProtection false --stack destroy-gke\n/,
      );
      await stack.pulumi(["state", "unprotect", cluster, "--yes"]);
    });

    it("is refused during another run on the stack, and names its owner", async () => {
      const lock = lockOf(stack, { hostname: "build-7", pid: 4711 });
      const message = await refused("--yes");
      assert.match(message, /is locked by process 4711 of \S+ on build-7 .*; nothing was changed/);
      assert.match(message, /--gone build-7, or run: pulumi cancel --yes --stack destroy-gke/);
      rmSync(lock);
      const living = lockOf(stack, { hostname: hostname(), pid: process.pid });
      assert.match(await refused("--yes"), new RegExp(`locked by process ${process.pid} of `));
      rmSync(living);
    });

    it("deletes disks and load balancers first, then everything else, and names what is left", async () => {
      // A run that was killed on this machine has left its lock.
      lockOf(stack, { hostname: hostname(), pid: 2 ** 22 + 1 });
      const kept = clouds()
        .inventory()
        .filter(({ id }) => id === "orphan")
        .map(({ id }) => id);
      const mark = clouds().ledger().length;
      const { code, stdout, stderr } = await destroy("--yes", "--json");
      assert.equal(code, 2, stdout + stderr);
      assert.match(stderr, /Releasing the stale lock of process 4194305 of \S+ on .*\./);

      const result = JSON.parse(stdout) as { kept: { volume: string }[]; leaks: { unseen: unknown[] } };
      const [volume = ""] = result.kept.map(({ volume: name }) => name);
      const removal = (id: string): string =>
        `gcloud compute disks delete ${id} --zone=us-central1-a --quiet --project=acme-agents`;
      assert.deepEqual(
        { ...result, kept: result.kept.length, leaks: { ...result.leaks, looked: undefined } },
        {
          done: true,
          kept: 1,
          copies: [],
          leaks: {
            leftovers: [volume, ...kept].map((id) => ({ what: "disk", id, remove: [removal(id)] })),
            others: [],
            unseen: [],
            looked: undefined,
          },
        },
      );
      assert.deepEqual(stack.resources, []);
      assert.deepEqual(
        clouds()
          .inventory()
          .map(({ id }) => id)
          .sort(),
        [...kept, volume].sort(),
      );

      const deleted = changed(mark).filter(({ method }) => method === "Delete");
      const last = Math.max(...Object.values(controllers.gone));
      assert.equal(Object.keys(controllers.gone).length, 3, "two disks and a load balancer");
      assert.ok(Date.parse(deleted[0]?.time ?? "") > last, "the cloud was touched before they were gone");
      const types = deleted.map(({ token = "" }) => token);
      const places = ["nodePool:NodePool", "cluster:Cluster", "subnetwork:Subnetwork", "network:Network"].map(
        (name) => types.findIndex((type) => type.endsWith(name)),
      );
      assert.deepEqual(
        places,
        [...places].sort((x, y) => x - y),
      );
    });

    it("then has nothing to do, and names what is left until it is deleted", async () => {
      const mark = clouds().ledger().length;
      const again = await destroy("--yes", "--json");
      assert.equal(again.code, 2, again.stderr);
      await clouds().edit(() => []);
      const last = await destroy();
      assert.deepEqual([last.code, last.stdout], [0, `Stack ${NAMESPACE} has left nothing behind.\n`]);
      assert.deepEqual(changed(mark), []);
    });
  });

  describe("of an AKS stack whose cluster cannot be reached", () => {
    const NAMESPACE = "destroy-aks";
    let stack: Stack;
    let objects: object[];
    const clouds = () => stack.clouds ?? assert.fail("no stub cloud");

    before(async () => {
      stack = await create(AKS, NAMESPACE);
      const up = await stack.up();
      assert.equal(up.code, 0, up.stdout + up.stderr);
      objects = stack.objects;
      // From now on the program that gets a token gets none.
      rmSync(join(clouds().dir, "credential.json"));
    });
    after(async () => {
      // What the engine has forgotten is still there, some of it where other stacks have theirs.
      await kubectlWith(objects, "delete", "--ignore-not-found");
      await stack.remove();
    });

    async function refused(pattern: RegExp): Promise<void> {
      const before = stack.resources;
      const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
      assert.equal(code, 1, stdout + stderr);
      assert.match(stderr, /the cluster of stack destroy-aks cannot be reached; nothing was changed/);
      assert.match(stderr, pattern);
      assert.deepEqual(stack.resources, before);
    }

    it("is refused if the cloud reports that the cluster exists", () =>
      refused(/Its cloud reports that the cluster exists: fix the access and repeat the command/));

    it("is refused if the cloud cannot be asked", async () => {
      clouds().logOut(true);
      await refused(
        /It could not be determined whether the cluster still exists: az: not logged in\n {2}az login/,
      );
      clouds().logOut(false);
    });

    it("forgets the cluster's objects if the cloud reports that it no longer exists", async () => {
      // With a cluster, Azure deletes the group of its nodes.
      await clouds().edit((all) =>
        all.filter(({ token, owner }) => token !== AKS.token && owner === undefined),
      );
      const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
      assert.equal(code, 0, stdout + stderr);
      assert.match(stderr, /Its cloud reports that the cluster no longer exists/);
      assert.deepEqual(stack.resources, []);
      assert.deepEqual(clouds().inventory(), []);
    });
  });
});

/** Creates a lock as another run of the engine would. @returns its path */
function lockOf(stack: Stack, owner: { hostname: string; pid: number }): string {
  const folder = join(stack.dir, "state", ".pulumi", "locks", "organization", "ralph", stack.namespace);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  const file = join(folder, "11111111-2222-3333-4444-555555555555.json");
  const content = { username: userInfo().username, timestamp: "2026-01-02T03:04:05Z", ...owner };
  writeFileSync(file, JSON.stringify(content));
  assert.ok(dirname(file).startsWith(fixture().dir));
  return file;
}
