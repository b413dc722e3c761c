import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

import { linkTools } from "../tools/bin";
import { ToolError } from "../../lib/errors";
import { kubeconfig } from "./kubeconfig";
import { AUDIT_POLICY, kwokConfiguration } from "./kwok-config";
import { clusterObjects } from "./objects";
import { isFree } from "./ports";
import { CONTROL_PLANE_TOOLS } from "../tools/pins";
import { pause, run, type RunResult } from "../../lib/process";
import { processesOf, signal } from "../../lib/processes";
import type { Toolchain } from "../tools/toolchain";

export type ControlPlaneTool = (typeof CONTROL_PLANE_TOOLS)[number];

export interface ControlPlaneOptions {
  /** Folder that contains everything: links to programs, data, keys, logs, kubeconfig. */
  readonly dir: string;
  /** Name of the cluster, and of the context in its kubeconfig. */
  readonly name: string;
  readonly toolchain: Toolchain<ControlPlaneTool>;
  /** Port of the API server. Default: a free one. A folder keeps its port permanently. */
  readonly port?: number;
  /** Namespace of the kubeconfig's context. Default: default. */
  readonly namespace?: string;
  /** Simulated nodes of 16 CPUs and 64 GiB each. Default 3; 0 if a real node is to join. */
  readonly nodes?: number;
}

/** A running API server with its controllers, reachable from this machine only. */
export interface ControlPlane {
  readonly name: string;
  /** Whether this call created it, restarted it, or found it running. */
  readonly found: "created" | "restarted" | "running";
  /** URL of the API server. */
  readonly server: string;
  /** Path of a kubeconfig with embedded administrator credentials, whose only context is `name`. */
  readonly kubeconfig: string;
  /** Path of the audit log: one JSON object per line. */
  readonly auditLog: string;
  /** Paths of PEM files. */
  readonly certificateAuthority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  /** Ends its processes and keeps its data; `startControlPlane` on the folder restarts it. */
  readonly stop: () => Promise<void>;
}

const COMPONENTS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
] as const;

/** Paths under `dir`. kwokctl defines the inner names. */
const layoutOf = (folder: string, name: string) => {
  const dir = resolve(folder); // as in the command lines of the processes
  const workdir = join(dir, "kwok", "clusters", name);
  return {
    dir,
    bin: join(dir, "bin"),
    kwok: join(dir, "kwok"),
    workdir,
    config: join(workdir, "kwok.yaml"),
    pids: join(workdir, "pids"),
    pki: join(workdir, "pki"),
    auditLog: join(workdir, "logs", "audit.log"),
    auditPolicy: join(dir, "kwok", `${name}-audit-policy.json`),
    seedConfig: join(dir, "kwok", `${name}.yaml`),
    /** Written last: without it, the folder contains an unfinished attempt. */
    record: join(dir, "kwok", `${name}-made.json`),
    kubeconfig: join(dir, "kubeconfig"),
  };
};
type Layout = ReturnType<typeof layoutOf>;

/** Read by other versions too: keep its file name and keys. */
interface PlaneRecord {
  readonly workdir: string;
  readonly port: number;
  /** Hash of the objects that were applied to the cluster. */
  readonly objects: string;
}

