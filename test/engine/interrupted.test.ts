/**
 * Proves that an interrupted run can be continued: after Ctrl-C (SIGINT) by repeating the command, after the loss of
 * its machine (SIGKILL) by the commands in the tests' names. Nothing is orphaned, nothing is created twice. Nodes that
 * accept no pods, and a finalizer, keep the runs from finishing.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { repairFolder } from "../../operations/engine/backend";
import { changes, readEvents } from "./support/events";
import { everything, get, kubectl, list } from "./support/kubectl";
import { type Outcome, Stack } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "interrupted";
const HOLD = "tests.example.com/hold";

describe("a run that is interrupted", () => {
  let stack: Stack;
  before(async () => (stack = await Stack.create({ namespace: NAMESPACE })));
  after(async () => {
    await release();
    await stack.remove();
  });

  const deployment = () => get("deployment", "ralph-orchestrator", NAMESPACE);
  const config = () => get("configmap", "ralph-config", NAMESPACE);
  const setFinalizers = (...finalizers: string[]): Promise<string> =>
    kubectl(
      ...["patch", "configmap", "ralph-config", "-n", NAMESPACE, "--type=merge"],
      ...["-p", JSON.stringify({ metadata: { finalizers } })],
    );
  async function release(): Promise<void> {
    await kubectl("uncordon", "--selector=type!=none");
    if ((await config()) !== undefined) await setFinalizers();
  }

  /** An up that is interrupted while it waits for a pod without a node. */
  async function interruptUp(end: (run: ReturnType<Stack["begin"]>) => void): Promise<Outcome> {
    await kubectl("cordon", "--selector=type!=none");
    const run = stack.begin("up", ["--yes", "--skip-preview"]);
    await until("the Deployment is on the server", async () => (await deployment()) !== undefined, 120_000);
    return ended(run, end);
  }

  /** A destroy that is interrupted while it waits for an object with a finalizer. */
  async function interruptDestroy(end: (run: ReturnType<Stack["begin"]>) => void): Promise<Outcome> {
    await setFinalizers(HOLD);
    const run = stack.begin("destroy", ["--yes", "--skip-preview"]);
    const deleting = async () => (await config())?.metadata["deletionTimestamp" as "name"] !== undefined;
    await until("the ConfigMap is being deleted", deleting, 120_000);
    return ended(run, end);
  }

  async function ended(
    run: ReturnType<Stack["begin"]>,
    end: (run: ReturnType<Stack["begin"]>) => void,
  ): Promise<Outcome> {
    end(run);
    const outcome = { ...(await run.child.result), ...readEvents(run.eventLog) };
    stack.killProviders();
    // Sometimes the state of a killed run cannot be read; `./ralphctl recover` begins with this.
    repairFolder(join(stack.dir, "state"));
    await release();
    return outcome;
  }

  function assertDone({ code, stdout, stderr }: Outcome): void {
    assert.equal(code, 0, stdout + stderr);
  }
  async function assertComplete(): Promise<void> {
    assertDone(await stack.preview("--expect-no-changes"));
    const workers = await list("replicasets", "-n", NAMESPACE);
    assert.equal(workers.length, 1);
    assert.deepEqual(stack.pending, []);
  }
  async function assertGone(): Promise<void> {
    assert.deepEqual(stack.resources, []);
    assert.equal(await get("namespace", NAMESPACE), undefined);
    assert.equal(await get("configmap", `prometheus-config-${NAMESPACE}`, "monitoring"), undefined);
    assert.equal(
      await get("applications.argoproj.io", `ralph-orchestrator-${NAMESPACE}`, "argocd"),
      undefined,
    );
    await until("the volumes are gone", async () =>
      (await list("persistentvolumes")).every(({ spec }) => spec.claimRef?.namespace !== NAMESPACE),
    );
  }

  describe("by Ctrl-C", () => {
    const interrupt = ({ child }: ReturnType<Stack["begin"]>): void => child.signal("SIGINT");

    it("ends at once and leaves no lock: `pulumi up` continues from there", async () => {
      const { code, stdout } = await interruptUp(interrupt);
      assert.equal(code, 1);
      assert.match(stdout, /\^C received; cancelling/);
      assert.deepEqual(stack.pending, []);
      const created = await deployment();

      assertDone(await stack.up());
      assert.equal((await deployment())?.metadata.uid, created?.metadata.uid);
      await assertComplete();
    });

    it("during a destroy: `pulumi destroy` continues from there and leaves nothing", async () => {
      assert.equal((await interruptDestroy(interrupt)).code, 1);
      assert.notDeepEqual(await everything(NAMESPACE), []);
      assertDone(await stack.destroy());
      await assertGone();
    });
  });

  describe("by the loss of its machine", () => {
    const kill = ({ child }: ReturnType<Stack["begin"]>): void => child.kill();
    const LOCKED = /the stack is currently locked by 1 lock.*`pulumi cancel`/s;

    async function assertLocked(outcome: Outcome): Promise<void> {
      assert.notEqual(outcome.code, 0);
      assert.match(outcome.stderr, LOCKED);
      await stack.pulumi(["cancel", "--yes"]);
    }

    it("leaves a lock and pending creates: `pulumi cancel`, `pulumi refresh --import-pending-creates <urn> --import-pending-creates <id>`, `pulumi up`", async () => {
      assert.equal((await interruptUp(kill)).code, 137);
      const created = await deployment();
      await assertLocked(await stack.up());
      const urns = stack.pending.map(({ type, urn }) => (assert.equal(type, "creating"), urn));
      assert.ok(urns.some((urn) => urn.endsWith("apps/v1:Deployment::ralph")));

      // A destroy that does not know the Deployment would wait for claims that its pods hold.
      const ids: Record<string, string> = {
        ralph: "ralph-orchestrator",
        "ralph-schedule-ralph-daily": "ralph-daily",
        "ralph-task-ralph-task": "ralph-task",
      };
      const pairs = urns.flatMap((urn) => [urn, `${NAMESPACE}/${ids[urn.slice(urn.lastIndexOf("::") + 2)]}`]);
      assertDone(await stack.refresh(...pairs.flatMap((entry) => ["--import-pending-creates", entry])));
      assert.deepEqual(stack.pending, []);
      assertDone(await stack.up());
      assert.equal((await deployment())?.metadata.uid, created?.metadata.uid);
      await assertComplete();
    });

    it("during a destroy: `pulumi cancel`, `pulumi destroy`", async () => {
      assert.equal((await interruptDestroy(kill)).code, 137);
      await assertLocked(await stack.destroy());
      assert.ok(stack.pending.some(({ type, urn }) => type === "deleting" && urn.endsWith("::ralph-config")));
      const outcome = await stack.destroy();
      assertDone(outcome);
      assert.ok(changes(outcome.operations).every(({ op }) => op === "delete"));
      await assertGone();
    });
  });
});
