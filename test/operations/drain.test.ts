/**
 * Proves what `destroy` does while the cluster deletes its disks and load balancers, if a login expires or the server does
 * not answer: it says so once, and goes on by itself after a new login; if there is none in time, it keeps the cluster and
 * names what to do.
 */
import assert from "node:assert/strict";

import { Unreachable } from "../../operations/cluster/client";
import { drained } from "../../operations/cluster/drain";
import type { ClusterObjects, Kind, Live } from "../../operations/cluster/objects";
import { scopeOf } from "../../operations/cluster/unmanaged";

const EXPIRED = "cannot log in to https://cluster.example.com: AADSTS700082: The refresh token has expired";
const BALANCER: Live = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "ralph" },
  spec: { type: "LoadBalancer" },
};
const scope = scopeOf([
  { urn: "urn::c", type: "azure-native:containerservice:ManagedCluster", custom: true, id: "c" },
]);

/** A cluster that answers so, one look after the other; the last answer stays. */
function clusterThat(...answers: readonly (Unreachable | readonly Live[])[]): ClusterObjects {
  let look = 0;
  return {
    address: "https://cluster.example.com",
    list: async ({ kind }: Kind) => {
      // The volumes are asked for first.
      const answer = answers[Math.min(kind === "PersistentVolume" ? look++ : look - 1, answers.length - 1)];
      if (answer instanceof Unreachable) throw answer;
      return (answer ?? []).filter((object) => object.kind === kind);
    },
    get: async () => undefined,
    patch: async () => assert.fail("a look must not change anything"),
    remove: async () => assert.fail("a look must not delete anything"),
  };
}

describe("the wait for disks and load balancers", () => {
  it("goes on by itself after a new login", async () => {
    const said: string[] = [];
    const expired = new Unreachable(EXPIRED);
    await drained(clusterThat([BALANCER], expired, expired, []), scope, (text) => said.push(text));
    assert.deepEqual(said, [
      "Waiting for the deletion of Service ralph/web ...",
      `${EXPIRED}. If your login has expired, log in again: the command then goes on by itself.`,
    ]);
  });

  it("ends with the state and what to do if there is no login in time", () =>
    assert.rejects(
      drained(clusterThat(new Unreachable(EXPIRED)), scope, () => undefined, -1),
      {
        message: `${EXPIRED}. Only the cluster can delete its disks and load balancers, so it is kept; what was done is recorded. Fix the access and repeat the command.`,
      },
    ));

  it("names what is not deleted in time", () =>
    assert.rejects(
      drained(clusterThat([BALANCER]), scope, () => undefined, -1),
      /not deleted within .*so it is kept; what was done is recorded\.\n {2}Service ralph\/web\nFind the reason/,
    ));
});