/**
 * Ensures that the control plane of a folder runs, is healthy and has its basic objects. Data survives: if it was
 * stopped, or runs only in part, it is restarted on the same port with the same keys.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { dir, name, toolchain, port, nodes = 3 } = options;
  const layout = layoutOf(dir, name);
  const record = readRecord(layout);
  if (record !== undefined && record.workdir !== layout.workdir) {
    throw new ToolError(
      `the control plane in ${dir} was created in ${record.workdir}, and its keys and ports refer to that folder.\n` +
        `Stop it there, or delete it (make down), then start again.`,
    );
  }
  if (record === undefined && port !== undefined && !(await isFree(port))) {
    throw new ToolError(
      `port ${port} on this machine is in use; choose another port for the control plane, or omit it.`,
    );
  }
  linkTools(layout.bin, pick(toolchain.paths));

  let found: ControlPlane["found"] = "running";
  if (record === undefined) {
    found = "created";
    await create(layout, name, port);
  } else if (!(await isHealthy(layout, name))) {
    found = "restarted";
    await stopControlPlane({ dir, name });
    await requireFreePorts(layout);
    await kwokctl(layout, name, ["start", "cluster"]);
  }

  const servedPort = record?.port ?? serverPort(layout);
  const credentials = {
    server: `https://127.0.0.1:${servedPort}`,
    certificateAuthority: join(layout.pki, "ca.crt"),
    clientCertificate: join(layout.pki, "admin.crt"),
    clientKey: join(layout.pki, "admin.key"),
  };
  writeFileSync(layout.kubeconfig, kubeconfig(name, credentials, options.namespace), { mode: 0o600 });
  await within60s("the local control plane is not healthy", layout, () => isHealthy(layout, name));

  const objects = JSON.stringify({ apiVersion: "v1", kind: "List", items: clusterObjects(nodes) });
  const hash = createHash("sha256").update(objects).digest("hex");
  if (record?.objects !== hash) {
    await applyObjects(layout, objects, nodes);
    const next: PlaneRecord = { workdir: layout.workdir, port: servedPort, objects: hash };
    writeFileSync(layout.record, JSON.stringify(next));
  }
  return {
    name,
    found,
    ...credentials,
    kubeconfig: layout.kubeconfig,
    auditLog: layout.auditLog,
    stop: async () => void (await stopControlPlane({ dir, name })),
  };
}

/**
 * Ends the processes of a folder's control plane, if any. They are identified by the path of their program, not by
 * pid files, which may name an unrelated process after a crash or a reboot.
 *
 * @returns how many were ended
 */
export async function stopControlPlane({ dir, name }: { dir: string; name: string }): Promise<number> {
  const layout = layoutOf(dir, name);
  let ended = 0;
  // Servers before their store: only etcd has data to flush.
  for (const component of [...COMPONENTS].reverse()) {
    const pids = pidsOf(layout, component);
    for (const pid of pids) signal(pid, component === "etcd" ? "SIGTERM" : "SIGKILL");
    for (let waited = 0; pidsOf(layout, component).length > 0; waited += 50) {
      if (waited === 10_000) for (const pid of pids) signal(pid, "SIGKILL");
      await pause(50);
    }
    ended += pids.length;
  }
  // kwokctl trusts its pid files.
  if (existsSync(layout.pids)) for (const file of readdirSync(layout.pids)) rmSync(join(layout.pids, file));
  return ended;
}

/** Whether any process of a folder's control plane runs. */
export const isRunning = ({ dir, name }: { dir: string; name: string }): boolean =>
  COMPONENTS.some((component) => pidsOf(layoutOf(dir, name), component).length > 0);

const pidsOf = (layout: Layout, component: string): number[] =>
  processesOf(join(layout.workdir, "bin", component));

async function create(layout: Layout, name: string, port: number | undefined): Promise<void> {
  await stopControlPlane({ dir: layout.dir, name }); // of an unfinished attempt
  rmSync(layout.workdir, { recursive: true, force: true });
  mkdirSync(layout.kwok, { recursive: true, mode: 0o700 }); // with the keys of an administrator
  writeFileSync(layout.auditPolicy, JSON.stringify(AUDIT_POLICY));
  writeFileSync(layout.seedConfig, await kwokConfiguration(layout.bin, { ...layout, port }));
  await kwokctl(layout, name, ["create", "cluster", "--config", layout.seedConfig, "--kubeconfig", ""]);
}

