/**
 * Proves that the workload runs, with nothing simulated except the provisioning of volumes as objects: a real
 * kubelet, containerd and containers of the image of runner/Dockerfile (without the agents' programs), and the
 * agent `smoke`. `pulumi up` succeeds because Ralph ran; tasks and schedules complete; results are on the volume;
 * a container is as restricted as its spec says; a real Prometheus scrapes it; a killed worker resumes its work.
 * Also, nothing of the node is left on the machine, even after a failed start or a crash. Needs Linux, root,
 * packages.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type ControlPlane, startControlPlane } from "../../local/control-plane";
import { REPOSITORY } from "../../lib/repository";
import { PAUSE_IMAGE } from "../../local/node/configuration";
import { nodeImages } from "../../local/node/images";
import { NODE_NAME, nodeLayout, type NodeLayout } from "../../local/node/layout";
import { startNode, stopNode } from "../../local/node/node";
import { leftovers } from "../../local/node/processes";
import { inspectMachine, type Machine } from "../../local/node/requirements";
import { NODE_TOOLS } from "../../local/tools/pins";
import { processesOf, signal } from "../../lib/processes";
import { Progress } from "../../lib/progress";
import { retry } from "../../operations/retry";
import { ensureToolchain, type Toolchain } from "../../local/tools/toolchain";
import { type Child, start } from "./support/children";
import { fixture } from "./support/fixture";
import { kubectlIn, type Live } from "./support/kubectl";
import { findPrometheus, freePort, fromOutside, targetsAt, valuesOf } from "./support/prometheus";
import { type Outcome, Stack } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "real";
const SMALL = {
  requests: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "2", memory: "1Gi", "ephemeral-storage": "1Gi" },
};
/** Selects the workers: no task and no schedule has this label. */
const PROMPTS = { "one.md": "Write the first of two.", "two.md": "Write the second of two." };
/** An image that is on the node and cannot run Ralph. */
const BROKEN = { repository: "ralph.local/pause", tag: "1" };

