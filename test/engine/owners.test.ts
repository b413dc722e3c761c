/**
 * Proves that no command deletes what is not the stack's, although it has the very names that the stack would use: not
 * with another stack's live cluster, not with one that was created by hand, not by tags that anybody can set, and not
 * when nothing tells whose it is. All stacks with the defaults have the same names. What the state had is the stack's.
 */
import assert from "node:assert/strict";

import { findOrphans } from "../../operations/ephemeral/orphans";
import { findLeaks } from "../../operations/leaks";
import type { Resource } from "../../stub-clouds/types";
import { AKS, EKS, GKE, had, type Properties, tagged, thing } from "./leaks/cases";
import { useWorld } from "./leaks/world";

const THEIRS = { project: "ralph", stack: "team-a" };

/** The same thing with other tags in the place of the stack's. */
function withTags({ token, id, outputs }: Resource, own: Properties): Resource {
  const retagged = (tags: unknown): Properties => {
    const { project, stack, ...rest } = (tags ?? {}) as Properties;
    return project === undefined && stack === undefined ? rest : { ...rest, ...own };
  };
  const text = own.project === undefined ? "" : `project=${String(own.project)} stack=${String(own.stack)}`;
  return thing(token, id, {
    ...outputs,
    ...("tags" in outputs ? { tags: retagged(outputs.tags) } : {}),
    ...("labels" in outputs ? { labels: retagged(outputs.labels) } : {}),
    ...("resourceLabels" in outputs ? { resourceLabels: retagged(outputs.resourceLabels) } : {}),
    ...("description" in outputs ? { description: text } : {}),
  });
}

/** Kinds of what has the name that this stack would use. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  gke: ["NAT router", "cluster", "network", "service account", "subnet"],
  eks: ["cluster", "log group"],
  aks: ["cluster", "resource group"],
};

for (const given of [GKE, EKS, AKS]) {
  const { place, left, cluster } = given;
  const all = [cluster, ...left.map(({ is }) => is)];

  describe(`on ${place.cloud}, what has the names that the stack would use`, () => {
    const { clouds } = useWorld();

    for (const [whose, own, owner] of [
      ["another stack's", THEIRS, "its tags are project=ralph and stack=team-a"],
      ["created by hand", {}, "it has no tags of a stack"],
    ] as const) {
      it(`and is ${whose}, is named as such, without a command`, async () => {
        await clouds.edit(() => all.map((each) => withTags(each, own)));
        const { leftovers, others, unseen } = await findLeaks(place);
        assert.deepEqual([leftovers, unseen], [[], []]);
        assert.deepEqual(others.map(({ what }) => what).sort(), NAMED[place.cloud]);
        assert.equal(others.find(({ what }) => what === "cluster")?.owner, owner);
      });
    }

    it("has no command once its cluster is gone, unless the state had that", async () => {
      await clouds.edit(() => left.map(({ is }) => withTags(is, {})));
      const commands = async (state: Parameters<typeof findLeaks>[2]) =>
        (await findLeaks(place, [], state)).leftovers.map(({ remove }) => remove.length > 0);
      const untold = await commands([]);
      assert.ok(untold.every((has) => !has));
      assert.ok(untold.length > 0);
      assert.ok((await commands(had(given))).some((has) => has));
    });

    it("and was in the state, is the stack's, also after the stack was renamed", async () => {
      await clouds.edit(() => all.map((each) => withTags(each, THEIRS)));
      const { leftovers } = await findLeaks(place, [], had(given));
      assert.ok(leftovers.some(({ what, remove }) => what === "cluster" && remove.length > 0));
    });
  });
}

describe("on gke, a disk", () => {
  const { clouds } = useWorld();

  it("of a cluster of the same name elsewhere is not the stack's", async () => {
    const disk = (id: string, zone: string, location?: string) =>
      thing("gcp:compute/disk:Disk", id, {
        zone: `zones/${zone}`,
        labels: {
          "goog-k8s-cluster-name": "ralph-cluster",
          ...(location === undefined ? {} : { "goog-k8s-cluster-location": location }),
        },
      });
    await clouds.edit(() => [
      disk("pvc-1", "us-central1-a", "us-central1-a"),
      disk("pvc-2", "us-central1-a", "us-central1"),
      disk("pvc-3", "europe-west1-b"),
    ]);
    const { leftovers } = await findLeaks(GKE.place, [], had(GKE));
    assert.deepEqual(
      leftovers.map(({ id }) => id),
      ["pvc-1"],
    );
  });
});

describe("the orphans of a stack that does not exist", () => {
  const { clouds } = useWorld();
  const GHOST = { project: "ralph", stack: "ghost", expires: "2026-11-25t11-00-00z" };
  const NOW = Date.parse("2026-11-25T12:00:00Z");

  it("are not the cluster whose name a registry has, and its disks and network", async () => {
    const [named, owned] = [{ name: "prod-cluster" }, { project: "ralph", stack: "prod" }];
    await clouds.edit(() => [
      thing(
        "gcp:artifactregistry/repository:Repository",
        "projects/acme/locations/us-central1/repositories/prod-cluster",
        { labels: GHOST },
      ),
      thing("gcp:container/cluster:Cluster", "c1", {
        ...named,
        location: "us-central1-a",
        resourceLabels: owned,
      }),
      thing("gcp:compute/network:Network", "n1", named),
      thing("gcp:compute/disk:Disk", "pvc-1", {
        zone: "zones/us-central1-a",
        labels: { "goog-k8s-cluster-name": "prod-cluster" },
      }),
    ]);
    const { orphans } = await findOrphans(["prod"], NOW, "gke");
    assert.deepEqual(
      orphans.map(({ stack, remove }) => [stack, remove]),
      [["ghost", ["gcloud artifacts repositories delete prod-cluster --location=us-central1 --quiet"]]],
    );
  });

  it("are not what has the second of two names in a tag", async () => {
    const own = { ...GHOST, stack: "zzz,prod" };
    await clouds.edit(() => [
      tagged("aws:ebs/volume:Volume", "vol-1", own),
      tagged("aws:eks/cluster:Cluster", "prod", { project: "ralph", stack: "prod" }),
    ]);
    const { orphans } = await findOrphans(["prod"], NOW, "eks");
    assert.deepEqual(
      orphans.map(({ stack, remove }) => [stack, remove]),
      [["zzz,prod", ["aws ec2 delete-volume --volume-id vol-1"]]],
    );
  });
});