/** Applies the objects that every cluster has; waits until nodes are ready and the custom kinds are served. */
async function applyObjects(layout: Layout, objects: string, nodes: number): Promise<void> {
  const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=local-cluster", "-f", "-"];
  await expect(kubectl(layout, apply, { input: objects }), "creating the control plane's nodes and classes");
  await within60s("the local control plane has no ready nodes or custom kinds", layout, async () => {
    // kubectl fails at once on an object that has no conditions yet, so one call is not enough.
    const results = await Promise.all([
      ...(nodes > 0
        ? [kubectl(layout, ["wait", "node", "--all", "--for=condition=Ready", "--timeout=10s"])]
        : []),
      kubectl(layout, ["wait", "crd", "--all", "--for=condition=Established", "--timeout=10s"]),
    ]);
    return results.every(({ code }) => code === 0);
  });
}

async function isHealthy(layout: Layout, name: string): Promise<boolean> {
  if (COMPONENTS.some((component) => pidsOf(layout, component).length === 0)) return false;
  if (!existsSync(layout.kubeconfig)) return false;
  const { code } = await kubectl(layout, ["--context", name, "get", "--raw", "/readyz"], { timeout: 10_000 });
  return code === 0;
}

/** Repeats a check until it holds. @throws ToolError with `problem` and how to recover */
async function within60s(problem: string, layout: Layout, check: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(200)) {
    if (await check()) return;
  }
  const stopped = COMPONENTS.filter((component) => pidsOf(layout, component).length === 0);
  throw new ToolError(
    `${problem} after 60 s${stopped.length > 0 ? ` (not running: ${stopped.join(", ")})` : ""}.\n` +
      `Its logs are in ${join(layout.workdir, "logs")}. make down deletes it, make up creates a new one.`,
  );
}

/** Another program may use a stopped control plane's ports by now; its URL must not change, so name the ports. */
async function requireFreePorts(layout: Layout): Promise<void> {
  const ports = [...readFileSync(layout.config, "utf8").matchAll(/^ +(\w+Port): (\d+)$/gm)];
  const taken: string[] = [];
  for (const [, option, port] of ports) {
    if (!(await isFree(Number(port)))) taken.push(`${port} (${option})`);
  }
  if (taken.length === 0) return;
  throw new ToolError(
    `the local control plane is stopped and cannot be restarted: another program uses its port ${taken.join(", ")}.\n` +
      `Stop that program and retry, or delete the control plane with make down (its data is lost).`,
  );
}

function serverPort(layout: Layout): number {
  const match = /^ +kubeApiserverPort: (\d+)$/m.exec(readFileSync(layout.config, "utf8"));
  if (match === null) throw new Error(`${layout.config} contains no port of the API server`);
  return Number(match[1]);
}

function readRecord(layout: Layout): PlaneRecord | undefined {
  try {
    return JSON.parse(readFileSync(layout.record, "utf8")) as PlaneRecord;
  } catch {
    return undefined;
  }
}

/** Runs kwokctl without the user's own kwok and kubectl settings. */
async function kwokctl(layout: Layout, name: string, args: readonly string[]): Promise<void> {
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith("KWOK_"));
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${layout.bin}${delimiter}${process.env.PATH ?? ""}`,
    KWOK_WORKDIR: layout.kwok,
    KUBECONFIG: join(layout.kwok, "kubeconfig-unused"),
  };
  await expect(
    run(join(layout.bin, "kwokctl"), ["--name", name, ...args], { env, timeout: 180_000 }),
    `kwokctl ${args.slice(0, 2).join(" ")}`,
  );
}

const kubectl = (
  layout: Layout,
  args: readonly string[],
  options: { input?: string; timeout?: number } = {},
): Promise<RunResult> =>
  run(join(layout.bin, "kubectl"), ["--kubeconfig", layout.kubeconfig, ...args], options);

async function expect(result: Promise<RunResult>, action: string): Promise<void> {
  const { code, stdout, stderr } = await result;
  if (code === 0) return;
  const tail = `${stdout}${stderr}`.trim().split("\n").slice(-15).join("\n");
  throw new ToolError(`${action} failed (exit ${code}):\n${tail.replace(/^/gm, "  ")}`);
}

const pick = (paths: Readonly<Record<ControlPlaneTool, string>>): Record<string, string> =>
  Object.fromEntries(CONTROL_PLANE_TOOLS.map((tool) => [tool, paths[tool]]));
