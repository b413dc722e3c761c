import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { linkTools } from "../tools/bin";
import type { ControlPlane } from "../control-plane";
import { ToolError } from "../../lib/errors";
import { freePorts } from "../control-plane/ports";
import { VOLUME_DRIVER } from "../control-plane/objects";
import type { NODE_TOOLS } from "../tools/pins";
import { pause, run, type RunResult } from "../../lib/process";
import type { Toolchain } from "../tools/toolchain";
import {
  containerdConfiguration,
  kubeletArguments,
  kubeletConfiguration,
  networkConfiguration,
} from "./configuration";
import { NODE_NAME, nodeLayout, type NodeLayout, PRIVATE_FOLDERS } from "./layout";
import { recordMachine, restoreMachine } from "./machine-state";
import { endProcesses, initCommand, isNodeRunning, leftovers } from "./processes";
import { inspectFolder, type Machine, type Obstacle } from "./requirements";

export type NodeTool = (typeof NODE_TOOLS)[number];

export interface NodeOptions {
  /** Folder of the control plane; it contains the node's. */
  readonly dir: string;
  readonly plane: Pick<ControlPlane, "kubeconfig" | "certificateAuthority">;
  readonly machine: Machine;
  readonly toolchain: Toolchain<NodeTool | "kubectl">;
  /** Archives of images (OCI layout), imported before the first pod starts; nothing is pulled for them. */
  readonly images: readonly string[];
}

/** Milliseconds until a node must be ready; it takes about 5 s. */
const READY_TIMEOUT = 120_000;

/**
 * Turns this machine into a node of a local control plane: containers run on a separate containerd and kubelet, with
 * their own paths, ports and network. A ready node is kept as it is; one that runs only in part is restarted.
 */
export async function startNode(options: NodeOptions): Promise<"started" | "running"> {
  const layout = nodeLayout(options.dir);
  if (isNodeRunning(layout) && (await isReady(options))) return "running";
  await end(layout);
  const obstacles = inspectFolder(layout);
  if (obstacles.length > 0) throw new ToolError(obstacleMessage(obstacles));
  try {
    await start(layout, options);
  } catch (error) {
    await end(layout);
    throw error;
  }
  return "started";
}

async function start(layout: NodeLayout, options: NodeOptions): Promise<void> {
  const { machine, toolchain, plane, images } = options;
  const { kubelet, "volume-driver": driver } = toolchain.paths;
  for (const folder of [layout.logs, layout.registry, layout.volumes, layout.cniConfig])
    mkdirSync(folder, { recursive: true });
  // Links give each process a path by which it differs from others of the same name.
  linkTools(layout.bin, { ...machine.programs, kubelet, "volume-driver": driver });
  const [port = 0] = await freePorts(1);
  const write = (file: string, content: object): void => writeFileSync(file, JSON.stringify(content));
  write(layout.kubeletConfig, kubeletConfiguration(layout, { port, clientCa: plane.certificateAuthority }));
  write(join(layout.cniConfig, "ralph.conf"), networkConfiguration(layout));
  writeFileSync(layout.containerdConfig, containerdConfiguration(layout, machine.cniFolder));
  rmSync(layout.socket, { force: true });
  recordMachine(layout);

  launch(layout, [
    ...[PRIVATE_FOLDERS.join(":"), VOLUME_DRIVER, NODE_NAME],
    ...kubeletArguments(layout, plane.kubeconfig, machine.address),
  ]);
  const ctr = (...args: string[]): Promise<RunResult> =>
    run(join(layout.bin, "ctr"), ["--address", layout.socket, "--namespace", "k8s.io", ...args], {
      timeout: 300_000,
    });
  await until(layout, "containerd responds", async () => (await ctr("version")).code === 0);
  for (const image of images) {
    const { code, stdout, stderr } = await ctr("images", "import", image);
    if (code !== 0) throw new ToolError(`containerd cannot import the image ${image}:\n${stdout}${stderr}`);
  }
  await until(layout, "the node is ready", () => isReady(options));
}

/** Ends the node and deletes everything of it, including the contents of its volumes. @returns whether it ran */
export async function stopNode(dir: string): Promise<boolean> {
  const layout = nodeLayout(dir);
  const ended = await end(layout);
  const left = leftovers(layout);
  if (left.length > 0) {
    throw new ToolError(
      `the node is stopped, but not fully cleaned up; retry, and check what still uses these:\n  ${left.join("\n  ")}`,
    );
  }
  rmSync(layout.dir, { recursive: true, force: true });
  return ended;
}

async function end(layout: NodeLayout): Promise<boolean> {
  const ended = await endProcesses(layout);
  restoreMachine(layout);
  return ended;
}

export const hasNode = (dir: string): boolean => existsSync(nodeLayout(dir).dir);

/** Whether the node is ready and its volume driver is registered: a pod with a volume would wait for it. */
async function isReady({ toolchain, plane }: NodeOptions): Promise<boolean> {
  const get = (kind: string, path: string) =>
    run(
      toolchain.paths.kubectl,
      ["--kubeconfig", plane.kubeconfig, "get", kind, NODE_NAME, "-o", `jsonpath=${path}`],
      { timeout: 10_000 },
    );
  const [ready, drivers] = await Promise.all([
    get("node", '{.status.conditions[?(@.type=="Ready")].status}'),
    get("csinode", "{.spec.drivers[*].name}"),
  ]);
  return ready.stdout === "True" && drivers.stdout.split(" ").includes(VOLUME_DRIVER);
}

/** Starts the node's first process in its namespaces; it outlives this process. */
function launch(layout: NodeLayout, args: readonly string[]): void {
  const log = openSync(join(layout.logs, "init.log"), "a");
  const namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
  spawn(join(layout.bin, "unshare"), [...namespaces, ...initCommand(layout), ...args], {
    // containerd looks for its shim, and the shim for runc, on PATH.
    env: { PATH: [layout.bin, process.env.PATH ?? ""].join(delimiter) },
    stdio: ["ignore", log, log],
    detached: true,
  }).unref();
  closeSync(log);
}

async function until(layout: NodeLayout, what: string, check: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + READY_TIMEOUT; Date.now() < deadline; await pause(200)) {
    if (await check()) return;
  }
  const tails = ["init", "containerd", "volume-driver", "kubelet"]
    .map((name) => join(layout.logs, `${name}.log`))
    .filter((file) => existsSync(file))
    .map(
      (file) =>
        `${file}:\n${readFileSync(file, "utf8").trim().split("\n").slice(-5).join("\n").replace(/^/gm, "  ")}`,
    );
  throw new ToolError(
    `timed out after ${READY_TIMEOUT / 1000} s waiting until ${what}.\n${tails.join("\n")}`,
  );
}

/** One message with all obstacles and their fixes. */
export function obstacleMessage(obstacles: readonly Obstacle[]): string {
  return [
    `this machine cannot be a node yet (${obstacles.length}); nothing was changed.`,
    ...obstacles.map(({ problem, fix }) => `  ${problem}${fix === undefined ? "" : `\n    ${fix}`}`),
    `Without NODE=real the nodes are simulated and have none of these requirements.`,
  ].join("\n");
}
