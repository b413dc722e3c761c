/**
 * Proves of each cloud that what docs/production.md offers works in one stack at once, on the real engine and a real API
 * server with a stub of the cloud: `up` creates all of it, a second one changes nothing, and `./ralphctl destroy` leaves
 * what a backup is to leave, and nothing else. The controllers behind the custom kinds are not here: an ExternalSecret is
 * Ready as soon as it exists.
 */
import assert from "node:assert/strict";

import { createCloudClasses, deleteCloudClasses } from "../engine/support/cloud-classes";
import { AKS, type CloudStack, EKS, GKE } from "../engine/support/cloud-stacks";
import { changes } from "../engine/support/events";
import { kubectl, kubectlWith } from "../engine/support/kubectl";
import { lifecycle } from "../engine/support/lifecycle";
import { Stack, type Values } from "../engine/support/stack";

interface Case extends CloudStack {
  readonly config: Values;
  readonly clusterKeys: Values;
  /** What a destroyed stack leaves: the copies of its backups. */
  readonly kept: readonly string[];
}

const POOL = { name: "agents", machineType: "n1-standard-4", min: 1, max: 4, sandbox: true };

const CASES: readonly Case[] = [
  {
    ...GKE,
    config: { backup: { enabled: true, copy: { region: "us-east1" } }, secretStore: { cloud: true } },
    clusterKeys: { hostPolicies: true, nodePools: [POOL] },
    kept: [],
  },
  {
    ...EKS,
    config: { backup: { enabled: true, copy: { region: "us-east-1" } }, secretStore: { cloud: true } },
    clusterKeys: { logs: { workloads: true } },
    kept: ["aws:backup/vault:Vault"],
  },
  {
    ...AKS,
    config: {
      backup: { enabled: true, copy: { region: "westus" } },
      secretStore: {
        cloud: true,
        vault:
          "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/ralph",
      },
    },
    clusterKeys: {
      hostPolicies: true,
      logs: { workloads: true },
      nodePools: [{ ...POOL, machineType: "Standard_D4s_v5" }],
    },
    kept: ["azure-native:resources:ResourceGroup"],
  },
];

/** Of every stack here. */
const COMMON: Values = {
  apiKeys: { externalSecret: { keys: { claude: { key: "ralph-claude" } } } },
  config: { agent: "claude" },
  monitoring: { install: "none" },
  policy: { images: "deny" },
  telemetry: { otlp: { endpoint: "https://otlp.example.com" } },
};
const HOSTS = ["api.anthropic.com", "otlp.example.com"];

/** Custom kinds whose operators a cloud or a chart brings. */
const KINDS = [
  ["external-secrets.io", "v1", "ExternalSecret"],
  ["external-secrets.io", "v1", "SecretStore"],
  ["networking.gke.io", "v1alpha1", "FQDNNetworkPolicy"],
  ["cilium.io", "v2", "CiliumNetworkPolicy"],
  ["snapshot.storage.k8s.io", "v1", "VolumeSnapshot"],
  ["snapshot.storage.k8s.io", "v1", "VolumeSnapshotContent"],
  ["snapshot.storage.k8s.io", "v1", "VolumeSnapshotClass"],
] as const;
const OF_THE_CLUSTER = ["VolumeSnapshotContent", "VolumeSnapshotClass"];
const plural = (kind: string): string => kind.toLowerCase().replace(/y$/, "ie").replace(/s$/, "se") + "s";
const ANYTHING = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

const CRDS = KINDS.map(([group, version, kind]) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: `${plural(kind)}.${group}`,
    // Required in Kubernetes' own groups, such as that of snapshots.
    annotations: { "api-approved.kubernetes.io": "unapproved, a stand-in" },
  },
  spec: {
    group,
    scope: OF_THE_CLUSTER.includes(kind) ? "Cluster" : "Namespaced",
    names: { kind, plural: plural(kind), singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            ...ANYTHING,
            properties: {
              status: { ...ANYTHING, default: { conditions: [{ type: "Ready", status: "True" }] } },
            },
          },
        },
      },
    ],
  },
}));
/** What the sandbox pools of the clouds bring. */
const RUNTIMES = ["gvisor", "kata-vm-isolation"].map((name) => ({
  apiVersion: "node.k8s.io/v1",
  kind: "RuntimeClass",
  metadata: { name },
  handler: name,
}));
const LABELS = [
  "sandbox.gke.io/runtime=gvisor",
  "cloud.google.com/gke-nodepool=agents",
  "ralph-sandbox=true",
];
const GIVEN = [...CRDS, ...RUNTIMES];

describe("a stack in production", function () {
  this.timeout(900_000);
  before(async () => {
    await kubectlWith(GIVEN, "apply");
    await kubectl("label", "nodes", "--all", "--overwrite", ...LABELS);
  });
  after(async () => {
    await kubectlWith(GIVEN, "delete", "--ignore-not-found");
    await kubectl("label", "nodes", "--all", ...LABELS.map((label) => `${label.split("=")[0]}-`));
  });

  for (const { from, plugins, foreign, cluster, config, clusterKeys, kept } of CASES) {
    describe(`on ${from.toUpperCase()}`, () => {
      let stack: Stack;
      before(async () => {
        await createCloudClasses();
        const hosts = "hostPolicies" in clusterKeys ? { networkPolicy: { hosts: HOSTS } } : {};
        stack = await Stack.create({
          namespace: `${from}-production`,
          from,
          plugins,
          foreign,
          config: { ...COMMON, ...config, ...hosts },
        });
        const base = stack.configured("cluster") as Values;
        stack.configure({ cluster: { ...base, ...cluster, ...clusterKeys, deletionProtection: false } });
      });
      after(async () => {
        await stack.remove();
        await deleteCloudClasses();
      });

      it("comes up, each part as its cloud accepts it", async () => {
        const { code, stdout, stderr } = await stack.up();
        assert.equal(code, 0, stdout + stderr);
        assert.deepEqual(
          stack.clouds?.ledger().filter(({ generic, outcome }) => generic === true || outcome !== "ok"),
          [],
        );
      });

      it("is not changed by a second `up`", async () => {
        const { code, stdout, operations } = await stack.up("--expect-no-changes");
        assert.equal(code, 0, stdout);
        assert.deepEqual(changes(operations), []);
      });

      it("is deleted, except for the copies of its backups", async () => {
        const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
        assert.equal(code, 0, stdout + stderr);
        assert.deepEqual(stack.resources, []);
        assert.deepEqual(
          stack.clouds?.inventory().map(({ token }) => token),
          kept,
        );
      });
    });
  }
});
