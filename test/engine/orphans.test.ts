/**
 * Proves that what stacks have left in a cloud is found by its tags when no backend knows them any more: on each
 * cloud, by the questions that are asked of the vendor's program; that it is named only once its time is over,
 * with the commands that remove it; and that a cloud which cannot be looked at is told apart from an empty one.
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
const made = (token: string, id: string, outputs: Record<string, unknown>): Resource => ({
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
  made(
    "gcp:artifactregistry/repository:Repository",
    `projects/acme/locations/us-central1/repositories/${cluster}`,
    { name: cluster, labels },
  );
const volume = (id: string, all: object) =>
  made("aws:ebs/volume:Volume", id, { tags: all, arn: `arn:aws:ec2:us-west-2:123456789012:volume/${id}` });
const group = (name: string, all: object) =>
  made("azure-native:resources:ResourceGroup", `/subscriptions/s/resourceGroups/${name}`, {
    name,
    tags: all,
  });

/** What is there: of a stack that has expired, one that has not, one that is to stay, one that somebody has. */
const INVENTORY: Readonly<Record<Exclude<CloudName, "existing">, readonly Resource[]>> = {
  gke: [
    repository("ralph-pr-1-aaaaaa", tags("pr-1", PAST, "team-a")),
    repository("ralph-pr-2-bbbbbb", tags("pr-2", FUTURE)),
    repository("ralph-cluster", tags("prod")),
    repository("ralph-known-cccccc", tags("known", PAST)),
    repository("other", { ...tags("pr-1", PAST), project: "website" }),
    // Nothing of it but its name says whose it is: found once the stack is.
    made("gcp:compute/disk:Disk", "pvc-1", {
      name: "pvc-1",
      zone: "zones/us-central1-a",
      labels: { "goog-k8s-cluster-name": "ralph-pr-1-aaaaaa" },
    }),
  ],
  eks: [
    volume("vol-1", tags("pr-1", PAST, "team-a")),
    volume("vol-2", tags("pr-2", FUTURE)),
    // A life that was made longer is on some of it only.
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

/** What pr-1 has left, and how that goes. */
const LEFT: Readonly<Record<keyof typeof INVENTORY, { reason: string; remove: readonly RegExp[] }>> = {
  gke: {
    reason: "disk pvc-1, image repository projects/acme/locations/us-central1/repositories/ralph-pr-1-aaaaaa",
    remove: [
      /^gcloud compute disks delete pvc-1 /,
      /^gcloud artifacts repositories delete ralph-pr-1-aaaaaa /,
    ],
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

describe("what stacks have left that no backend knows", () => {
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
    it(`is found on ${cloud}, and named once its time is over`, async () => {
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

  it("is what every cloud has, where none is named", async () => {
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

  it("is spoken for by a stack whose name no label can spell", async () => {
    await clouds.edit(() => [repository("ralph-pr-x", tags("pr_x-1", PAST))]);
    assert.deepEqual((await findOrphans(["PR_x.1"], NOW, "gke")).orphans, []);
    assert.deepEqual(
      (await findOrphans(["PR_y.1"], NOW, "gke")).orphans.map(({ stack }) => stack),
      ["pr_x-1"],
    );
  });

  it("is not known where a program is missing", async () => {
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
