/**
 * Proves that stale lists of a busy API server, which do not yet contain what was just written, do not end up in
 * the state: claims that have grown and a task that was rerun are recorded as they are, and the next run has
 * nothing to do.
 */
import assert from "node:assert/strict";

import { get } from "./support/kubectl";
import { LaggingServer } from "./support/lagging";
import { Stack, type Values } from "./support/stack";

const NAMESPACE = "stale-reads";
const LISTS = [
  `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`,
  `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`,
];

const asked = (size: string, prompt: string): Values => ({
  persistence: { workspace: { size }, cache: { size } },
  prompts: { "own.md": "Own." },
  tasks: [{ name: "ralph-task", agent: "claude", prompt }],
});

describe("a server whose lists lag", () => {
  let server: LaggingServer;
  let stack: Stack;
  before(async () => {
    server = await LaggingServer.open(NAMESPACE);
    const { kubeconfig } = server;
    stack = await Stack.create({
      namespace: NAMESPACE,
      kubeconfig,
      config: asked("5Gi", "daily-task.md"),
    });
    assert.equal((await stack.up()).code, 0);
  });
  after(async () => {
    await stack.remove();
    await server.close();
  });

  // The server normalizes the size.
  for (const [size, written, prompt] of [
    ["5632Mi", "5632Mi", "own.md"],
    ["6144Mi", "6Gi", "daily-task.md"],
  ] as const) {
    it(`hides neither claims that have grown to ${size} nor a task with another prompt`, async () => {
      for (const path of LISTS) await server.lag(path);
      stack.configure(asked(size, prompt));
      const edited = await stack.up();
      assert.equal(edited.code, 0, edited.stdout);
      assert.deepEqual([...server.answered].sort(), LISTS);
      const claim = await get("pvc", "ralph-workspace", NAMESPACE);
      assert.equal(claim?.spec.resources.requests.storage, written);

      const again = await stack.up("--expect-no-changes");
      assert.equal(again.code, 0, again.stdout);
    });
  }
});
