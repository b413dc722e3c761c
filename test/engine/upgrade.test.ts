/**
 * Proves the promise to users of a release: today's program neither replaces nor deletes their cluster, nodes,
 * volumes or namespace, nor anything else that is not accepted here. The real engine and provider import and
 * preview the state that each release left (test/engine/releases, docs/releasing.md).
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { changes } from "./support/events";
import { isIrreplaceable, type Loss, losses } from "./support/losses";
import { blank } from "./support/portable";
import { forget, path, recordings, restore, STACKS } from "./support/release";
import type { Stack, Values } from "./support/stack";

/** What users of a release lose on purpose, as `type name` by `version stack`. */
const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  "0.1.0 local": [],
  // The role is on the stack's own repository instead.
  "0.1.0 gke": ["gcp:projects/iAMMember:IAMMember cluster-nodes-registry"],
  // A narrower policy takes its place.
  "0.1.0 eks": [
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-aws-ebs-csi-driver-AmazonEBSCSIDriverPolicy",
  ],
  "0.1.0 aks": [],
};

const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const NAMESPACE = "kubernetes:core/v1:Namespace";

/** What each record must contain: it proves nothing about what it lacks. */
const HELD: Readonly<Record<string, readonly string[]>> = {
  local: [CLAIM, NAMESPACE],
  gke: ["gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool", CLAIM, NAMESPACE],
  eks: [
    "aws:efs/fileSystem:FileSystem",
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    CLAIM,
    NAMESPACE,
  ],
  aks: [
    "azure-native:containerservice:AgentPool",
    "azure-native:containerservice:ManagedCluster",
    "azure-native:resources:ResourceGroup",
    CLAIM,
    NAMESPACE,
  ],
};

/** For each stack an edit that deletes something, and what: the checks must detect it. */
const LOSING: Readonly<Record<string, { edit: Values; lost: string }>> = {
  local: { edit: { persistence: { enabled: false } }, lost: `${CLAIM} ralph-workspace` },
  gke: {
    edit: { cluster: { location: "us-central1-b" } },
    lost: "gcp:container/cluster:Cluster cluster-gke",
  },
  eks: {
    edit: { cluster: { nodes: { spot: true } } },
    lost: "aws:eks/nodeGroup:NodeGroup cluster-nodes",
  },
  aks: {
    edit: { cluster: { nodes: { spot: true, machineType: "Standard_D4s_v5" } } },
    lost: "azure-native:containerservice:AgentPool cluster-spot",
  },
};

const spelled = ({ type, name }: Loss): string => `${type} ${name}`;

describe("an upgrade", () => {
  it("has a record of each stack", () => {
    assert.deepEqual([...new Set(recordings().map(({ name }) => name))].sort(), Object.keys(STACKS).sort());
  });

  it("refuses a record of what only this machine has", () => {
    assert.throws(
      () => blank('{ "server": "https://127.0.0.1:1" }'),
      /127\.0\.0\.1, which is specific to this machine/,
    );
  });

  for (const recording of recordings()) {
    const { version, name } = recording;
    describe(`of ${name} from ${version}`, () => {
      let stack: Stack;
      const edited = (edit: Values): Values => ({
        ...edit,
        cluster: { ...(stack.configured("cluster") as Values), ...(edit.cluster as Values | undefined) },
      });
      before(async () => (stack = await restore(recording)));
      after(() => forget(stack));

      it("is recorded with its secrets encrypted, and independent of any machine", () => {
        const text = (["json", "yaml"] as const).map((ending) =>
          readFileSync(path(recording, ending), "utf8"),
        );
        assert.doesNotMatch(text.join(""), /"plaintext"|PRIVATE KEY|LS0tLS1CRUdJTi|127\.0\.0\.1|localhost/);
      });

      it("deletes nothing that cannot be restored, and nothing else that is not accepted", async () => {
        const types = stack.resources.map(({ type }) => type).filter(isIrreplaceable);
        assert.deepEqual(new Set(types), new Set(HELD[name]));

        const preview = await stack.preview();
        const lost = losses(preview);
        assert.deepEqual(
          lost.filter(({ type }) => isIrreplaceable(type)),
          [],
        );
        assert.deepEqual(lost.map(spelled), ACCEPTED[`${version} ${name}`] ?? []);
        assert.equal(preview.code, 0, preview.stdout + preview.stderr);
      });

      it("is previewed completely if objects change in place", async () => {
        const preview = await stack.configuredAs({ autoscaling: { maxReplicas: 4 } }, () => stack.preview());
        assert.equal(preview.code, 0, preview.stdout + preview.stderr);
        assert.ok(
          changes(preview.operations).some(({ op, name }) => op === "update" && name === "ralph-hpa"),
        );
        assert.deepEqual(losses(preview).map(spelled), ACCEPTED[`${version} ${name}`] ?? []);
      });

      it("detects what an edit deletes", async () => {
        const { edit, lost } = LOSING[name] ?? assert.fail(`no losing edit of ${name}`);
        const preview = await stack.configuredAs(edited(edit), () => stack.preview());
        const seen = losses(preview).filter(({ type }) => isIrreplaceable(type));
        assert.ok(seen.map(spelled).includes(lost), preview.stdout + preview.stderr);
      });
    });
  }
});
