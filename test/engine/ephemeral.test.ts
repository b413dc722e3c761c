/**
 * Proves, with the commands that people and CI run, on the real engine and a real API server with stub clouds: an
 * ephemeral stack comes up from the committed stack file in the caller's own backend, small, unprotected and with
 * its expiry on everything that can be tagged; a second run changes nothing, from another machine either; an
 * extension touches no node and no object; the stack is deleted completely, wherever a run was interrupted; and
 * what is left in the cloud is reported and remembered.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { momentOfTag, parseMoment } from "../../clusters/lifetime";
import { ephemeralName } from "../../clusters/ephemeral";
import type { ReapReport } from "../../operations/ephemeral/reap";
import { fileOf, folderOf } from "../../operations/ephemeral/stack-file";
import { REPOSITORY } from "../../lib/repository";
import type { Call, Resource, Values } from "../../stub-clouds/types";
import { Backend } from "./support/backend";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { AKS, type CloudStack, EKS, GKE } from "./support/cloud-stacks";
import { everything, kubectl } from "./support/kubectl";
import { until } from "./support/until";

const HOUR = 3_600_000;
const NETWORK = "gcp:compute/network:Network";
const NODE_POOL = "gcp:container/nodePool:NodePool";

const changing = (calls: readonly Call[]) =>
  calls.filter(({ method, preview }) => /^(Create|Update|Delete)$/.test(method) && preview !== true);

/** The tag that identifies a resource's stack, wherever its cloud stores it. */
function tagsIn(value: unknown): Values[] {
  if (typeof value !== "object" || value === null) return [];
  const { project, stack } = value as Values;
  const here = project === "ralph" && typeof stack === "string" ? [value as Values] : [];
  return [...here, ...Object.values(value).flatMap(tagsIn)];
}

const uids = async (namespace: string) =>
  Object.fromEntries(
    (await everything(namespace))
      .filter(({ metadata }) => metadata.ownerReferences === undefined)
      .map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.uid]),
  );

/** Options that run a cloud's committed stack file on its stub. */
const own = ({ from }: CloudStack, namespace: string) =>
  [
    ...(from === "gke" ? ["gcp:project=acme-agents"] : []),
    ...(from === "aks" ? ["ralph:cluster.admins[0].objectId=11111111-2222-3333-4444-555555555555"] : []),
    `ralph:namespace=${namespace}`,
    // It has its own test; here it would only take time.
    "ralph:monitoring.install=none",
  ].flatMap((value) => ["--set", value]);

