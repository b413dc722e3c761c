/**
 * Proves that resources which stacks left in a cloud are found by their tags if no backend knows the stacks any
 * more, on each cloud with the queries of the vendor's program; that they are reported only after their expiry,
 * with the commands that remove them; and that a cloud that cannot be queried is distinguished from an empty one.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CloudName } from "../../clusters";
import { findOrphans } from "../../operations/ephemeral/orphans";
import { installStubClouds, type StubClouds } from "../../stub-clouds/install";
import type { Resource } from "../../stub-clouds/types";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const PAST = "2026-11-25t11-00-00z";
const FUTURE = "2026-11-25t13-00-00z";

const tags = (stack: string, expires?: string, owner?: string) => ({
  project: "ralph",
  stack,
  ...(expires === undefined ? {} : { expires }),
  ...(owner === undefined ? {} : { owner }),
});

let serial = 0;
const cloudResource = (token: string, id: string, outputs: Record<string, unknown>): Resource => ({
  plugin: token.split(":")[0] ?? "",
  token,
  id,
  inputs: {},
  outputs,
  created: 0,
  ready: 0,
  serial: serial++,
});

const repository = (cluster: string, labels: object) =>
  cloudResource(
    "gcp:artifactregistry/repository:Repository",
    `projects/acme/locations/us-central1/repositories/${cluster}`,
    { name: cluster, labels },
  );
const volume = (id: string, all: object) =>
  cloudResource("aws:ebs/volume:Volume", id, {
    tags: all,
    arn: `arn:aws:ec2:us-west-2:123456789012:volume/${id}`,
  });
const group = (name: string, all: object) =>
  cloudResource("azure-native:resources:ResourceGroup", `/subscriptions/s/resourceGroups/${name}`, {
    name,
    tags: all,
  });

/** The inventory: of an expired stack, of one that has not expired, of one without an expiry, and of a known one. */
const INVENTORY: Readonly<Record<Exclude<CloudName, "existing">, readonly Resource[]>> = {
  gke: [
    repository("ralph-pr-1-aaaaaa", tags("pr-1", PAST, "team-a")),
    repository("ralph-pr-2-bbbbbb", tags("pr-2", FUTURE)),
    repository("ralph-cluster", tags("prod")),
    repository("ralph-known-cccccc", tags("known", PAST)),
    repository("other", { ...tags("pr-1", PAST), project: "website" }),
    // Only the name of its cluster leads to it: no command deletes it.
    cloudResource("gcp:compute/disk:Disk", "pvc-1", {
      name: "pvc-1",
      zone: "zones/us-central1-a",
      labels: { "goog-k8s-cluster-name": "ralph-pr-1-aaaaaa" },
    }),
  ],
  eks: [
    volume("vol-1", tags("pr-1", PAST, "team-a")),
    volume("vol-2", tags("pr-2", FUTURE)),
    // An extended expiry is on only some of the resources.
    volume("vol-3", tags("pr-2", PAST)),
    volume("vol-4", tags("prod")),
    volume("vol-5", tags("known", PAST)),
  ],
  aks: [
    group("ralph-pr-1-aaaaaa", tags("pr-1", PAST, "team-a")),
    group("ralph-pr-2-bbbbbb", tags("pr-2", FUTURE)),
    group("ralph-rg", tags("prod")),
    group("ralph-known-cccccc", tags("known", PAST)),
  ],
};

/** What pr-1 left, and how it is removed. */
const LEFT: Readonly<Record<keyof typeof INVENTORY, { reason: string; remove: readonly RegExp[] }>> = {
  gke: {
    reason: "image repository projects/acme/locations/us-central1/repositories/ralph-pr-1-aaaaaa, disk pvc-1",
    remove: [/^gcloud artifacts repositories delete ralph-pr-1-aaaaaa /],
  },
  eks: {
    reason: "disk arn:aws:ec2:us-west-2:123456789012:volume/vol-1",
    remove: [/^aws ec2 delete-volume --volume-id vol-1\b/],
  },
  aks: {
    reason: "resource group /subscriptions/s/resourceGroups/ralph-pr-1-aaaaaa",
    remove: [/^az group delete --name ralph-pr-1-aaaaaa /],
  },
};

describe("resources left by stacks that no backend knows", () => {
  const { PATH } = process.env;
  let dir: string;
  let clouds: StubClouds;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "ralph-orphans-"));
    clouds = installStubClouds(join(dir, "pulumi-home"), { dir: join(dir, "world"), plugins: [] });
    process.env.PATH = clouds.environment(PATH).PATH;
  });
  after(() => {
    process.env.PATH = PATH;
    rmSync(dir, { recursive: true });
  });

  for (const cloud of ["gke", "eks", "aks"] as const) {
    it(`are found on ${cloud}, and reported after their expiry`, async () => {
      await clouds.edit(() => INVENTORY[cloud]);
      const { orphans, unseen } = await findOrphans(["known"], NOW, cloud);
      assert.deepEqual(unseen, []);
      const [orphan, ...others] = orphans.map(({ remove, ...rest }) => ({ ...rest, remove: remove?.length }));
      assert.deepEqual(orphan, {
        stack: "pr-1",
        expires: "2026-11-25T11:00:00Z",
        owner: "team-a",
        outcome: "orphan",
        reason: `is not in this backend, and has left behind on ${cloud}: ${LEFT[cloud].reason}`,
        remove: LEFT[cloud].remove.length,
      });
      LEFT[cloud].remove.forEach((command, i) => assert.match(orphans[0]?.remove?.[i] ?? "", command));
      assert.deepEqual(others, [
        {
          stack: "pr-2",
          expires: "2026-11-25T13:00:00Z",
          outcome: "keep",
          reason: `is on ${cloud}, is not in this backend, and expires at 2026-11-25T13:00:00Z`,
          remove: undefined,
        },
      ]);
    });
  }

  it("are searched for on every cloud if none is named", async () => {
    await clouds.edit(() => Object.values(INVENTORY).flat());
    const { orphans } = await findOrphans(["known", "pr-2"], NOW);
    assert.deepEqual(
      orphans.map(({ stack, reason }) => [stack, /on (\w+):/.exec(reason)?.[1]]),
      [
        ["pr-1", "gke"],
        ["pr-1", "eks"],
        ["pr-1", "aks"],
      ],
    );
  });

  it("are not reported for a known stack whose name is not a valid label", async () => {
    await clouds.edit(() => [repository("ralph-pr-x", tags("pr_x-1", PAST))]);
    assert.deepEqual((await findOrphans(["PR_x.1"], NOW, "gke")).orphans, []);
    assert.deepEqual(
      (await findOrphans(["PR_y.1"], NOW, "gke")).orphans.map(({ stack }) => stack),
      ["pr_x-1"],
    );
  });

  it("are unknown if a program is not installed", async () => {
    process.env.PATH = join(dir, "nothing");
    try {
      const { orphans, unseen } = await findOrphans([], NOW, "eks");
      assert.deepEqual(orphans, []);
      assert.deepEqual(unseen, [
        {
          about: "everything with a tag",
          reason: "aws is not on PATH",
          fix: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
        },
      ]);
    } finally {
      process.env.PATH = clouds.environment(PATH).PATH;
    }
  });
});