describe("a real node", () => {
  let dir: string;
  let place: NodeLayout;
  let machine: Machine;
  let plane: ControlPlane;
  let toolchain: Toolchain;
  let images: readonly string[];
  let stack: Stack;
  let up: Outcome;

  const kubectl = (...args: string[]): Promise<string> => kubectlIn(plane, NAMESPACE)(...args);
  const list = async (kind: string, ...args: string[]): Promise<Live[]> =>
    (JSON.parse(await kubectl("get", kind, ...args, "-o", "json")) as { items: Live[] }).items;
  const worker = async (): Promise<Live | undefined> =>
    (await list("pods", "-l", "app.kubernetes.io/component=worker")).find(
      ({ status }) => status.containerStatuses?.[0]?.ready === true,
    );
  const inWorker = async (...args: string[]): Promise<string> =>
    kubectl("exec", "deployment/ralph-orchestrator", "--", ...args);
  const complete = (jobs: readonly Live[], name: RegExp): Live | undefined =>
    jobs.find(
      ({ metadata, status }) =>
        name.test(metadata.name) &&
        status.conditions?.some(
          (each: { type: string; status: string }) => each.type === "Complete" && each.status === "True",
        ),
    );
  const begin = (more: readonly string[] = []): Promise<"started" | "running"> =>
    startNode({ dir, plane, machine, toolchain, images: [...images, ...more] });

  before(async function () {
    this.timeout(20 * 60_000); // image, kubelet and Ralph may have to be built
    const found = inspectMachine();
    if (!("programs" in found)) {
      console.log(`      skipped: ${found.map(({ problem }) => problem).join("; ")}`);
      return this.skip();
    }
    machine = found;
    images = await nodeImages(machine, new Progress(2));
    const { paths, provider } = fixture().toolchain;
    toolchain = { provider, paths: { ...paths, ...(await ensureToolchain(NODE_TOOLS)).paths } };
    dir = join(fixture().dir, NAMESPACE);
    place = nodeLayout(dir);
    plane = await startControlPlane({ dir, name: fixture().plane.name, toolchain, nodes: 0 });
    stack = await Stack.create({
      namespace: `${NAMESPACE}-stack`,
      kubeconfig: plane.kubeconfig,
      config: {
        namespace: NAMESPACE,
        smoke: { enabled: true },
        config: { agent: "smoke" },
        resources: SMALL,
        prompts: PROMPTS,
        tasks: [{ name: "ralph-task", agent: "smoke", prompt: "task.md" }],
        schedules: [{ name: "ralph-daily", agent: "smoke", prompt: "daily-task.md", schedule: "* * * * *" }],
      },
    });
  });

  after(async function () {
    this.timeout(120_000);
    if (stack !== undefined) await stack.remove();
    if (dir === undefined) return;
    await stopNode(dir);
    await plane.stop();
  });

  it("leaves nothing on the machine if its start fails", async () => {
    const before = machineState();
    await assert.rejects(begin(["/dev/null"]), /containerd cannot import the image \/dev\/null/);
    assert.deepEqual(leftovers(place), []);
    assert.deepEqual(machineState(), before);
  });

  it("is ready, and a second start leaves it unchanged", async () => {
    assert.equal(await begin(), "started");
    const [node, ...more] = await list("nodes");
    assert.deepEqual(more, []);
    assert.equal(node?.metadata.name, NODE_NAME);
    assert.match(node.status.nodeInfo.containerRuntimeVersion as string, /^containerd:/);
    assert.equal(await begin(), "running");
  });

  it("lets `pulumi up` succeed because Ralph ran: worker ready by its own probe, ralph-smoke complete", async () => {
    up = await stack.up();
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.ok(await worker());
    assert.ok(complete(await list("jobs"), /^ralph-smoke$/));
    assert.match(await kubectl("logs", "job/ralph-smoke"), /LOOP_COMPLETE/);
  });

  it("completes a task, and a schedule when it is due", async () => {
    for (const name of [/^ralph-task$/, /^ralph-daily-\d+$/]) {
      await until(
        `the Job ${name.source} is complete`,
        async () => complete(await list("jobs"), name),
        100_000,
      );
    }
    assert.match(await kubectl("logs", "job/ralph-task"), /SMOKE\.md has them/);
  });

  it("has the worker's result for each prompt on the volume", async () => {
    await until("both prompts are done", async () => (await results()).length === 2);
    const texts = (await results()).map(({ folder, text }) => [folder.replace(/-[0-9a-f]{8}$/, ".md"), text]);
    for (const [name, prompt] of Object.entries(PROMPTS)) {
      const text = Object.fromEntries(texts)[name] as string | undefined;
      assert.ok(text?.includes(prompt), `${name}: ${text}`);
    }
  });

  it("restricts the container as its spec says", async () => {
    const status = Object.fromEntries(
      (await inWorker("cat", "/proc/1/status")).split("\n").map((line) => line.split(/:\s+/, 2)),
    ) as Record<string, string>;
    const { Uid, Gid, CapEff, CapBnd, NoNewPrivs, Seccomp } = status;
    const none = "0".repeat(16);
    assert.deepEqual(
      { Uid, Gid, CapEff, CapBnd, NoNewPrivs, Seccomp },
      {
        Uid: "1000\t1000\t1000\t1000",
        Gid: "1000\t1000\t1000\t1000",
        CapEff: none,
        CapBnd: none,
        NoNewPrivs: "1",
        Seccomp: "2",
      },
    );
    for (const [path, writable] of [
      ["/", false],
      ["/app", false],
      ["/prompts", false],
      ["/usr/local/bin", false],
      ["/workspace", true],
      ["/app/.cache", true],
      ["/home/ralph", true],
      ["/tmp", true],
    ] as const) {
      const write = inWorker("sh", "-c", `echo >${join(path, "probe")} && rm ${join(path, "probe")}`);
      if (writable) await write;
      else await assert.rejects(write, /Read-only file system/, path);
    }
  });

  it("shows a key of a pod's in the environment of no process, and not in its log", async () => {
    const canary = "canary-0123456789";
    const { spec } = (await worker()) as Live;
    const [{ image, securityContext }] = spec.containers;
    const container = {
      ...{ name: "canary", image, imagePullPolicy: "Never", securityContext },
      args: [`--prompt=/${canary}`], // reported as missing, so that the log would show it
      env: [{ name: "GITHUB_TOKEN", value: canary }],
      volumeMounts: [{ name: "work", mountPath: "/workspace" }],
    };
    const own = {
      securityContext: spec.securityContext,
      enableServiceLinks: false, // one would be RALPH_METRICS_PORT
      volumes: [{ name: "work", emptyDir: {} }],
    };
    const pod = (name: string, more: object) =>
      kubectl(
        ...["run", name, `--image=${image}`, "--restart=Never"],
        `--overrides=${JSON.stringify({ spec: { ...own, containers: [{ ...container, name, ...more }] } })}`,
      );
    await pod("canary-task", {});
    const text = await until("the task has ended", async () => {
      const log = await kubectl("logs", "canary-task").catch(() => "");
      return log.includes("missing or empty") && log;
    });
    assert.match(text, /\[redacted\]/);
    assert.ok(!text.includes(canary), text);

    await pod("canary-worker", { args: [] });
    const [found] = await until("the worker runs", async () => {
      const pods = await list("pods", "--field-selector=metadata.name=canary-worker");
      return pods[0]?.status.phase === "Running" && pods;
    });
    const processes = await until("its runner has started", () => {
      const inPod = readdirSync("/proc").filter(
        (pid) => /^\d+$/.test(pid) && readable(`/proc/${pid}/cgroup`).includes(found?.metadata.uid as string),
      );
      const named = inPod.map(
        (pid) => [readable(`/proc/${pid}/cmdline`), readable(`/proc/${pid}/environ`)] as const,
      );
      const runner = named.some(([command]) => command.startsWith("node"));
      const first = named.some(([command]) => command.startsWith("/usr/bin/tini"));
      return runner && first && named;
    });
    for (const [command, environment] of processes) assert.ok(!environment.includes(canary), command);
    await kubectl("delete", "pod", "canary-task", "canary-worker", "--grace-period=0", "--force");
  });

  it("has the list of the packages that npm installed into its image", async () => {
    const { components } = JSON.parse(await inWorker("cat", "/usr/local/share/sbom/runner.cdx.json")) as {
      components: { purl: string }[];
    };
    const { packages } = JSON.parse(
      readFileSync(join(REPOSITORY, "runner", "package-lock.json"), "utf8"),
    ) as { packages: Record<string, { version: string; dev?: true }> };
    const locked = Object.entries(packages)
      .filter(([path, { dev }]) => path !== "" && dev !== true)
      .map(
        ([path, { version }]) =>
          `pkg:npm/${path.slice("node_modules/".length).replace("@", "%40")}@${version}`,
      );
    assert.deepEqual(components.map(({ purl }) => purl).sort(), locked.sort());
  });

  it("is scraped by a real Prometheus, at the pod's address", async function () {
    const programs = await findPrometheus();
    if (typeof programs === "string") return this.skip();
    const folder = join(dir, "prometheus");
    mkdirSync(folder);
    const [config] = await list(
      "configmap",
      "-n",
      "monitoring",
      `--field-selector=metadata.name=prometheus-config-${NAMESPACE}`,
    );
    writeFileSync(
      join(folder, "prometheus.yml"),
      fromOutside(
        (config?.data["prometheus.yml"] as string).replace(/scrape_interval: .*/, "scrape_interval: 1s"),
        plane,
      ),
    );
    const port = await freePort();
    const server: Child = start(
      programs.prometheus,
      [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { cwd: REPOSITORY, env: process.env },
    );
    try {
      const pod = (await worker()) as Live;
      const target = await until("the worker is scraped", async () =>
        (await targetsAt(port)).activeTargets.find(({ health }) => health === "up"),
      );
      assert.equal(target.scrapeUrl, `http://${pod.status.podIP}:8080/metrics`);
      const runs = await until("its runs are counted", async () => {
        const found = await valuesOf(port, "ralph_runs_total", "outcome");
        return found.completed !== undefined && found;
      });
      assert.deepEqual(
        Object.entries(runs).filter(([, count]) => count !== "0"),
        [["completed", "2"]],
      );
    } finally {
      server.kill();
      await server.result;
    }
  });

  it("retries a failed prompt by a command in the worker's container, and no other", async () => {
    const [claim] = await list("pvc", "--field-selector=metadata.name=ralph-workspace");
    const states = join(place.volumes, (claim as Live).metadata.uid, ".runner");
    const [folder = ""] = readdirSync(states).filter((name) => existsSync(join(states, name, "state.json")));
    const file = join(states, folder, "state.json");
    const state = JSON.parse(readFileSync(file, "utf8")) as { runs: number };
    writeFileSync(file, JSON.stringify({ ...state, outcome: "failed", failures: 4 }));
    const { results: found } = await retry({
      ...{ file: plane.kubeconfig, namespace: NAMESPACE, all: false },
      prompts: Object.keys(PROMPTS),
    });
    assert.deepEqual(found.map(({ result }) => result).sort(), ["completed", "retried"]);
    await until("it has run again", () => {
      const { runs, outcome } = JSON.parse(readFileSync(file, "utf8")) as { runs: number; outcome?: string };
      return outcome === "completed" && runs === state.runs + 1;
    });
  });

  it("restarts a killed worker, which does nothing twice", async () => {
    const pod = (await worker()) as Live;
    const before = await results();
    // The first process of the container, from outside, as the kernel's OOM killer does it.
    for (const pid of processesOf("/usr/bin/tini")) {
      if (readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(pod.metadata.uid)) signal(pid, "SIGKILL");
    }
    const again = await until(
      "the container is ready again",
      async () => {
        const found = await worker();
        return found?.status.containerStatuses[0].restartCount === 1 && found;
      },
      60_000,
    );
    assert.equal(again.metadata.uid, pod.metadata.uid);
    assert.equal(again.status.containerStatuses[0].lastState.terminated.exitCode, 137);
    assert.match(
      await (await fetch(`http://${again.status.podIP}:8080/metrics`)).text(),
      /ralph_runs_total\{outcome="completed"\} 0/,
    );
    assert.deepEqual(await results(), before);
  });

  it("recovers from a crash of the whole node, with its volumes", async () => {
    const before = await results();
    const first = () => processesOf(join(place.bin, "unshare"));
    for (const pid of first()) signal(pid, "SIGKILL");
    await until("its first process is dead", () => first().length === 0);
    assert.equal(await begin(), "started");
    await until(
      "the worker is ready on the new node",
      async () => {
        const found = await worker();
        const port = found?.status.podIP as string | undefined;
        return port !== undefined && (await fetch(`http://${port}:8080/readyz`).catch(() => undefined))?.ok;
      },
      90_000,
    );
    assert.deepEqual(await results(), before);
  });

  it("lets `pulumi up` fail if Ralph does not run, and the next one recreates the Job", async () => {
    const job = ["--target", "**ralph-smoke"];
    const failed = await stack.configuredAs({ image: BROKEN }, () => stack.up(...job));
    assert.notEqual(failed.code, 0);
    const diagnostics = failed.stdout.slice(failed.stdout.indexOf("Diagnostics:"));
    assert.match(diagnostics, /kubernetes:batch\/v1:Job \(ralph-smoke\):/);
    assert.match(diagnostics, /\[BackoffLimitExceeded\] Job has reached the specified backoff limit/);
    assert.match(diagnostics, /its log: kubectl --namespace real logs job\/ralph-smoke/);
    const fixed = await stack.up(...job);
    assert.equal(fixed.code, 0, fixed.stdout + fixed.stderr);
    assert.ok(complete(await list("jobs"), /^ralph-smoke$/));
  });

  it("ends every pod of a destroyed stack", async () => {
    const { code, stdout, stderr } = await stack.destroy();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await list("pods"), []);
  });

  it("leaves nothing on the machine when it is stopped, not even a running pod", async () => {
    await kubectl("run", "left", "--namespace=default", `--image=${PAUSE_IMAGE}`);
    await kubectl("wait", "pod/left", "--namespace=default", "--for=condition=Ready", "--timeout=30s");
    assert.equal(await stopNode(dir), true);
    assert.deepEqual(leftovers(place), []);
    assert.equal(existsSync(place.dir), false);
    assert.deepEqual(
      ["/sys/fs/cgroup/kubepods", "/sys/fs/cgroup/pids/kubepods"].filter((folder) => existsSync(folder)),
      [],
    );
  });

  /** Each working directory on the workers' volume, with what the agent wrote there and when. */
  async function results(): Promise<{ folder: string; text: string }[]> {
    const [claim] = await list("pvc", "--field-selector=metadata.name=ralph-workspace");
    const runs = join(place.volumes, (claim as Live).metadata.uid, "runs");
    if (!existsSync(runs)) return [];
    return readdirSync(runs)
      .map((folder) => ({ folder, file: join(runs, folder, "SMOKE.md") }))
      .filter(({ file }) => existsSync(file))
      .map(({ folder, file }) => ({ folder, text: readFileSync(file, "utf8") }));
  }
});

/** What a node changes outside its own folder. */
const machineState = (): object => ({
  forwarding: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8"),
  folders: ["/run/containerd", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers"].filter((folder) =>
    existsSync(folder),
  ),
  interfaces: readdirSync("/sys/class/net"),
});

/** Empty if the process has just exited. */
function readable(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
