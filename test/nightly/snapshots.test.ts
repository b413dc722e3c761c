/**
 * Proves the whole way of a backup on a real node: a CronJob's pod in the image of runner/Dockerfile takes a snapshot of the
 * workspace; it is kept as many times as configured; the claim is deleted with its volume; `ralphctl restore` makes another
 * from the snapshot, whose files are equal, and measures how long that takes; a drill leaves nothing. The
 * snapshot controller, csi-snapshotter and external-provisioner are the real ones,
 * built by Go and cached by their pins; the driver copies folders (snapshots/main.go), and the project's own mounts them.
 * Needs Linux, root, packages.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";

import { processesOf } from "../../lib/processes";
import { Progress } from "../../lib/progress";
import { type ControlPlane, startControlPlane } from "../../local/control-plane";
import { nodeImages } from "../../local/node/images";
import { NODE_NAME, nodeLayout } from "../../local/node/layout";
import { startNode, stopNode } from "../../local/node/node";
import { inspectMachine } from "../../local/node/requirements";
import { NODE_TOOLS } from "../../local/tools/pins";
import { ensureToolchain } from "../../local/tools/toolchain";
import { restore, type Restored, type RestoreReport } from "../../operations/restore";
import { fixture } from "../engine/support/fixture";
import { kubectlIn, type Live } from "../engine/support/kubectl";
import { Stack } from "../engine/support/stack";
import { until } from "../engine/support/until";
import { findSnapshotPrograms, type SnapshotPrograms } from "./snapshot-programs";

const NAMESPACE = "backed-up";
const DRIVER = "folders.ralph.local";
const SMALL = {
  requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "2", memory: "1Gi", "ephemeral-storage": "1Gi" },
};
const OBJECTS = [
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { name: DRIVER },
    spec: { attachRequired: false },
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "folders" },
    provisioner: DRIVER,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
  },
  {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshotClass",
    metadata: { name: "folders" },
    driver: DRIVER,
    deletionPolicy: "Delete",
  },
];

describe("backups, on a real node", () => {
  let plane: ControlPlane;
  let stack: Stack;
  let dir: string;
  let place: ReturnType<typeof nodeLayout>;
  let taken: string;
  const children: ChildProcess[] = [];
  let proxy: Server;

  const kubectl = (...args: string[]): Promise<string> => kubectlIn(plane, NAMESPACE, 120_000)(...args);
  const list = async (kind: string, ...args: string[]): Promise<Live[]> =>
    (JSON.parse(await kubectl("get", kind, ...args, "-o", "json")) as { items: Live[] }).items;
  const names = async (kind: string): Promise<string[]> =>
    (await list(kind)).map(({ metadata }) => metadata.name);
  const snapshotFolder = () => join(dir, "snapshots");
  const launch = (program: string, args: readonly string[]): void => {
    const log = openSync(join(dir, `${program.split("/").at(-1)}.log`), "a");
    children.push(spawn(program, [...args], { stdio: ["ignore", log, log] }));
    closeSync(log);
  };
  const restored = async (options: { from?: string; drill: boolean }): Promise<RestoreReport> =>
    restore({ file: plane.kubeconfig, namespace: NAMESPACE, say: () => undefined, ...options });

  before(async function () {
    this.timeout(60 * 60_000); // programs, image, kubelet and Ralph may have to be built
    const machine = inspectMachine();
    const programs = await findSnapshotPrograms();
    if (!("programs" in machine) || typeof programs === "string") {
      console.log(
        `      skipped: ${typeof programs === "string" ? programs : "this machine cannot be a node"}`,
      );
      return this.skip();
    }
    const images = await nodeImages(machine, new Progress(2));
    const { paths, provider } = fixture().toolchain;
    const toolchain = { provider, paths: { ...paths, ...(await ensureToolchain(NODE_TOOLS)).paths } };
    dir = join(fixture().dir, NAMESPACE);
    place = nodeLayout(dir);
    plane = await startControlPlane({ dir, name: fixture().plane.name, toolchain, nodes: 0 });
    await startNode({ dir, plane, machine, toolchain, images });
    await serveVolumes(programs);
    proxy = await forward(machine.address, plane.kubeconfig);
    stack = await Stack.create({
      namespace: `${NAMESPACE}-stack`,
      kubeconfig: plane.kubeconfig,
      config: {
        namespace: NAMESPACE,
        config: { agent: "smoke" },
        resources: SMALL,
        prompts: { "one.md": "Write it." },
        tasks: [],
        schedules: [],
        autoscaling: { enabled: false },
        persistence: { storageClass: "folders", cache: { kind: "emptyDir" } },
        backup: { enabled: true, keep: 2, snapshotClass: "folders" },
      },
    });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    // The node has no proxy for Services, behind which a pod finds the API server.
    const { port } = proxy.address() as AddressInfo;
    await kubectl(
      ...["set", "env", "cronjob/ralph-backup", `KUBERNETES_SERVICE_HOST=${machine.address}`],
      `KUBERNETES_SERVICE_PORT=${port}`,
    );
  });
  after(async function () {
    this.timeout(180_000);
    await stack?.remove();
    for (const child of children) child.kill("SIGKILL");
    proxy?.close();
    if (dir !== undefined) await stopNode(dir);
    await plane?.stop();
  });

  /** The controllers beside the control plane, and the node's part of the driver beside the node's own. */
  async function serveVolumes(programs: SnapshotPrograms): Promise<void> {
    for (const crd of programs.crds) await kubectl("apply", "-f", crd);
    const file = join(dir, "objects.json");
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: OBJECTS }));
    await kubectl("apply", "-f", file);
    const socket = join(dir, "driver.sock");
    mkdirSync(snapshotFolder());
    const folders = ["-volumes", place.volumes, "-snapshots", snapshotFolder()];
    launch(programs.driver, ["-socket", socket, "-driver", DRIVER, ...folders]);
    const [node] = processesOf(join(place.bin, "volume-driver"));
    launch("nsenter", [
      ...["--mount", "--target", String(node), "--", join(place.bin, "volume-driver")],
      ...["--driver", DRIVER, "--node", NODE_NAME, "--data", place.volumes, "--registry", place.registry],
    ]);
    for (const program of [programs.provisioner, programs.snapshotter])
      launch(program, ["--csi-address", socket, "--kubeconfig", plane.kubeconfig]);
    launch(programs.controller, ["--kubeconfig", plane.kubeconfig]);
    await until(
      "the driver is registered",
      async () =>
        (await kubectl("get", "csinode", NODE_NAME, "-o", "jsonpath={.spec.drivers[*].name}")).includes(
          DRIVER,
        ),
      60_000,
    );
  }

  /** Runs a CronJob at once, to its end. */
  async function backUp(name: string, cronJob = "ralph-backup"): Promise<string> {
    await kubectl("create", "job", name, `--from=cronjob/${cronJob}`);
    await kubectl("wait", `job/${name}`, "--for=condition=Complete", "--timeout=110s").catch(
      async (error: Error) => {
        throw new Error(`${error.message}\n${await kubectl("logs", `job/${name}`).catch(String)}`);
      },
    );
    return (
      /msg="snapshot ready" snapshot=(\S+)/.exec(await kubectl("logs", `job/${name}`))?.[1] ?? assert.fail()
    );
  }

  it("are taken by the CronJob's pod, and as many are kept as configured, in the cloud too", async () => {
    await until("the prompt is done", async () =>
      (
        await kubectl(
          "exec",
          "deployment/ralph-orchestrator",
          "--",
          "find",
          "/workspace",
          "-name",
          "SMOKE.md",
        )
      ).includes("SMOKE"),
    );
    await kubectl(
      ...["exec", "deployment/ralph-orchestrator", "--", "sh", "-c"],
      "mkdir /workspace/data && for i in $(seq 500); do head -c 20000 /dev/urandom >/workspace/data/$i; done",
    );
    const all: string[] = [];
    for (const name of ["first", "second", "third"]) all.push(await backUp(name));
    taken = all[2] as string;
    await until("the first one is deleted", async () => (await names("volumesnapshots")).length === 2);
    assert.deepEqual((await names("volumesnapshots")).sort(), all.slice(1).sort());
    await until("it is deleted in the cloud", () => readdirSync(snapshotFolder()).length === 2);
  });

  it("are tried in a drill, which measures the time and leaves nothing behind", async function () {
    this.timeout(200_000);
    const before = [await names("pvc"), await names("pv"), await names("jobs")];
    const { restored: tried } = await restored({ drill: true });
    print("drill", tried);
    assert.ok(tried !== undefined && tried.files.files > 500 && tried.files.bytes > 10_000_000);
    assert.deepEqual([tried.snapshot, tried.files.damaged, tried.files.error], [taken, 0, undefined]);
    await until("nothing is left", async () => {
      const after = [await names("pvc"), await names("pv"), await names("jobs")];
      return JSON.stringify(after) === JSON.stringify(before);
    });
  });

  it("come back after the claim and its volume are deleted, and the workers go on with them", async function () {
    this.timeout(400_000);
    const sums = "cd /workspace/data && sha256sum * | sha256sum";
    const inWorker = async () => kubectl("exec", "deployment/ralph-orchestrator", "--", "sh", "-c", sums);
    const before = await inWorker();
    await kubectl("scale", "deployment/ralph-orchestrator", "--replicas=0");
    // The control plane deletes them after five minutes: a pod that has ended still protects its claim.
    await kubectl("delete", "jobs", "--all", "--timeout=60s");
    await kubectl("delete", "pvc", "ralph-workspace", "--timeout=100s");
    await until("its folder is deleted", async () => readdirSync(place.volumes).length === 0, 60_000);
    const { restored: back } = await restored({ from: taken, drill: false });
    print("restore", back);
    assert.deepEqual([back?.claim, back?.files.damaged], [taken, 0]);
    assert.equal((await restored({ from: taken, drill: false })).restored?.claim, taken);
    await stack.configure({
      persistence: {
        storageClass: "folders",
        cache: { kind: "emptyDir" },
        workspace: { existingClaim: taken },
      },
    });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    await kubectl("scale", "deployment/ralph-orchestrator", "--replicas=1");
    await kubectl("rollout", "status", "deployment/ralph-orchestrator", "--timeout=100s");
    assert.equal(await inWorker(), before);
  });

  it("are not compared with a manifest that was not written with them", async function () {
    this.timeout(200_000);
    for (const name of readdirSync(snapshotFolder()))
      writeFileSync(join(snapshotFolder(), name, ".runner", "backup", "snapshot"), "{}\n");
    const { restored: tried } = await restored({ drill: true });
    assert.match(tried?.files.error ?? "", /is not the one that was written with the snapshot/);
  });
});

const print = (what: string, done: Restored | undefined): void =>
  console.log(
    `      ${what}: mounted after ${done?.mountedAfter} s, ${done?.files.files} files of ${done?.files.bytes} bytes read after ${done?.seconds} s`,
  );

/** Makes the API server, which listens on loopback, reachable for pods at an address of this machine. */
async function forward(address: string, kubeconfig: string): Promise<Server> {
  const { clusters } = parse(readFileSync(kubeconfig, "utf8")) as {
    clusters: { cluster: { server: string } }[];
  };
  const port = Number(new URL(clusters[0]?.cluster.server ?? "").port);
  const server = createServer((socket) => {
    const target = connect(port, "127.0.0.1");
    for (const each of [socket, target]) each.on("error", () => each.destroy());
    socket.pipe(target).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return server;
}
