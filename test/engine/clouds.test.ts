/**
 * Proves, with the real engine, that a stub cloud answers as a cloud's provider does: a preview changes nothing
 * and knows only what a provider knows; the user sees invalid input, refusals, dropped connections and partial
 * creations as they would there, and the next run continues from them. test/stub-clouds/stub-clouds.test.ts covers
 * the single rules of a table; the tests of each cloud cover this repository's stacks.
 */
import assert from "node:assert/strict";

import type { Call, Resource } from "../../stub-clouds/types";
import type { Listed } from "./clouds/tiny";
import { TinyStack } from "./clouds/tiny-stack";
import { changes } from "./support/events";

const PROJECT = "tiny-project";
const NETWORK = "gcp:compute/network:Network";
const SUBNETWORK = "gcp:compute/subnetwork:Subnetwork";
const CLUSTER = "gcp:container/cluster:Cluster";

const network: Listed = {
  type: NETWORK,
  name: "net",
  inputs: { name: "net", autoCreateSubnetworks: false },
  outputs: ["selfLink"],
};
const subnet: Listed = {
  type: SUBNETWORK,
  name: "sub",
  inputs: { name: "sub", network: "${net.selfLink}", region: "us-central1", ipCidrRange: "10.0.0.0/20" },
  outputs: ["selfLink"],
};
const cluster: Listed = {
  type: CLUSTER,
  name: "main",
  inputs: {
    name: "main",
    location: "us-central1-a",
    network: "${net.selfLink}",
    subnetwork: "${sub.selfLink}",
  },
  outputs: ["endpoint"],
};
/** Receives the cluster's endpoint: it differs as soon as that is unknown. */
const told: Listed = {
  type: NETWORK,
  name: "told",
  inputs: { name: "told", description: "${main.endpoint}" },
};
const all = [network, subnet, cluster, told];
const given = (listed: Listed, inputs: Listed["inputs"]): Listed => ({
  ...listed,
  inputs: { ...listed.inputs, ...inputs },
});
const unprotected = given(cluster, { deletionProtection: false });