describe("an ephemeral stack", function () {
  this.timeout("480s");
  const name = "pr-1";
  const namespace = "ephemeral";
  const request = ["ephemeral", "up", "--cloud", "gke", "--name", name];
  let backend: Backend;
  let first: Record<string, unknown>;

  before(async () => {
    await createCloudClasses();
    backend = new Backend("ephemeral", [...GKE.plugins, "docker-build"]);
  });
  after(async () => {
    await backend.remove();
    await deleteCloudClasses();
  });

  it("is refused with every problem of the request, and nothing is created", async () => {
    const { code, stdout, stderr } = await backend.lifecycle(
      ...["ephemeral", "up", "--cloud", "gcp", "--name", "gke", "--ttl", "1y"],
    );
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^error: 3 problems in the options; nothing was changed\.$/m);
    assert.deepEqual(backend.stacks, []);
    assert.deepEqual(backend.clouds.ledger(), []);
  });

  it("comes up small, unprotected, under its own name, and tagged with its expiry", async () => {
    const committed = readFileSync(join(REPOSITORY, "Pulumi.gke.yaml"), "utf8");
    const began = Date.now();
    const { code, stdout, stderr } = await backend.lifecycle(
      ...[...request, "--ttl", "4h", "--owner", "team-a", ...own(GKE, namespace), "--json"],
    );
    assert.equal(code, 0, stderr);
    const { expires, set, registry, ...rest } = JSON.parse(stdout) as Record<string, string>;
    first = JSON.parse(stdout) as typeof first;
    const clusterName = ephemeralName("ralph", name);
    assert.deepEqual(rest, {
      stack: name,
      cloud: "gke",
      owner: "team-a",
      created: true,
      clusterName,
      namespace,
    });
    assert.deepEqual(Object.keys(set as unknown as object).length, 3);
    assert.match(registry ?? "", new RegExp(`/${clusterName}(/|$)`));
    const end = parseMoment(expires ?? "") ?? 0;
    assert.ok(end >= began + 4 * HOUR - 1000 && end <= Date.now() + 4 * HOUR, expires);

    const inventory = backend.clouds.inventory();
    const cluster = inventory.find(({ token }) => token === GKE.token);
    assert.deepEqual([cluster?.outputs.name, cluster?.inputs.deletionProtection], [clusterName, false]);
    const pool = inventory.find(({ token }) => token === NODE_POOL)?.inputs;
    assert.deepEqual(
      [pool?.nodeConfig.machineType, pool?.autoscaling.totalMaxNodeCount],
      ["e2-standard-2", 2],
    );
    const tags = inventory.flatMap(({ inputs }) => tagsIn(inputs));
    assert.ok(tags.length >= 3);
    for (const { expires: tag, ...each } of tags) {
      assert.deepEqual(each, { project: "ralph", stack: name, owner: "team-a" });
      assert.equal(momentOfTag(tag as string), expires);
    }
    // No committed file is edited, and no other file appears beside it.
    assert.equal(readFileSync(join(REPOSITORY, "Pulumi.gke.yaml"), "utf8"), committed);
    assert.equal(existsSync(join(REPOSITORY, `Pulumi.${name}.yaml`)), false);
    assert.ok(existsSync(fileOf(name)));
  });

  it("a second run changes nothing, on a machine that does not know the stack", async () => {
    rmSync(folderOf(name), { recursive: true });
    const before = await uids(namespace);
    const mark = backend.clouds.ledger().length;
    const { code, stdout, stderr } = await backend.lifecycle(...request, "--json");
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { ...first, created: false });
    assert.deepEqual(changing(backend.clouds.ledger().slice(mark)), []);
    assert.match(stderr, /^Resources:\n\s+\d+ unchanged$/m);
    assert.deepEqual(await uids(namespace), before);
  });

  it("is extended on request, and none of its objects is recreated", async () => {
    const before = await uids(namespace);
    const mark = backend.clouds.ledger().length;
    const { code, stdout, stderr } = await backend.lifecycle(...request, "--ttl", "2d", "--json");
    assert.equal(code, 0, stderr);
    const { expires } = JSON.parse(stdout) as { expires: string };
    assert.ok(Date.parse(expires) - Date.now() > 47 * HOUR, expires);
    const tags = backend.clouds.inventory().flatMap(({ inputs }) => tagsIn(inputs));
    assert.deepEqual([...new Set(tags.map((each) => momentOfTag(each.expires as string)))], [expires]);
    assert.deepEqual(
      [...new Set(changing(backend.clouds.ledger().slice(mark)).map(({ method }) => method))],
      ["Update"],
    );
    assert.deepEqual(await uids(namespace), before);
    assert.ok((await backend.pulumi("stack", "tag", "ls", "--stack", name)).includes(expires));
  });

  it("is not deleted without confirmation", async () => {
    const { code, stderr } = await backend.lifecycle("ephemeral", "down", "--name", name);
    assert.equal(code, 1);
    assert.match(stderr, /cannot ask for confirmation .*; nothing was changed\. Use --yes/);
    assert.deepEqual(backend.stacks, [name]);
  });

  it("is deleted, and what its cluster left is reported; the stack stays as a record of that", async () => {
    const disk: Resource = {
      plugin: "gcp",
      token: "gcp:compute/disk:Disk",
      id: "projects/acme-agents/zones/us-central1-a/disks/pvc-1",
      inputs: {},
      outputs: {
        name: "pvc-1",
        zone: "https://www.googleapis.com/compute/v1/projects/acme-agents/zones/us-central1-a",
        labels: { "goog-k8s-cluster-name": ephemeralName("ralph", name) },
      },
      created: 0,
      ready: 0,
      serial: 1000,
    };
    await backend.clouds.edit((resources) => [...resources, disk]);
    const { code, stdout, stderr } = await backend.lifecycle(
      ...["ephemeral", "down", "--name", name, "--yes", "--json"],
    );
    assert.equal(code, 2, stderr);
    const { outcome, leaks } = JSON.parse(stdout) as { outcome: string; leaks: { leftovers: unknown[] } };
    assert.equal(outcome, "left");
    assert.deepEqual(leaks.leftovers, [
      {
        what: "disk",
        id: "pvc-1",
        remove: ["gcloud compute disks delete pvc-1 --zone=us-central1-a --quiet --project=acme-agents"],
      },
    ]);
    assert.deepEqual(
      backend.clouds.inventory().map(({ token }) => token),
      ["gcp:compute/disk:Disk"],
    );
    assert.deepEqual(backend.stacks, [name]);
  });

  it("is removed once that is deleted, and another call has nothing to do", async () => {
    await backend.clouds.edit(() => []);
    const down = await backend.lifecycle("ephemeral", "down", "--name", name, "--yes");
    assert.equal(down.code, 0, down.stderr);
    assert.match(down.stdout, /^Stack pr-1 is deleted\.$/m);
    assert.deepEqual(backend.stacks, []);
    assert.equal(existsSync(folderOf(name)), false);

    const again = await backend.lifecycle("ephemeral", "down", "--name", name, "--yes");
    assert.deepEqual([again.code, again.stdout], [0, "There is no stack pr-1: nothing to do.\n"]);
    await until("the namespace is gone", async () => !(await kubectl("get", "ns")).includes(`${namespace} `));
  });

  it("is deleted from whatever state a Ctrl-C left it in", async () => {
    backend.clouds.faults([{ token: NODE_POOL, method: "Create", does: "slow", ms: 3_000 }]);
    const mark = backend.clouds.ledger().length;
    const up = backend.begin("ephemeral", "up", "--cloud", "gke", "--name", "pr-2", ...own(GKE, "pr-2"));
    await until(
      "the cluster is there",
      () => changing(backend.clouds.ledger().slice(mark)).some(({ token }) => token === GKE.token),
      60_000,
    );
    up.signal("SIGINT");
    const { code, stderr } = await up.result;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^Stopped\. /m);
    assert.ok(backend.clouds.inventory().some(({ token }) => token === NETWORK));
    const reap = await backend.lifecycle("reap", "--cloud", "gke", "--json");
    const { stacks } = JSON.parse(reap.stdout) as ReapReport;
    assert.deepEqual(
      stacks.map(({ stack, outcome }) => [stack, outcome]),
      [["pr-2", "keep"]],
    );

    const down = await backend.lifecycle("ephemeral", "down", "--name", "pr-2", "--yes");
    assert.equal(down.code, 0, down.stderr);
    assert.deepEqual(backend.clouds.inventory(), []);
    assert.deepEqual(backend.stacks, []);
  });

  it("up and down refuse a stack that is not ephemeral", async () => {
    await backend.init("prod");
    await backend.import("prod", { resources: [], outputs: { clusterName: "prod" } });
    const before = backend.snapshot();
    for (const args of [
      ["up", "--cloud", "gke", "--name", "prod"],
      ["down", "--name", "prod", "--yes"],
    ]) {
      const { code, stderr } = await backend.lifecycle("ephemeral", ...args);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /stack prod (exists, and )?is not ephemeral/);
    }
    assert.deepEqual(backend.snapshot(), before);
    await backend.pulumi("stack", "rm", "prod", "--yes", "--force");
  });
});

