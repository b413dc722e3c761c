/**
 * Proves what `destroy` reaches: the whole cluster if the stack created it, on any cloud, and only the stack's own
 * namespaces on an existing cluster, whatever else the stack has. What an add-on of AKS keeps in the cluster is neither
 * deleted nor waited for: it would come back, and the cluster's deletion ends it.
 */
import assert from "node:assert/strict";

import { type ClusterObjects, type Kind, type Live, qualifiedName } from "../../operations/cluster/objects";
import { findUnmanaged, keepCopies, pendingDeletions, scopeOf } from "../../operations/cluster/unmanaged";
import { isKept, type Resource } from "../../operations/engine/state";

const made = (type: string, id: string): Resource => ({ urn: `urn::${id}`, type, custom: true, id });
const SNAPSHOTS = "snapshot.storage.k8s.io/v1";
const NAMESPACE = made("kubernetes:core/v1:Namespace", "ours");
const IMAGE = made("docker-build:index:Image", "sha256:0");

/** One object of each kind that stands for a cloud resource or blocks its deletion, in two namespaces. */
const OBJECTS: readonly Live[] = ["ours", "theirs"].flatMap((namespace) => [
  { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "claim", namespace } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "balancer", namespace },
    spec: { type: "LoadBalancer" },
  },
  { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "ingress", namespace } },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "budget", namespace } },
  {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `volume-${namespace}` },
    spec: { claimRef: { namespace }, persistentVolumeReclaimPolicy: "Delete" },
  },
  { apiVersion: SNAPSHOTS, kind: "VolumeSnapshot", metadata: { name: "snapshot", namespace } },
  {
    apiVersion: SNAPSHOTS,
    kind: "VolumeSnapshotContent",
    metadata: { name: `content-${namespace}` },
    spec: { volumeSnapshotRef: { namespace }, deletionPolicy: "Delete" },
  },
  {
    apiVersion: SNAPSHOTS,
    kind: "VolumeSnapshotContent",
    metadata: { name: `content-kept-${namespace}` },
    spec: { volumeSnapshotRef: { namespace }, deletionPolicy: "Retain" },
  },
]);

const clusterOf = (objects: readonly Live[]): ClusterObjects => ({
  address: "https://cluster.example.com",
  list: async ({ kind }: Kind) => objects.filter((object) => object.kind === kind),
  get: async () => undefined,
  patch: async () => assert.fail("a look must not change anything"),
  remove: async () => assert.fail("a look must not delete anything"),
});
const cluster = clusterOf(OBJECTS);

/**
 * What the operator of AKS's web app routing keeps: pkg/manifests/fixtures/nginx/dalec/default_version/full.yaml of
 * Azure/aks-app-routing-operator.
 */