describe("a stub cloud under the real engine", () => {
  const stacks: TinyStack[] = [];
  const create = async (name: string, timeScale?: number): Promise<TinyStack> => {
    const stack = await TinyStack.create({
      name,
      plugin: "gcp",
      config: { "gcp:project": PROJECT },
      timeScale,
    });
    stacks.push(stack);
    return stack;
  };
  const names = (stack: TinyStack): string[] =>
    stack.clouds
      .inventory()
      .map(({ outputs }) => outputs.name)
      .sort();
  after(() => stacks.forEach((stack) => stack.remove()));

  it("is not touched by a preview, creates what is configured, and keeps a protected cluster", async () => {
    const stack = await create("life");
    stack.list(all);
    const preview = await stack.preview();
    assert.equal(preview.code, 0, preview.stdout);
    assert.deepEqual(preview.summary, { create: 5 });
    assert.deepEqual(stack.clouds.inventory(), []);
    assert.deepEqual(touched(stack.clouds.ledger()), [], "calls that change or read a cloud");

    const up = await stack.up();
    assert.equal(up.code, 0, up.stdout);
    assert.deepEqual(names(stack), ["main", "net", "sub", "told"]);
    for (const run of [await stack.up(), await stack.refresh()]) {
      assert.equal(run.code, 0, run.stdout);
      assert.deepEqual(changes(run.operations), []);
    }

    // The preview knows that the endpoint stays, so the resource that receives it does not differ.
    stack.list([network, subnet, unprotected, told]);
    const edit = await stack.preview("--diff");
    assert.deepEqual(
      changes(edit.operations).map(({ op, name, diffs }) => [op, name, diffs]),
      [["update", "main", ["deletionProtection"]]],
    );

    const refused = await stack.destroy();
    assert.notEqual(refused.code, 0);
    assert.match(messages(refused), /Cannot destroy main because deletion_protection is set to true/);
    assert.deepEqual(names(stack), ["main", "net", "sub"]);
    assert.equal((await stack.up()).code, 0);
    const destroyed = await stack.destroy();
    assert.equal(destroyed.code, 0, destroyed.stdout);
    assert.deepEqual(stack.clouds.inventory(), []);
    assert.deepEqual([...new Set(stack.clouds.ledger().map(({ plugin }) => plugin))], ["gcp"]);
    assert.deepEqual(
      stack.clouds.ledger().filter(({ generic }) => generic),
      [],
    );
  });

  it("refuses names that the SDK does not have, even in a preview", async () => {
    const stack = await create("names");
    stack.list([
      network,
      given(subnet, { ipCidrRnage: "10.0.0.0/20", logConfig: { agregationInterval: "x" } }),
    ]);
    const run = await stack.preview();
    assert.notEqual(run.code, 0);
    assert.match(messages(run), /unknown key "ipCidrRnage"; did you mean "ipCidrRange"\?/);
    assert.match(messages(run), /unknown key "agregationInterval"; did you mean "aggregationInterval"\?/);
  });

  it("keeps a network while it contains something that the stack does not know", async () => {
    const stack = await create("foreign");
    stack.list([network]);
    assert.equal((await stack.up()).code, 0);
    const [created] = stack.clouds.inventory() as [Resource];
    const id = `projects/${PROJECT}/regions/us-central1/subnetworks/left`;
    const left: Resource = {
      ...created,
      token: SUBNETWORK,
      id,
      inputs: { network: created.outputs.selfLink },
      outputs: { name: "left" },
    };
    await stack.clouds.edit((resources) => [...resources, left]);
    const refused = await stack.destroy();
    assert.notEqual(refused.code, 0);
    assert.match(messages(refused), /network resource '.*\/net' is already being used by '.*\/left'/);
    await stack.clouds.edit((resources) => resources.filter((each) => each.id !== id));
    assert.equal((await stack.destroy()).code, 0);
    assert.deepEqual(stack.clouds.inventory(), []);
  });

  it("continues after a refusal, a busy cloud and a resource that did not become ready", async () => {
    const stack = await create("faults");
    stack.list([network, subnet, unprotected]);
    stack.clouds.faults([
      { token: NETWORK, does: "throttle", times: 2 },
      { token: SUBNETWORK, does: "quota" },
      { token: CLUSTER, method: "Create", does: "partial" },
    ]);
    const first = await stack.up();
    assert.notEqual(first.code, 0);
    assert.match(messages(first), /Insufficient regional quota/);
    assert.deepEqual(names(stack), ["net"]);
    assert.equal(
      stack.clouds.ledger().find(({ method, token }) => method === "Create" && token === NETWORK)?.retries,
      2,
    );

    const second = await stack.up();
    assert.notEqual(second.code, 0);
    assert.match(messages(second), /did not come up/);
    assert.deepEqual(names(stack), ["main", "net", "sub"]);

    // The engine knows the partial resource: it is updated, not created twice.
    const third = await stack.up();
    assert.equal(third.code, 0, third.stdout);
    assert.deepEqual(
      changes(third.operations).map(({ op, name }) => [op, name]),
      [["update", "main"]],
    );
    assert.equal((await stack.destroy()).code, 0);
  });

  it("has what a plugin requested before it died, and reports it to the plugin that requests it again", async () => {
    const stack = await create("dies");
    stack.list([network]);
    stack.clouds.faults([{ does: "dieAfter" }]);
    assert.notEqual((await stack.up()).code, 0);
    assert.deepEqual(names(stack), ["net"]);
    const again = await stack.up();
    assert.notEqual(again.code, 0);
    assert.match(messages(again), /Error 409: Already exists/);
  });

  it("takes its time, and reports a creation in progress to a program that times out first", async () => {
    const stack = await create("slow", 0.001);
    stack.list([network, subnet, { ...unprotected, options: { customTimeouts: { create: "3m" } } }]);
    const run = await stack.up();
    assert.notEqual(run.code, 0);
    assert.match(messages(run), /timeout while waiting for state to become 'RUNNING' \(timeout: 180s\)/);
    assert.deepEqual(names(stack), ["main", "net", "sub"]);
    stack.list([network, subnet, unprotected]);
    assert.equal((await stack.up()).code, 0);
    assert.equal((await stack.destroy()).code, 0);
    assert.deepEqual(stack.clouds.inventory(), []);
  });
});

/** Calls that reach a cloud. */
const touched = (calls: readonly Call[]): Call[] =>
  calls.filter(({ method, preview }) => preview !== true && !["Configure", "Check", "Diff"].includes(method));

const messages = ({ diagnostics }: { diagnostics: readonly { message: string }[] }): string =>
  diagnostics.map(({ message }) => message).join("\n");