/** What an extension must not change: the machines, on which agents are working. */
const MACHINES: Readonly<Record<string, readonly string[]>> = {
  eks: ["aws:ec2/launchTemplate:LaunchTemplate"],
  aks: [],
};

for (const cloud of [EKS, AKS]) {
  describe(`an ephemeral stack on ${cloud.from}`, function () {
    this.timeout("480s");
    const name = `pr-3-${cloud.from}`;
    const request = ["ephemeral", "up", "--cloud", cloud.from, "--name", name];
    let backend: Backend;
    before(async () => {
      await createCloudClasses();
      backend = new Backend(name, [...cloud.plugins, "docker-build"]);
    });
    after(async () => {
      await backend.remove();
      await deleteCloudClasses();
    });

    it("comes up, is extended on the same machines, and is deleted completely", async () => {
      const up = await backend.lifecycle(...request, "--owner", "team-a", ...own(cloud, name), "--json");
      assert.equal(up.code, 0, up.stderr);
      const { expires } = JSON.parse(up.stdout) as { expires: string };
      const created = backend.clouds.inventory();
      assert.ok(created.some(({ token }) => token === cloud.token));
      const tags = created.flatMap(({ inputs }) => tagsIn(inputs));
      assert.ok(tags.length >= 5);
      for (const { stack, owner, expires: end } of tags) {
        assert.deepEqual([stack, owner, momentOfTag(end as string)], [name, "team-a", expires]);
      }
      assert.ok(tags.some((each) => each.stack === name) && !created.some(isProtected));

      const machines = () =>
        backend.clouds.inventory().filter(({ token }) => MACHINES[cloud.from]?.includes(token));
      const before = machines().map(({ outputs: { tagSpecifications, latestVersion } }) => ({
        tagSpecifications,
        latestVersion,
      }));
      const longer = await backend.lifecycle(...request, "--ttl", "2d", "--json");
      assert.equal(longer.code, 0, longer.stderr);
      assert.notEqual((JSON.parse(longer.stdout) as { expires: string }).expires, expires);
      assert.deepEqual(
        machines().map(({ outputs: { tagSpecifications, latestVersion } }) => ({
          tagSpecifications,
          latestVersion,
        })),
        before,
      );
      const ids = (resources: readonly Resource[]) =>
        resources.map(({ token, id }) => `${token} ${id}`).sort();
      assert.deepEqual(ids(backend.clouds.inventory()), ids(created));

      const down = await backend.lifecycle("ephemeral", "down", "--name", name, "--yes");
      assert.equal(down.code, 0, down.stdout + down.stderr);
      assert.deepEqual(backend.clouds.inventory(), []);
      assert.deepEqual(backend.stacks, []);
    });
  });
}

const isProtected = ({ token, inputs }: Resource): boolean =>
  inputs.deletionProtection === true || token.includes("ManagementLock");
