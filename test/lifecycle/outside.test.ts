/** Proves what `destroy` may take of a cluster: all of one that is the stack's own, and of another the stack's alone. */
import assert from "node:assert/strict";

import type { ClusterApi, Live } from "../../lifecycle/cluster/api";
import { called, findOutside, scopeOf } from "../../lifecycle/cluster/outside";
import type { Resource } from "../../lifecycle/engine/state";

const CLUSTERS = [
  "gcp:container/cluster:Cluster",
  "aws:eks/cluster:Cluster",
  "azure-native:containerservice:ManagedCluster",
];
/** What a stack on a cluster that it was given can have beside its objects. */
const OTHERS = ["docker-build:index:Image", "random:index/randomPassword:RandomPassword"];

const resource = (type: string, id: string): Resource => ({
  urn: `urn:pulumi:s::ralph::${type}::${id}`,
  type,
  custom: true,
  id,
});
const NAMESPACE = resource("kubernetes:core/v1:Namespace", "ralph");

const claim = (namespace: string): Live => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace },
});
const api = {
  list: async ({ kind }: { kind: string }) =>
    kind === "PersistentVolumeClaim" ? [claim("ralph"), claim("production")] : [],
} as unknown as ClusterApi;

const taken = async (...also: string[]): Promise<string[]> => {
  const resources = [NAMESPACE, ...also.map((type) => resource(type, "x"))];
  return (await findOutside(api, scopeOf(resources))).objects.map(called).sort();
};

describe("what a stack takes with it", () => {
  for (const type of CLUSTERS) {
    it(`is every claim of its own ${type}`, async () =>
      assert.deepEqual(await taken(type), [
        "PersistentVolumeClaim production/data",
        "PersistentVolumeClaim ralph/data",
      ]));
  }
  for (const also of [[], ...OTHERS.map((type) => [type])]) {
    it(`is its own namespace's of a cluster that it was given${also.map((type) => `, with ${type}`).join()}`, async () =>
      assert.deepEqual(await taken(...also), ["PersistentVolumeClaim ralph/data"]));
  }
});
