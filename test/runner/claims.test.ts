/**
 * Proves that no two workers own one thing: with real processes that race for a thousand, and, by a clock of the
 * test's, in each order of life, silence, return and farewell.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";

import { type Claim, Claims } from "../../runner/src/claims";
import { REPOSITORY } from "../../lib/repository";
import { run } from "../../lib/process";
import { until } from "../engine/support/until";

const TIMING = { lease: 30_000, heartbeat: 2 ** 30 }; // the test beats no heart

describe("claims", () => {
  let root: string;
  let now: number;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "claims-"));
    now = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const pod = (owner: string): Claims => new Claims(owner, TIMING, () => now);

  it("of a thousand units by eight processes at once: each unit has exactly one owner", async function () {
    this.timeout(180_000); // eight starts of Node
    const things = Array.from({ length: 1000 }, (_, i) => `thing-${i}`);
    for (const thing of things) mkdirSync(join(root, thing));
    const running = Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        run(
          process.execPath,
          ["-r", "sucrase/register/ts", join(__dirname, "claimer.ts"), root, `pod-${i}`],
          {
            cwd: REPOSITORY,
            timeout: 150_000,
          },
        ),
      ),
    );
    await until(
      "all are up",
      () => readdirSync(root).filter((name) => name.startsWith("up-")).length === 8,
      120_000,
    );
    writeFileSync(join(root, "go"), "");
    const taken = (await running).map(({ code, stdout, stderr }) => {
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as string[];
    });
    assert.deepEqual(taken.flat().sort(), things.sort());
  });

  it("is not available while its owner is alive, and available at once when it is released", () => {
    const claim = pod("a").take(join(root, "x")) ?? assert.fail();
    const other = pod("b");
    assert.ok(claim.held());
    assert.equal(other.take(join(root, "x")), undefined);
    claim.release();
    const next = other.take(join(root, "x"));
    assert.ok(next?.held());
    assert.equal(claim.held(), false);
  });

  it("is taken over from a silent owner after the lease, as observed by the new owner, and not before", () => {
    pod("a").take(join(root, "x"));
    const other = pod("b");
    assert.equal(other.take(join(root, "x")), undefined); // begins to watch
    now += TIMING.lease;
    assert.equal(other.take(join(root, "x")), undefined);
    now += 1;
    assert.ok(other.take(join(root, "x"))?.held());
  });

  it("stays with an owner that sends heartbeats, and notifies one that has lost it", async () => {
    const beating = new Claims("a", { lease: 30_000, heartbeat: 5 });
    const claim = beating.take(join(root, "x")) ?? assert.fail();
    const other = pod("b");
    assert.equal(other.take(join(root, "x")), undefined);
    const beat = (): number =>
      (JSON.parse(readFileSync(join(root, "x", "claim-1"), "utf8")) as { beat: number }).beat;
    await until("some heartbeats", () => beat() > 2);
    now += TIMING.lease + 1;
    assert.equal(other.take(join(root, "x")), undefined); // it has changed since
    const lost = new Promise<void>((resolve) => (claim.onLost = resolve));
    claim.release(); // so that the other may take it; the first one goes on by mistake
    assert.ok(other.take(join(root, "x")));
    assert.equal(claim.held(), false);
    const again = beating.take(join(root, "y")) ?? assert.fail();
    again.onLost = claim.onLost;
    assert.equal(other.take(join(root, "y")), undefined);
    assert.ok(new Claims("a", TIMING).take(join(root, "y"))); // a new container of the same pod
    await lost;
  });

  it("of an earlier container of the same pod is available at once, its own is not", () => {
    const former = pod("a");
    former.take(join(root, "x"));
    assert.equal(former.take(join(root, "x")), undefined);
    assert.ok(pod("a").take(join(root, "x"))?.held());
  });

  it("has at most one owner after any sequence of claims, releases, deaths and waits", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("take" as const), pod: fc.nat(2) }),
      fc.record({ do: fc.constant("release" as const), pod: fc.nat(2) }),
      fc.record({ do: fc.constant("restart" as const), pod: fc.nat(2) }),
      fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 20_000, 40_000) }),
    );
    let run = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const thing = join(root, `thing-${run++}`);
        const pods = [0, 1, 2].map((i) => ({ claims: pod(`p${i}`), claim: undefined as Claim | undefined }));
        for (const each of steps) {
          if (each.do === "wait") {
            now += each.ms;
            continue;
          }
          const one = pods[each.pod] ?? assert.fail();
          if (each.do === "take") one.claim = one.claims.take(thing) ?? one.claim;
          if (each.do === "release" && one.claim?.held() === true) one.claim.release();
          if (each.do === "restart") pods[each.pod] = { claims: pod(`p${each.pod}`), claim: undefined };
          assert.ok(pods.filter(({ claim }) => claim?.held()).length <= 1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
