/**
 * Proves that what a killed run was creating is adopted only if it is the stack's: a name may have led to what was there
 * before, and a later destroy would delete that. Until it is known whose something is, a destroy only forgets it. The
 * engine here is a stand-in; kill-points.test.ts recovers with the real one.
 */
import assert from "node:assert/strict";

import type { Place } from "../../clusters/operations";
import type { Resource, State } from "../../operations/engine/state";
import { recover } from "../../operations/recover";

const PLACE: Place = {
  cloud: "gke",
  stack: "PR-1",
  cluster: "ralph-cluster",
  where: { location: "us-central1-a" },
  provider: { project: "acme" },
};
const OWN = { project: "ralph", stack: "pr-1" };
const THEIRS = { project: "ralph", stack: "team-a" };
const text = ({ project, stack }: typeof OWN): string => `project=${project} stack=${stack}`;

type Outputs = Readonly<Record<string, unknown>>;

/** Type, inputs of the killed run, what the provider reads then (nothing if it does not exist), and whether it is adopted. */
const CASES: readonly (readonly [
  type: string,
  inputs: Outputs,
  read: Outputs | undefined,
  adopted: boolean,
])[] = [
  ["gcp:container/cluster:Cluster", { resourceLabels: OWN }, { resourceLabels: OWN }, true],
  ["gcp:container/cluster:Cluster", { resourceLabels: OWN }, { resourceLabels: THEIRS }, false],
  ["gcp:container/cluster:Cluster", { resourceLabels: OWN }, {}, false],
  ["gcp:artifactregistry/repository:Repository", { labels: OWN }, { labels: {}, effectiveLabels: OWN }, true],
  ["gcp:artifactregistry/repository:Repository", { labels: OWN }, { effectiveLabels: THEIRS }, false],
  ["gcp:compute/network:Network", { description: text(OWN) }, { description: text(OWN) }, true],
  ["gcp:compute/network:Network", { description: text(OWN) }, { description: text(THEIRS) }, false],
  ["gcp:compute/network:Network", { description: text(OWN) }, { description: "" }, false],
  ["gcp:compute/network:Network", { description: text(OWN) }, undefined, false],
  // A part of the stack's own router.
  ["gcp:compute/routerNat:RouterNat", { router: "r", region: "us-central1" }, {}, true],
  [
    "kubernetes:core/v1:Namespace",
    { metadata: { name: "n", labels: { "ralph-orchestrator/stack": "PR-1" } } },
    { metadata: { name: "n", labels: { "ralph-orchestrator/stack": "PR-1", more: "" } } },
    true,
  ],
  [
    "kubernetes:core/v1:Namespace",
    { metadata: { name: "n", labels: { "ralph-orchestrator/stack": "PR-1" } } },
    { metadata: { name: "n" } },
    false,
  ],
];

describe("what a killed run was creating", () => {
  for (const [type, given, read, adopted] of CASES) {
    it(`is ${adopted ? "" : "not "}adopted: ${type} that is read as ${JSON.stringify(read)}`, async () => {
      const inputs = { name: "n", location: "us-central1", repositoryId: "n", ...given };
      const created: Resource = { urn: `urn:pulumi:PR-1::ralph::${type}::it`, type, custom: true, inputs };
      const pending: State = { resources: [], pending: [{ type: "creating", resource: created }] };
      let resources: readonly Resource[] = [];
      await recover(
        {
          claim: async () => undefined,
          adopt: async (ids) => {
            resources = [...ids].map(([, id]) => ({ ...created, id, retainOnDelete: true }));
          },
          command: async () => {
            resources = read === undefined ? [] : resources.map((each) => ({ ...each, outputs: read }));
          },
          state: async () => ({ resources, pending: [] }),
          settle: async (others) => {
            resources = resources.filter(({ urn }) => !others.has(urn));
          },
        },
        PLACE,
        pending,
        () => undefined,
      );
      assert.equal(resources.length, adopted ? 1 : 0);
    });
  }

  it("is judged again if the first attempt failed before that", async () => {
    const urn = "urn:pulumi:PR-1::ralph::gcp:compute/network:Network::it";
    const left: Resource = {
      ...{ urn, type: "gcp:compute/network:Network", custom: true, id: "n", retainOnDelete: true },
      inputs: { description: text(OWN) },
      outputs: { description: text(THEIRS) },
    };
    const others: string[] = [];
    const repaired = await recover(
      {
        claim: async () => undefined,
        adopt: async () => undefined,
        command: async () => undefined,
        state: async () => ({ resources: [left], pending: [] }),
        settle: async (urns) => void others.push(...urns),
      },
      PLACE,
      { resources: [left], pending: [] },
      () => undefined,
    );
    assert.deepEqual([repaired, others], [true, [urn]]);
  });

  it("leaves alone what outlives the stack", async () => {
    const kept: Resource = {
      ...{ urn: "urn:pulumi:PR-1::ralph::aws:backup/vault:Vault::it", type: "aws:backup/vault:Vault" },
      ...{ custom: true, id: "n", retainOnDelete: true, inputs: { tags: { "copies-of": "PR-1" } } },
    };
    const never = async () => assert.fail("there is nothing to recover");
    const engine = { claim: never, adopt: never, command: never, state: never, settle: never };
    assert.equal(await recover(engine, PLACE, { resources: [kept], pending: [] }, () => undefined), false);
  });
});
