/**
 * Proves that what was in the cloud under the name that a killed run was about to use stays there: `recover` says whose it
 * is and does not adopt it, and `destroy` deletes the rest of the stack and not that. The engine and its state are real,
 * the cloud is a stub of Google's. The pending operation is written into the state, as an engine leaves it that is killed
 * before the cloud has answered.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

import { thing } from "./leaks/cases";
import { GKE } from "./support/cloud-stacks";
import { lifecycle } from "./support/lifecycle";
import { Stack } from "./support/stack";

const NETWORK = "gcp:compute/network:Network";
const ID = "projects/acme-agents/global/networks/ralph-cluster";
const NAMESPACE = "adopts-nothing";

interface StateFile {
  readonly checkpoint: {
    readonly latest: {
      readonly resources: readonly { urn: string; type: string; id?: string }[];
      pending_operations?: object[];
    };
  };
}

describe("a killed run that was creating what others had already", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const networks = () =>
    clouds()
      .inventory()
      .filter(({ token }) => token === NETWORK)
      .map(({ id, outputs }) => [id, outputs.description]);
  const THEIRS = [[ID, "project=ralph stack=team-a"]];

  before(async () => {
    stack = await Stack.create({ ...GKE, namespace: NAMESPACE, config: { monitoring: { install: "none" } } });
    clouds().edit((resources) => [
      ...resources,
      thing(NETWORK, ID, { name: "ralph-cluster", description: "project=ralph stack=team-a" }),
    ]);
    const { code, stdout, operations } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(stdout, /alreadyExists/);
    const { urn } = operations.find(({ type }) => type === NETWORK) ?? assert.fail("no network");
    const state = JSON.parse(readFileSync(stack.stateFile, "utf8")) as StateFile;
    const of = (type: string) =>
      state.checkpoint.latest.resources.find((each) => each.type === type) ?? assert.fail(type);
    const { urn: provider, id = "" } = of("pulumi:providers:gcp");
    const resource = {
      ...{ urn, custom: true, type: NETWORK, parent: of("ralph:cluster:Gke").urn },
      ...{ provider: `${provider}::${id}` },
      inputs: {
        __defaults: [],
        name: "ralph-cluster",
        description: `project=ralph stack=${NAMESPACE}`,
        autoCreateSubnetworks: false,
        routingMode: "REGIONAL",
      },
    };
    // An import would leave it out.
    state.checkpoint.latest.pending_operations = [{ resource, type: "creating" }];
    writeFileSync(stack.stateFile, JSON.stringify(state));
    assert.deepEqual(stack.pending, [{ type: "creating", urn }]);
  });
  after(() => stack.remove());

  it("does not adopt it on `recover`, and says whose it is", async () => {
    const { code, stdout, stderr } = await lifecycle(stack, "recover").result;
    assert.equal(code, 0, stdout + stderr);
    assert.match(
      stdout + stderr,
      /cluster-network \(gcp:compute\/network:Network\) is another's, and is left alone/,
    );
    assert.deepEqual(stack.pending, []);
    assert.deepEqual(
      stack.resources.filter(({ type }) => type === NETWORK),
      [],
    );
    assert.deepEqual(networks(), THEIRS);
  });

  it("leaves it on `destroy`, which deletes everything else", async () => {
    const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(stack.resources, []);
    assert.deepEqual(networks(), THEIRS);
    assert.deepEqual(clouds().inventory().length, 1);
  });
});
