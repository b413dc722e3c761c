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

  /** Processes by pid and start; `onPause` runs while a process waits. */
  const world = (
    pid: number,
    running: Record<number, string>,
    onPause = (): void => assert.fail("pauses"),
  ): LockWorld => ({
    pid,
    startOf: (other) => running[other],
    pause: async () => onPause(),
  });

  it("exists while the work runs, and is deleted after it", async () => {
    const seen = await withLock(path, noWait, async () => existsSync(path));
    assert.equal(seen, true);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is deleted after failed work", async () => {
    await assert.rejects(
      withLock(path, noWait, () => Promise.reject(new Error("no"))),
      /^Error: no$/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("keeps a second run waiting until the first is done, and reports once for which process it waits", async () => {
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

  it("is taken over from a process that no longer runs", async () => {
    writeFileSync(path, JSON.stringify({ pid: 1, started: "monday" }));
    assert.equal(await withLock(path, noWait, async () => "worked", world(2, { 2: "tuesday" })), "worked");
  });

  it("is taken over if its pid belongs to another process now", async () => {
    writeFileSync(path, JSON.stringify({ pid: 1, started: "monday" }));
    const reused = world(2, { 1: "wednesday", 2: "tuesday" });
    assert.equal(await withLock(path, noWait, async () => "worked", reused), "worked");
  });

  it("is taken over if its file is damaged", async () => {
    writeFileSync(path, "{");
    assert.equal(await withLock(path, noWait, async () => "worked", world(2, { 2: "tuesday" })), "worked");
  });
});

describe("the start of a process", () => {
  it("distinguishes this process from one that does not exist", () => {
    assert.ok(processStart(process.pid));
    assert.equal(processStart(process.pid), processStart(process.pid));
    assert.equal(processStart(2 ** 22 + 1), undefined); // above Linux's largest pid
  });
});
