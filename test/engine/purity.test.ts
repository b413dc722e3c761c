/**
 * Proves that a preview changes nothing: by the API server's own audit log, in which the provider may only read or
 * request dry runs, and by the state file, byte for byte. An `up` fails the same check.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { auditEntries, auditMark, byProvider, isWrite } from "./support/audit";
import { changes } from "./support/events";
import { Stack } from "./support/stack";

describe("a preview", () => {
  let stack: Stack;
  before(async () => (stack = await Stack.create({ namespace: "purity" })));
  after(() => stack.remove());

  /** The provider's requests to the server, and those among them that would have changed something. */
  async function watched<T>(work: () => Promise<T>) {
    const mark = auditMark();
    const result = await work();
    const asked = (await auditEntries(mark)).filter(byProvider);
    return { result, asked, written: asked.filter(isWrite) };
  }
  const state = (): string => readFileSync(stack.stateFile, "utf8");

  it("of a new stack writes nothing", async () => {
    const before = state();
    const { result, asked, written } = await watched(() => stack.preview());
    assert.equal(result.code, 0, result.stdout);
    assert.notDeepEqual(asked, []);
    assert.deepEqual(written, []);
    assert.equal(state(), before);
  });

  it("differs from an up: the same check finds its writes", async () => {
    const before = state();
    const { result, written } = await watched(() => stack.up());
    assert.equal(result.code, 0, result.stdout);
    const created = new Set(written.map(({ objectRef }) => objectRef?.resource));
    assert.ok(created.has("namespaces") && created.has("deployments"), [...created].join());
    assert.notEqual(state(), before);
  });

  it("of pending updates, replacements, creations and deletions writes nothing", async () => {
    stack.configure({
      prompts: { "extra.md": "Extra." },
      tasks: [
        { name: "ralph-task", agent: "claude", prompt: "extra.md" },
        { name: "another", prompt: "extra.md" },
      ],
      ingress: { enabled: false },
    });
    const before = state();
    const { result, asked, written } = await watched(() => stack.preview("--diff"));
    assert.equal(result.code, 0, result.stdout);
    const pending = new Set(changes(result.operations).map(({ op }) => op));
    assert.deepEqual([...pending].sort(), [
      "create",
      "create-replacement",
      "delete",
      "delete-replaced",
      "replace",
      "update",
    ]);
    assert.ok(
      asked.some(({ verb }) => verb === "patch"),
      "no dry run was asked for, so none was told apart",
    );
    assert.deepEqual(written, []);
    assert.equal(state(), before);
  });
});