const APP_ROUTING: readonly Live[] = [
  { apiVersion: "v1", kind: "Service", spec: { type: "LoadBalancer" } },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
  { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
].map((object) => ({
  ...object,
  metadata: {
    name: "nginx",
    namespace: "app-routing-system",
    labels: {
      "app.kubernetes.io/component": "ingress-controller",
      "app.kubernetes.io/managed-by": "aks-app-routing-operator",
      "app.kubernetes.io/name": "nginx",
      "kubernetes.azure.com/managedby": "aks",
    },
  },
}));

const REACHED = {
  found: ["PodDisruptionBudget", "Ingress", "Service", "VolumeSnapshot", "PersistentVolumeClaim"],
  waitedFor: [
    ...["Ingress", "Service", "VolumeSnapshot", "PersistentVolumeClaim"],
    ...["VolumeSnapshotContent", "PersistentVolume"],
  ],
};

/** Kinds of objects of a namespace that `destroy` would delete, and wait for. */
async function reached(state: readonly Resource[], namespace: string): Promise<typeof REACHED> {
  const scope = scopeOf(state);
  const kinds = (objects: readonly Live[]): string[] =>
    objects.filter((object) => qualifiedName(object).includes(namespace)).map(({ kind }) => kind);
  return {
    found: kinds((await findUnmanaged(cluster, scope)).objects),
    waitedFor: kinds((await pendingDeletions(cluster, scope)).objects),
  };
}

describe("the reach of destroy", () => {
  for (const [what, resources] of [
    ["nothing", []],
    ["an image", [IMAGE]],
    ["a resource of another provider", [made("random:index/randomPet:RandomPet", "pet")]],
  ] as const) {
    it(`is limited to the stack's namespaces if it has ${what} beside them`, async () => {
      const state = [NAMESPACE, ...resources];
      assert.deepEqual(await reached(state, "ours"), REACHED);
      assert.deepEqual(await reached(state, "theirs"), { found: [], waitedFor: [] });
    });
  }

  for (const type of [
    "gcp:container/cluster:Cluster",
    "aws:eks/cluster:Cluster",
    "azure-native:containerservice:ManagedCluster",
  ]) {
    it(`is the whole cluster if it has a ${type}`, async () => {
      assert.deepEqual(await reached([made(type, "cluster"), NAMESPACE, IMAGE], "theirs"), REACHED);
    });
  }

  it("leaves out what AKS's web app routing keeps, and only that", async () => {
    const scope = scopeOf([made("azure-native:containerservice:ManagedCluster", "cluster")]);
    const own: Live = {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "nginx",
        namespace: "ingress-nginx",
        labels: { "app.kubernetes.io/managed-by": "Helm", "kubernetes.azure.com/managedby": "aks" },
      },
      spec: { type: "LoadBalancer" },
    };
    const shared = clusterOf([...APP_ROUTING, own]);
    assert.deepEqual((await findUnmanaged(shared, scope)).objects.map(qualifiedName), [
      "Service ingress-nginx/nginx",
    ]);
    assert.deepEqual((await pendingDeletions(shared, scope)).objects.map(qualifiedName), [
      "Service ingress-nginx/nginx",
    ]);
  });

  it("has no such exception on another cloud", async () => {
    const scope = scopeOf([made("gcp:container/cluster:Cluster", "cluster")]);
    assert.deepEqual((await findUnmanaged(clusterOf(APP_ROUTING), scope)).objects.map(qualifiedName).sort(), [
      "PodDisruptionBudget app-routing-system/nginx",
      "Service app-routing-system/nginx",
    ]);
  });
});

describe("copies of backups", () => {
  const snapshot = (name: string, kind: string, content?: string): Live => ({
    apiVersion: SNAPSHOTS,
    kind: "VolumeSnapshot",
    metadata: { name, namespace: "ours", labels: { "ralph-orchestrator/backup": kind } },
    status: { boundVolumeSnapshotContentName: content },
  });

  it("are kept when their objects are deleted, and snapshots are not", async () => {
    const patched: [string, object][] = [];
    const contents = await keepCopies(
      {
        ...cluster,
        get: async ({ kind }, name) =>
          name === "gone"
            ? undefined
            : {
                apiVersion: SNAPSHOTS,
                kind,
                metadata: { name },
                status: { snapshotHandle: `cloud-${name}` },
              },
        patch: async (object, fields) => void patched.push([qualifiedName(object), fields]),
      },
      [
        snapshot("hourly", "snapshot", "a"),
        snapshot("daily", "copy", "b"),
        snapshot("unbound", "copy"),
        snapshot("lost", "copy", "gone"),
        ...OBJECTS,
      ],
    );
    assert.deepEqual(patched, [["VolumeSnapshotContent b", { spec: { deletionPolicy: "Retain" } }]]);
    assert.deepEqual(
      contents.map(({ status }) => status?.snapshotHandle),
      ["cloud-b"],
    );
  });

  it("are where `recover` does not judge them: they keep their mark until their stack is gone", () => {
    const kept = { retainOnDelete: true, inputs: { tags: { "copies-of": "prod" } } };
    assert.deepEqual([kept, { ...kept, inputs: {} }, { ...kept, retainOnDelete: undefined }].map(isKept), [
      true,
      false,
      false,
    ]);
  });
});
