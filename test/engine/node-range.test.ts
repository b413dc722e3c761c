/**
 * Proves that the range of a node group on EKS can be edited while an autoscaler has changed the number of nodes: a
 * plan shows the edit, AWS accepts it, no node at work is ended, and the next run has nothing to do. On the real
 * engine, with a stub of AWS that keeps the live number apart from the program's inputs.
 */
import assert from "node:assert/strict";

import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { EKS } from "./support/cloud-stacks";
import { changes } from "./support/events";
import { Stack, type Values } from "./support/stack";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";

describe("the range of a node group on EKS", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const live = () =>
    clouds()
      .inventory()
      .find(({ token }) => token === NODE_GROUP)?.outputs.scalingConfig as Values;
  const autoscale = (desiredSize: number) =>
    clouds().edit((resources) =>
      resources.map((each) =>
        each.token === NODE_GROUP
          ? { ...each, outputs: { ...each.outputs, scalingConfig: { ...live(), desiredSize } } }
          : each,
      ),
    );
  const range = (nodes: Values) =>
    stack.configure({ cluster: { ...(stack.configured("cluster") as Values), nodes } });

  before(async () => {
    await createCloudClasses();
    stack = await Stack.create({
      ...EKS,
      namespace: "node-range",
      config: {
        cluster: { api: { public: true }, deletionProtection: false },
        monitoring: { install: "none" },
      },
    });
    const up = await stack.up();
    assert.equal(up.code, 0, up.stdout + up.stderr);
  });
  after(async () => {
    await stack.remove();
    await deleteCloudClasses();
  });

  const EDITS: readonly (readonly [what: string, nodes: Values, before: number, after: Values])[] = [
    ["a higher maximum keeps the nodes", { max: 12 }, 8, { minSize: 3, maxSize: 12, desiredSize: 8 }],
    [
      "a minimum above the first count, and below the nodes, keeps them",
      { count: 5, min: 5, max: 12 },
      8,
      { minSize: 5, maxSize: 12, desiredSize: 8 },
    ],
    [
      "a minimum above the nodes starts the missing ones",
      { count: 10, min: 10, max: 12 },
      8,
      { minSize: 10, maxSize: 12, desiredSize: 10 },
    ],
    [
      "a lower range keeps the nodes that it allows",
      { count: 3, min: 3, max: 11 },
      10,
      { minSize: 3, maxSize: 11, desiredSize: 10 },
    ],
  ];
  for (const [what, nodes, count, expected] of EDITS) {
    it(what, async () => {
      await autoscale(count);
      range(nodes);
      const preview = await stack.preview();
      assert.deepEqual(
        changes(preview.operations).map(({ op, name }) => `${op} ${name}`),
        ["update cluster-nodes"],
      );
      assert.equal(live().desiredSize, count);
      const up = await stack.up();
      assert.equal(up.code, 0, up.stdout + up.stderr);
      assert.deepEqual(live(), expected);
      const again = await stack.up("--expect-no-changes");
      assert.equal(again.code, 0, again.stdout);
      assert.deepEqual(live(), expected);
    });
  }

  it("a maximum below the nodes is refused, with the key, and changes nothing", async () => {
    await autoscale(10);
    const before = live();
    range({ max: 6 });
    const { code, stdout, stderr, operations } = await stack.up();
    assert.notEqual(code, 0, stdout + stderr);
    // A program that ends early without an error would have its objects and volumes deleted.
    assert.deepEqual(changes(operations), []);
    assert.match(
      (stdout + stderr).replace(/\s+/g, " "),
      /ralph:cluster\.nodes\.max must be at least 10, the number of nodes that workers has now; it is 6/,
    );
    assert.deepEqual(live(), before);
  });
});
