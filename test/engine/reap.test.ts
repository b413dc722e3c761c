/**
 * Proves, with a clock that the test sets, what the reaper does to a backend of many stacks: a dry run changes no
 * byte of it and sends the cloud no change; then every expired stack is deleted, one that fails does not stop the
 * others, and all other stacks stay byte for byte: fresh, protected, locked, broken, not ephemeral, or of another
 * project. The lock of a lost machine blocks nothing. A second run deletes what has failed, and a third has
 * nothing to do.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { moment } from "../../clusters/lifetime";
import { LONGEST_RUN } from "../../operations/engine/lock";
import { reapExitCode } from "../../cli/exit-codes";
import type { ReapReport } from "../../operations/ephemeral/reap";
import { RECORD_TAG } from "../../operations/ephemeral/record";
import { Backend } from "./support/backend";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { GKE } from "./support/cloud-stacks";

const HOUR = 3_600_000;
const NETWORK = "gcp:compute/network:Network";
/** When the reaper looks: after the real stack's two hours. */
const NOW = Date.now() + 3 * HOUR;
const PAST = moment(NOW - HOUR);
const FUTURE = moment(NOW + HOUR);

describe("the reaper", function () {
  this.timeout("480s");
  let backend: Backend;
  let real: string;

  /** A stack with this tag and these outputs. */
  async function createStack(
    name: string,
    tag: string | undefined,
    outputs?: object,
    protect = false,
  ): Promise<void> {
    await backend.init(name);
    if (tag !== undefined) await backend.pulumi("stack", "tag", "set", RECORD_TAG, tag, "--stack", name);
    const resources = protect ? [{ type: "pulumi:providers:gcp", name: "other", id: "other", protect }] : [];
    if (outputs !== undefined) await backend.import(name, { resources, outputs });
  }
  const record = (expires: string) =>
    JSON.stringify({ cloud: "gke", expires, set: { "gcp:project": "acme-agents" } });
  const life = (expires: string) => ({ clusterName: "x", lifetime: { expires } });
  const run = (yes: boolean) =>
    backend.call<ReapReport>("ephemeral/reap", "reap", { cloud: "gke", yes, now: NOW, waits: [] });
  const resultsByStack = ({ stacks }: ReapReport) =>
    Object.fromEntries(
      stacks.map(({ stack, outcome, reason }) => [stack, `${outcome}: ${reason.split("\n")[0]}`]),
    );

  /** What stays, and why. */
  const KEPT = {
    broken: "keep: its tag cannot be read: {",
    fresh: `keep: expires at ${FUTURE}`,
    longer: `keep: expires at ${FUTURE}`,
    malformed: 'keep: has an invalid expiry time: "tomorrow"',
    production: "keep: is not ephemeral",
    promoted: "keep: is no longer ephemeral, since its last update",
    protected: "keep: is protected: other",
  };
  const since = moment(NOW - LONGEST_RUN + 60_000);
  const HELD = `keep: is being updated: process 4711 of somebody on elsewhere (since ${since})`;
  const due = `has expired: it is ${moment(NOW)}`;

  before(async () => {
    await createCloudClasses();
    backend = new Backend("reap", GKE.plugins);
    const set = ["gcp:project=acme-agents", "ralph:namespace=reaped", "ralph:image.build=false"];
    const { code, stdout, stderr } = await backend.lifecycle(
      ...["ephemeral", "up", "--cloud", "gke", "--name", "expired", "--ttl", "2h", "--json"],
      ...[...set, "ralph:monitoring.install=none"].flatMap((each) => ["--set", each]),
    );
    assert.equal(code, 0, stderr);
    real = (JSON.parse(stdout) as { expires: string }).expires;
    await createStack("empty", record(PAST));
    await createStack("fresh", record(FUTURE), life(FUTURE));
    await createStack("longer", record(PAST), life(FUTURE));
    await createStack("broken", "{", life(PAST));
    await createStack("malformed", record("tomorrow"));
    await createStack("production", undefined, { clusterName: "x" });
    await createStack("promoted", record(PAST), { clusterName: "x" });
    await createStack("protected", record(PAST), life(PAST), true);
    await createStack("locked", record(PAST), life(PAST));
    await createStack("late", record(PAST), life(PAST));
    await createStack("lost", record(PAST), life(PAST));
    await createStack("begun", record(PAST));
    await backend.init("website", "website");
    lock("locked", NOW - LONGEST_RUN + 60_000);
    lock("lost", NOW - LONGEST_RUN - 60_000);
    lock("begun", NOW - LONGEST_RUN - 60_000);
  });
  after(async () => {
    await backend.remove();
    await deleteCloudClasses();
  });

  /** What an update leaves there while it runs on another machine, and permanently if that machine is lost. */
  function lock(stack: string, since: number): void {
    const folder = join(backend.dir, "state", ".pulumi", "locks", "organization", "ralph", stack);
    mkdirSync(folder, { recursive: true });
    const owner = {
      pid: 4711,
      username: "somebody",
      hostname: "elsewhere",
      timestamp: moment(since),
    };
    writeFileSync(join(folder, "0b1c2d3e-0000-4000-8000-000000000000.json"), JSON.stringify(owner));
  }

  it("reports what it would do, and does nothing", async () => {
    const before = backend.snapshot();
    const mark = backend.clouds.ledger().length;
    const outcomes = await run(false);
    assert.deepEqual(resultsByStack(outcomes), {
      ...KEPT,
      begun: `reap: ${due}`,
      empty: `reap: ${due}`,
      expired: `reap: ${due}`,
      late: `reap: ${due}`,
      locked: `reap: ${due}`,
      lost: `reap: ${due}`,
    });
    assert.equal(outcomes.stacks.find(({ stack }) => stack === "expired")?.expires, real);
    assert.equal(reapExitCode(outcomes), 0);
    assert.deepEqual(backend.snapshot(), before);
    assert.deepEqual(backend.clouds.ledger().slice(mark), []);
    // The command's own clock, by which nothing real has expired.
    const { code, stdout } = await backend.lifecycle("reap", "--cloud", "gke");
    assert.equal(code, 0);
    assert.match(stdout, /^STACK +OUTCOME +EXPIRES +OWNER +REASON$/m);
    assert.ok(
      stdout.split("\n").some((line) => /^expired +keep /.test(line) && line.includes(`expires at ${real}`)),
    );
    assert.deepEqual(backend.snapshot(), before);
  });

  it("deletes what has expired, even if one of the stacks fails, and nothing else", async () => {
    backend.clouds.faults([{ token: NETWORK, method: "Delete", does: "denied" }]);
    const before = backend.snapshot();
    const outcomes = await run(true);
    const { expired, ...others } = resultsByStack(outcomes);
    assert.match(expired ?? "", /^failed: pulumi destroy failed/);
    assert.deepEqual(others, {
      ...KEPT,
      begun: `reaped: ${due}`,
      empty: `reaped: ${due}`,
      late: `reaped: ${due}`,
      lost: `reaped: ${due}`,
      locked: HELD,
    });
    assert.equal(reapExitCode(outcomes), 1);
    assert.deepEqual(backend.stacks, [...Object.keys(KEPT), "expired", "locked"].sort());
    const after = backend.snapshot();
    for (const stack of [...Object.keys(KEPT), "locked"])
      for (const [file, bytes] of Object.entries(before).filter(([name]) => name.startsWith(`${stack}.`)))
        assert.equal(after[file], bytes, file);
  });

  it("deletes what has failed in the next run, and then has nothing to do", async () => {
    assert.notDeepEqual(backend.clouds.inventory(), []);
    const { expired, ...others } = resultsByStack(await run(true));
    assert.equal(expired, `reaped: ${due}`);
    assert.deepEqual(backend.clouds.inventory(), []);
    assert.deepEqual(others, { ...KEPT, locked: HELD });
    const mark = backend.clouds.ledger().length;
    const outcomes = await run(true);
    assert.deepEqual(resultsByStack(outcomes), others);
    assert.equal(reapExitCode(outcomes), 0);
    assert.deepEqual(backend.clouds.ledger().slice(mark), []);
  });
});
