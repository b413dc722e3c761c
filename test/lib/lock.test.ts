import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type LockOwner, type LockWorld, withLock } from "../../lib/lock";
import { processStart } from "../../lib/processes";

describe("a lock", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
    path = join(folder, "tool.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const noWait = (owner: LockOwner): never => assert.fail(`waits for ${owner.pid}`);

  /** Processes by pid and start; `onPause` is what happens in the world while somebody waits. */
  const world = (
    pid: number,
    running: Record<number, string>,
    onPause = (): void => assert.fail("pauses"),
  ): LockWorld => ({
    pid,
    startOf: (other) => running[other],
    pause: async () => onPause(),
  });

  it("is there while the work runs, and gone after it", async () => {
    const seen = await withLock(path, noWait, async () => existsSync(path));
    assert.equal(seen, true);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is gone after work that failed", async () => {
    await assert.rejects(
      withLock(path, noWait, () => Promise.reject(new Error("no"))),
      /^Error: no$/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("keeps a second run waiting until the first is done, and says for whom it waits, once", async () => {
    const running = { 1: "monday", 2: "tuesday" };
    const events: string[] = [];
    let finishFirst = (): void => undefined;
    const first = withLock(
      path,
      noWait,
      () =>
        new Promise<void>((resolve) => (finishFirst = resolve)).then(() => void events.push("first done")),
      world(1, running),
    );
    let pauses = 0;
    const waiting = world(2, running, () => {
      if (++pauses === 3) finishFirst();
    });
    await withLock(
      path,
      ({ pid }) => events.push(`waits for ${pid}`),
      async () => void events.push("second works"),
      waiting,
    );
    await first;
    assert.deepEqual(events, ["waits for 1", "first done", "second works"]);
  });

  it("is taken over from a process that is gone", async () => {
    writeFileSync(path, JSON.stringify({ pid: 1, started: "monday" }));
    assert.equal(await withLock(path, noWait, async () => "worked", world(2, { 2: "tuesday" })), "worked");
  });

  it("is taken over when its pid belongs to another process by now", async () => {
    writeFileSync(path, JSON.stringify({ pid: 1, started: "monday" }));
    const reused = world(2, { 1: "wednesday", 2: "tuesday" });
    assert.equal(await withLock(path, noWait, async () => "worked", reused), "worked");
  });

  it("is taken over when its file is damaged", async () => {
    writeFileSync(path, "{");
    assert.equal(await withLock(path, noWait, async () => "worked", world(2, { 2: "tuesday" })), "worked");
  });
});

describe("the start of a process", () => {
  it("tells this one from one that is not there", () => {
    assert.ok(processStart(process.pid));
    assert.equal(processStart(process.pid), processStart(process.pid));
    assert.equal(processStart(2 ** 22 + 1), undefined); // above the largest pid that Linux gives
  });
});
