/** Proves which exit code a result has, for every verb that has a result. */
import assert from "node:assert/strict";

import { doctorExitCode, EXIT, leaksExitCode, reapExitCode } from "../../cli/exit-codes";
import type { Diagnosis } from "../../operations/doctor";
import type { ReapReport } from "../../operations/ephemeral/reap";
import type { LeakReport } from "../../operations/leaks/report";

describe("exit codes", () => {
  const found = [{}];
  const none: readonly object[] = [];

  it("of leaks, destroy and ephemeral down: what is left comes before what was not seen", () => {
    const code = (leftovers: readonly object[], unseen: readonly object[]): number =>
      leaksExitCode({ leftovers, unseen, looked: [] } as unknown as LeakReport);
    assert.equal(code(none, none), EXIT.done);
    assert.equal(code(found, none), EXIT.found);
    assert.equal(code(found, found), EXIT.found);
    assert.equal(code(none, found), EXIT.unseen);
  });

  it("of doctor: a finding comes before what was not seen", () => {
    const code = (findings: readonly object[], unseen: readonly object[]): number =>
      doctorExitCode({ findings, unseen } as unknown as Diagnosis);
    assert.equal(code(none, none), EXIT.done);
    assert.equal(code(found, found), EXIT.found);
    assert.equal(code(none, found), EXIT.unseen);
  });

  it("of reap: a failure comes before what is left, and that before what was not seen", () => {
    const code = (outcomes: readonly string[], unseen: readonly object[] = none): number =>
      reapExitCode({ stacks: outcomes.map((outcome) => ({ outcome })), unseen } as unknown as ReapReport);
    assert.equal(code(["keep", "reap", "reaped"]), EXIT.done);
    assert.equal(code(["left", "failed"]), EXIT.failed);
    assert.equal(code(["orphan"], found), EXIT.found);
    assert.equal(code(["left"]), EXIT.found);
    assert.equal(code(["keep"], found), EXIT.unseen);
  });

  it("are the documented ones", () =>
    assert.deepEqual(EXIT, { done: 0, failed: 1, found: 2, unseen: 3, interrupted: 130 }));
});
