/**
 * Proves of `./ralphctl retry` what it asks, reports and exits with, from the command line to the state on a worker's
 * volume: the runner is the real one, and the API server a stand-in that runs commands as a kubelet does. (In a real
 * container: test/engine/real-node.test.ts.)
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { retryExitCode } from "../../cli/exit-codes";
import { retryText } from "../../cli/reports/retry";
import { run, type RunResult } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";
import { commandsFor } from "../../operations/doctor";
import { findEnded } from "../../operations/doctor/prompts";
import { retry } from "../../operations/retry";
import type { Outcome } from "../../runner/src/contract";
import { layout, queued, readPrompt } from "../../runner/src/layout";
import { readState, writeState } from "../../runner/src/state";
import { type End, serveExec } from "../support/pod-exec";
import { RALPHCTL } from "../support/ralphctl";

const LABELS = { app: "ralph-orchestrator", "app.kubernetes.io/component": "worker" };
const RUNNING = { name: "ralph", state: { running: {} } };
const worker = (name: string, claimed = true) => ({
  metadata: { name, namespace: "ralph", labels: LABELS },
  spec: {
    nodeName: "node-1",
    volumes: [
      { name: "workspace", ...(claimed ? { persistentVolumeClaim: { claimName: "c" } } : { emptyDir: {} }) },
    ],
  },
  status: { phase: "Running", containerStatuses: [RUNNING] },
});
const failedJob = (name: string, owner?: string) => ({
  metadata: {
    name,
    ...(owner === undefined ? {} : { ownerReferences: [{ kind: "CronJob", name: owner }] }),
  },
  status: {
    conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "too often" }],
  },
});

describe("ralphctl retry", function () {
  this.timeout(60_000); // each call starts two Nodes
  let root: string;
  let server: Server;
  let address: string;
  let kubeconfig: string;
  let pods: object[];
  let jobs: object[];
  /** What a command ends with, in place of the real runner. */
  let ends: (End | "forbidden")[];
  let asked: (readonly [pod: string, ...command: string[]])[];

  before(async () => {
    ({ server, address } = await serveExec(
      (path) => (path.endsWith("/pods") ? pods : jobs),
      async (pod, command) => {
        asked.push([pod, ...command]);
        return ends.shift() ?? inContainer(command.slice(1));
      },
    ));
  });
  after(() => server.close());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "retry-"));
    for (const folder of ["prompts", "workspace"]) mkdirSync(join(root, folder));
    kubeconfig = join(root, "kubeconfig");
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        "current-context": "here",
        contexts: [{ name: "here", context: { cluster: "c", user: "u", namespace: "ralph" } }],
        clusters: [{ name: "c", cluster: { server: address, "insecure-skip-tls-verify": true } }],
        users: [{ name: "u", user: {} }],
      }),
    );
    pods = [worker("ralph-a"), worker("ralph-b")];
    jobs = [];
    ends = [];
    asked = [];
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** The runner's command, on the folder that is the container's root. */
  const inContainer = (words: readonly string[]): Promise<End> =>
    run(process.execPath, ["-r", "./boot/loader.js", "runner/src/main.ts", ...words], {
      cwd: REPOSITORY,
      env: { PATH: process.env.PATH, RALPH_ROOT: root, RALPH_SKIP_PROMPTS: "task.md" },
    });
  const put = (file: string, outcome: Outcome) => {
    writeFileSync(join(root, "prompts", file), `Prompt of ${file}`);
    const unit = queued(readPrompt(join(root, "prompts", file)) ?? assert.fail(), layout(root));
    writeState(unit.state, {
      ...{ hash: unit.prompt.hash, runs: 4, failures: 4, seconds: 60, iterations: 20, outcome },
      ended: "2026-01-01T00:00:00.000Z",
    });
    return unit;
  };
  const cli = (...words: string[]): Promise<RunResult> =>
    run(process.execPath, [...RALPHCTL, "retry", "--kubeconfig", kubeconfig, ...words], { cwd: REPOSITORY });
  /** What the command does, without the start of another Node. */
  const call = async (prompts: string[], all = false) => {
    const report = await retry({ file: kubeconfig, prompts, all });
    return { report, code: retryExitCode(report), stdout: retryText(report) };
  };

  it("lists the failed prompts and Jobs with what runs each again, and exits with 2", async () => {
    const failed = put("a.md", "failed");
    const limit = put("b.md", "limit");
    put("c.md", "completed");
    put("task.md", "failed"); // a task's
    jobs = [failedJob("ralph-task"), failedJob("ralph-daily-1", "ralph-daily")];
    const { code, stdout, stderr } = await cli();
    assert.equal(code, 2, stderr);
    assert.deepEqual(stdout.trim().split("\n"), [
      `${failed.name}: failed (runs: 4, iterations: 20), 2026-01-01T00:00:00.000Z`,
      `${limit.name}: limit (runs: 4, iterations: 20), 2026-01-01T00:00:00.000Z`,
      "Job ralph-task: BackoffLimitExceeded: too often",
      "    kubectl -n ralph delete job ralph-task",
      "    pulumi refresh",
      "    pulumi up",
      "Job ralph-daily-1: BackoffLimitExceeded: too often",
      "    kubectl -n ralph create job ralph-daily-1-again --from=cronjob/ralph-daily",
      "Retry prompts by their names, or all failed ones with --all.",
    ]);
    assert.deepEqual(asked, [["ralph-a", "/app/bin/entry", "retry"]]);
  });

  it("has the workers run prompts again by name, and all failed ones with --all", async () => {
    const [a, b, c] = [put("a.md", "failed"), put("b.md", "stuck"), put("c.md", "limit")];
    const { code, report } = await call([a.name]);
    assert.equal(code, 0);
    assert.deepEqual(report.results, [{ prompt: a.name, result: "retried" }]);
    assert.deepEqual(
      report.ended.map(({ name }) => name),
      [b.name, c.name],
    );
    assert.equal(readState(a.state)?.outcome, "interrupted");
    const all = await call([], true);
    assert.deepEqual([all.code, all.stdout], [0, `${b.name}: runs again as soon as a worker is free`]);
    assert.equal(readState(b.state), undefined);
    assert.equal(readState(c.state)?.outcome, "limit");
  });

  it("exits with 0 if nothing failed, and with 1 for a name that cannot be retried", async () => {
    const { name } = put("done.md", "completed");
    const none = await call([]);
    assert.deepEqual([none.code, none.stdout], [0, "Nothing in namespace ralph has failed."]);
    const { code, stdout } = await call([name, "moon"]);
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`^${name}: is completed, and stays.*\nmoon: there is no such prompt`));
  });

  it("asks every worker where each has a queue of its own", async () => {
    pods = [worker("ralph-a", false), worker("ralph-b", false)];
    const { name } = put("a.md", "failed");
    ends = [
      { code: 0, stdout: JSON.stringify({ ended: [], results: [{ prompt: name, result: "completed" }] }) },
      { code: 0, stdout: JSON.stringify({ ended: [], results: [{ prompt: name, result: "retried" }] }) },
    ];
    const { code, stdout } = await call([name]);
    assert.equal(code, 0, stdout);
    assert.deepEqual(asked.map(([pod]) => pod).sort(), ["ralph-a", "ralph-b"]);
  });

  it("repeats a command that a worker's run has ended with its own processes", async () => {
    ends = [{ code: 143 }, { code: 137 }];
    assert.equal((await call([])).code, 0);
    assert.equal(asked.length, 3);
  });

  const TROUBLE: [what: string, ends: (End | "forbidden")[], error: { message: string }][] = [
    ["the role may not exec", ["forbidden"], { message: "403 pods/exec is forbidden in pod ralph-a" }],
    [
      "the image is an older one",
      [{ code: 64, stderr: "error: 1 problem; nothing was run." }],
      { message: "the image of pod ralph-a is older than this program, and cannot retry: pulumi up" },
    ],
    [
      "the runner fails",
      [{ code: 70, stderr: "a\nerror: no space left" }],
      { message: "pod ralph-a: retry ended with 70: error: no space left" },
    ],
    [
      "the connection breaks off",
      [{}],
      { message: "pod ralph-a: the connection was closed before the command ended" },
    ],
  ];
  for (const [what, planned, error] of TROUBLE)
    it(`says so if ${what}`, async () => {
      ends = planned;
      await assert.rejects(call([]), error);
    });

  it("says so if no worker runs", async () => {
    pods = [{ ...worker("ralph-a"), status: { phase: "Pending" } }];
    await assert.rejects(call([]), {
      message: "no worker runs in namespace ralph: ./ralphctl doctor --namespace ralph",
    });
  });

  it("is what the doctor names for a failed prompt, and nothing is asked on simulated nodes", async () => {
    const { name } = put("a.md", "stuck");
    const nodes = (kind?: string) => [
      { metadata: { name: "node-1", annotations: kind === undefined ? {} : { "kwok.x-k8s.io/node": kind } } },
    ];
    const find = (found: object[], on: object[]) =>
      findEnded({ file: kubeconfig }, { pods: found, nodes: on }, commandsFor("ralph", "gke"));
    assert.deepEqual(await find(pods, nodes()), {
      looked: true,
      unseen: [],
      findings: [
        {
          object: `Prompt ${name}`,
          what: "failed: stuck (runs: 4, iterations: 20)",
          cause: "The loop made no progress: it repeated itself, or wrote events that cannot be read.",
          fix: [
            "kubectl -n ralph logs -l app.kubernetes.io/component=worker --prefix --tail=200",
            `./ralphctl retry --stack gke ${name}`,
          ],
        },
      ],
    });
    ends = ["forbidden"];
    assert.deepEqual((await find(pods, nodes())).unseen, [
      {
        about: "failed prompts",
        reason: "403 pods/exec is forbidden in pod ralph-a",
        fix: "kubectl auth can-i create pods/exec -n ralph",
      },
    ]);
    asked = [];
    assert.deepEqual(await find(pods, nodes("fake")), { looked: false, findings: [], unseen: [] });
    assert.deepEqual(asked, []);
  });
});
