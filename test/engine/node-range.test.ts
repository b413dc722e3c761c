/**
 * Proves that the range of the node groups on EKS can be edited while an autoscaler has changed the number of nodes: a
 * plan shows the edit, AWS accepts it, no node at work is ended, and the next run has nothing to do. Each zone's group
 * has its share of the range. On the real engine, with a stub of AWS that keeps the live number apart from the
 * program's inputs.
 */
import assert from "node:assert/strict";

import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { EKS } from "./support/cloud-stacks";
import { changes } from "./support/events";
import { Stack, type Values } from "./support/stack";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
type Live = readonly [min: number, max: number, nodes: number];

describe("the range of the node groups on EKS", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  /** Of zone a and zone b. */
  const live = (): readonly Live[] =>
    clouds()
      .inventory()
      .filter(({ token }) => token === NODE_GROUP)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ outputs }) => outputs.scalingConfig as Record<string, number>)
      .map(({ minSize = 0, maxSize = 0, desiredSize = 0 }): Live => [minSize, maxSize, desiredSize]);
  const autoscale = (nodes: readonly [a: number, b: number]) =>
    clouds().edit((resources) =>
      resources.map((each) =>
        each.token === NODE_GROUP
          ? {
              ...each,
              outputs: {
                ...each.outputs,
                scalingConfig: {
                  ...each.outputs.scalingConfig,
                  desiredSize: nodes[each.id.endsWith("-a") ? 0 : 1],
                },
              },
            }
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

  const EDITS: readonly {
    readonly what: string;
    readonly nodes: Values;
    readonly before: readonly [number, number];
    readonly after: readonly [Live, Live];
  }[] = [
    {
      what: "a higher maximum keeps the nodes",
      nodes: { max: 12 },
      before: [5, 3],
      after: [
        [2, 6, 5],
        [1, 6, 3],
      ],
    },
    {
      what: "a minimum above the first count starts missing nodes, in the zone that lacks them",
      nodes: { count: 8, min: 8, max: 12 },
      before: [5, 3],
      after: [
        [4, 6, 5],
        [4, 6, 4],
      ],
    },
    {
      what: "a lower range keeps the nodes that it allows, even if it leaves one zone no choice",
      nodes: { count: 5, min: 5, max: 6 },
      before: [3, 3],
      after: [
        [3, 3, 3],
        [2, 3, 3],
      ],
    },
  ];
  for (const { what, nodes, before: count, after: expected } of EDITS) {
    it(what, async () => {
      await autoscale(count);
      range(nodes);
      const preview = await stack.preview();
      assert.deepEqual(
        changes(preview.operations)
          .map(({ op, name }) => `${op} ${name}`)
          .sort(),
        ["update cluster-nodes-a", "update cluster-nodes-b"],
      );
      assert.deepEqual(
        live().map(([, , desired]) => desired),
        count,
      );
      const up = await stack.up();
      assert.equal(up.code, 0, up.stdout + up.stderr);
      assert.deepEqual(live(), expected);
      const again = await stack.up("--expect-no-changes");
      assert.equal(again.code, 0, again.stdout);
      assert.deepEqual(live(), expected);
    });
  }

  it("a maximum whose share is below a zone's nodes is refused, with the key, and changes nothing", async () => {
    await autoscale([3, 3]);
    const before = live();
    range({ max: 4 });
    const { code, stdout, stderr, operations } = await stack.up();
    assert.notEqual(code, 0, stdout + stderr);
    // A program that ends early without an error would have its objects and volumes deleted.
    assert.deepEqual(changes(operations), []);
    assert.match(
      (stdout + stderr).replace(/\s+/g, " "),
      /ralph:cluster\.nodes\.max must be at least 5, because workers-a, whose share of it is 2, has 3 nodes now\./,
    );
    assert.deepEqual(live(), before);
  });
});
