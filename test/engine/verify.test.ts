/**
 * Proves what `./ralphctl verify` does on a real API server. On a real kubelet with containers of the image of
 * runner/Dockerfile: the task completes, the volumes are written and read by two pods, and the metrics are read. On
 * simulated nodes: what needs a container is skipped with its reason. In both cases the report has the versions and no
 * secret, and everything is deleted, after Ctrl-C too. The volumes' driver is simulated, and no data plane enforces
 * policies here: what they do on a cloud is what the report of its account's owner shows.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { type ControlPlane, startControlPlane } from "../../local/control-plane";
import { nodeImages } from "../../local/node/images";
import { startNode, stopNode } from "../../local/node/node";
import { inspectMachine } from "../../local/node/requirements";
import { NODE_TOOLS } from "../../local/tools/pins";
import { ensureToolchain, type Toolchain } from "../../local/tools/toolchain";
import { run } from "../../lib/process";
import { Progress } from "../../lib/progress";
import type { VerifyReport } from "../../operations/verify/report";
import { fixture } from "./support/fixture";
import type { Live } from "./support/kubectl";
import { lifecycle } from "./support/lifecycle";
import { Stack } from "./support/stack";
import { until } from "./support/until";
import { SIMULATED } from "./support/verified";

const CANARY = "canary-verify-7h3k9d2m";
const CREATED = "jobs,pods,persistentvolumeclaims";
const LABEL = "ralph-orchestrator/verify";

const outcomes = ({ checks }: VerifyReport): Record<string, string> =>
  Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));

/** What runs of `verify` have created and not deleted. */
async function created({ kubectl }: Toolchain["paths"], { kubeconfig }: ControlPlane): Promise<string[]> {
  const words = ["--kubeconfig", kubeconfig, "get", CREATED, "-A", "-l", LABEL, "-o", "json"];
  const { code, stdout, stderr } = await run(kubectl, words, { timeout: 60_000 });
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as { items: Live[] }).items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

describe("verify on simulated nodes", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create({ namespace: "verified" });
    await stack.setSecret("apiKeys.claude", CANARY);
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
  });
  after(() => stack.remove());

  it("skips what needs a container, reports the versions, and prints no secret", async () => {
    const { code, stdout, stderr } = await lifecycle(stack, "verify", "--json").result;
    const report = JSON.parse(stdout) as VerifyReport;
    assert.deepEqual([code, outcomes(report)], [3, SIMULATED], stdout + stderr);
    const { versions } = report;
    assert.match(versions.kubernetes ?? "", /^v1\./);
    assert.deepEqual(Object.keys(versions.plugins), ["kubernetes"]);
    assert.equal(versions.nodes[0]?.kubelet, "simulated");
    assert.equal((stdout + stderr).includes(CANARY), false);
    assert.deepEqual(await created(fixture().toolchain.paths, fixture().plane), []);
  });

  it("reports after a destroy what is still in the state, and what is left in the cloud", async () => {
    const { code, stdout, stderr } = await lifecycle(stack, "verify", "--after-destroy", "--json").result;
    const report = JSON.parse(stdout) as VerifyReport;
    assert.deepEqual(
      [code, outcomes(report)],
      [2, { state: "failed", inventory: "passed" }],
      stdout + stderr,
    );
    assert.deepEqual(report.checks[0]?.next, ["./ralphctl destroy --stack verified"]);
    assert.equal((stdout + stderr).includes(CANARY), false);
  });

  it("refuses an unknown check with the names of all", async () => {
    const { code, stderr } = await lifecycle(stack, "verify", "--only", "smok").result;
    assert.equal(code, 1);
    assert.match(stderr, /--only smok: there is no such check; the checks are: access, /);
  });
});

describe("verify on a real node", () => {
  let dir: string;
  let plane: ControlPlane;
  let paths: Toolchain["paths"];
  let stack: Stack | undefined;

  before(async function () {
    this.timeout(20 * 60_000); // image, kubelet and Ralph may have to be built
    const machine = inspectMachine();
    if (!("programs" in machine)) {
      console.log(`      skipped: ${machine.map(({ problem }) => problem).join("; ")}`);
      return this.skip();
    }
    const images = await nodeImages(machine, new Progress(2));
    const shared = fixture().toolchain;
    const toolchain = {
      provider: shared.provider,
      paths: { ...shared.paths, ...(await ensureToolchain(NODE_TOOLS)).paths },
    };
    paths = toolchain.paths;
    dir = join(fixture().dir, "verify-node");
    plane = await startControlPlane({ dir, name: fixture().plane.name, toolchain, nodes: 0 });
    await startNode({ dir, plane, machine, toolchain, images });
    stack = await Stack.create({
      namespace: "verified-really",
      kubeconfig: plane.kubeconfig,
      config: { config: { agent: "smoke" }, resources: SMALL, persistence: SHARED },
    });
    await stack.setSecret("apiKeys.claude", CANARY);
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
  });
  after(async function () {
    this.timeout(120_000);
    await stack?.remove();
    if (plane === undefined) return;
    await stopNode(dir);
    await plane.stop();
  });

  it("runs a task, writes and reads both kinds of volumes, reads the metrics, and finds that no policy is enforced", async () => {
    const { code, stdout, stderr } = await lifecycle(stack as Stack, "verify", "--json").result;
    const report = JSON.parse(stdout) as VerifyReport;
    assert.deepEqual([code, outcomes(report)], [2, REAL], stdout + stderr);
    const detail = Object.fromEntries(report.checks.map((check) => [check.name, check.detail]));
    assert.match(
      detail.smoke ?? "",
      /^completed; its container started after \d+ s, image already on the node$/,
    );
    assert.match(
      detail["shared volume"] ?? "",
      /^standard-rwx: mounted after \d+ s by two pods on one node$/,
    );
    assert.match(
      detail["network policy"] ?? "",
      /^a pod of Ralph reaches another pod, (the metadata server, )?the API server.*: the network policy is not enforced/,
    );
    assert.match(detail.metrics ?? "", /^\d+ samples, [1-9]\d* metrics of Ralph$/);
    assert.match(report.versions.nodes[0]?.runtime ?? "", /^containerd:/);
    assert.equal((stdout + stderr).includes(CANARY), false);
    assert.deepEqual(await created(paths, plane), []);
  });

  it("deletes everything on Ctrl-C", async () => {
    const child = lifecycle(stack as Stack, "verify", "--only", "shared volume");
    await until("a claim exists", async () =>
      (await created(paths, plane)).some((each) => each.startsWith("PersistentVolumeClaim")),
    );
    child.signal("SIGINT");
    const { code, stderr } = await child.result;
    assert.deepEqual([code, /Stopped\. What the checks had created is deleted\./.test(stderr)], [130, true]);
    assert.deepEqual(await created(paths, plane), []);
  });
});

const REAL = {
  access: "passed",
  "vendor's program": "skipped",
  registry: "skipped",
  smoke: "passed",
  volume: "passed",
  "shared volume": "passed",
  // The bridge of this node enforces no policy.
  "network policy": "failed",
  hosts: "skipped",
  sandbox: "skipped",
  identity: "skipped",
  secrets: "skipped",
  metrics: "passed",
  // The cluster has no operator.
  prometheus: "skipped",
  backups: "skipped",
  "way in": "skipped",
  autoscaler: "skipped",
  "clean-up": "passed",
};
const SMALL = {
  requests: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "2", memory: "1Gi", "ephemeral-storage": "1Gi" },
};
const SHARED = { workspace: { accessMode: "ReadWriteMany" } };
