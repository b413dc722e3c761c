/**
 * Proves an edit under `policy.images: deny` on the real API server: images that are new to the configuration pass in the
 * same run, and workers of the earlier image end, although the new policy does not allow them. (What the policy refuses, on
 * every push: test/engine/enforcement.test.ts.)
 */
import assert from "node:assert/strict";

import { list } from "../engine/support/kubectl";
import { Stack } from "../engine/support/stack";
import { until } from "../engine/support/until";

const NAMESPACE = "image-policy";

describe("a stack that denies other images", () => {
  let stack: Stack | undefined;
  after(() => stack?.remove());

  it("changes its own", async () => {
    const policy = { images: "deny" };
    stack = await Stack.create({ namespace: NAMESPACE, config: { policy } });
    const first = await stack.up();
    assert.equal(first.code, 0, first.stdout + first.stderr);

    stack.configure({ image: { repository: "registry.example.com/ralph", tag: "v2" } });
    const edit = await stack.up();
    assert.equal(edit.code, 0, edit.stdout + edit.stderr);
    const images = await until("only workers of the new image run", async () => {
      const pods = await list("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/component=worker");
      const found = new Set(pods.map(({ spec }) => spec.containers[0].image as string));
      return found.size === 1 ? [...found] : undefined;
    });
    assert.deepEqual(images, ["registry.example.com/ralph:v2"]);
  });
});
