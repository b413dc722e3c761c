/**
 * Real runners under a real Prometheus. Two workers with the real Ralph process prompts, through an outage of the model's
 * API; the agent is a script. The runners' clock runs faster, and Prometheus stores their metrics by that clock. What a
 * kubelet and kube-state-metrics report of pods is measured on their processes and folders.
 */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { stringify } from "yaml";

import { type Child, start } from "../../engine/support/children";
import { freePort, type Prometheus } from "../../engine/support/prometheus";
import { type Pod, Sandbox } from "../../engine/support/runner";
import type { GitServer } from "../../engine/support/sshd";
import { until } from "../../engine/support/until";
import { fromClock, HOURS, LENGTH, SPEED } from "./time";

const NAMESPACE = "ralph-orchestrator";
const PODS = ["ralph-orchestrator-7d9c4b6f58-k2x8q", "ralph-orchestrator-7d9c4b6f58-w5tzm"];
const GIB = 2 ** 30;
/** Prompts that arrive at a second of the machine. */
const ARRIVALS: readonly (readonly [second: number, prompts: number])[] = [
  [10, 7],
  [55, 5],
  [105, 6],
];
/** Its beginning and end, in seconds of the machine. */
const OUTAGE = [72, 88] as const;
/** Prometheus accepts samples that are older than its newest. */
const OLD = "24h";
/** Kernel ticks in a second of CPU. */
const HERTZ = 100;

export interface Recording {
  /** In seconds of Unix time. */
  readonly from: number;
  readonly to: number;
  readonly query: (
    path: "query" | "query_range",
    parameters: Record<string, string | number>,
  ) => Promise<Series[]>;
  readonly stop: () => Promise<void>;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

export async function record(ralph: string, programs: Prometheus, git: GitServer): Promise<Recording> {
  const box = new Sandbox(ralph);
  const end = Date.now() + LENGTH;
  const now = fromClock(String(end));
  const children: Child[] = [];
  let exporter: Server | undefined;
  const stop = async (): Promise<void> => {
    for (const child of children) child.kill();
    await Promise.all(children.map(({ result }) => result));
    exporter?.close();
    await box.remove();
  };
  try {
    box.agent("claude", `BOX=${box.root}\n${readFileSync(join(__dirname, "agent.sh"), "utf8")}`);
    const pods = await Promise.all(
      PODS.map((name) =>
        box.start([], {
          ...{ RALPH_AGENT: "claude", CLAUDE_API_KEY: "sk-ant-0000000000", HOSTNAME: name },
          ...{ RALPH_MAX_ITERATIONS: "8", TEST_CLOCK: String(end) },
          NODE_OPTIONS: `-r ${join(__dirname, "../../../boot/loader.js")} -r ${join(__dirname, "clock.ts")}`,
          ...git.variables(box.path(`ssh-${name}`)),
        }),
      ),
    );
    exporter = await serve(box, pods, now);
    const port = await freePort();
    writeFileSync(box.path("prometheus.yml"), configuration((exporter.address() as AddressInfo).port));
    children.push(
      start(
        programs.prometheus,
        [
          `--config.file=${box.path("prometheus.yml")}`,
          `--storage.tsdb.path=${box.path("data")}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        { cwd: box.root, env: process.env, timeout: LENGTH + 120_000 },
      ),
    );
    await play(box, end - LENGTH);
    const query: Recording["query"] = async (path, parameters) => {
      const search = new URLSearchParams(
        Object.entries(parameters).map(([key, value]) => [key, String(value)]),
      );
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${search.toString()}`);
      const { data, error } = (await response.json()) as { data?: { result: Series[] }; error?: string };
      if (data === undefined) throw new Error(`${parameters.query}: ${error}`);
      return data.result;
    };
    return { from: end / 1000 - HOURS * 3600, to: end / 1000, query, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What happens during the recording. */
async function play(box: Sandbox, began: number): Promise<void> {
  let next = 1;
  const events: [second: number, happens: () => void][] = [
    ...ARRIVALS.map(([second, count]): [number, () => void] => [
      second,
      () => {
        for (let i = 0; i < count; i++, next++)
          box.prompt(`${TITLES[next % TITLES.length]}-${next}.md`, `This is prompt-${next}.`);
      },
    ]),
    [OUTAGE[0], () => writeFileSync(box.path("outage"), "")],
    [OUTAGE[1], () => rmSync(box.path("outage"))],
    [LENGTH / 1000, () => undefined],
  ];
  for (const [second, happens] of events.sort(([a], [b]) => a - b)) {
    await delay(Math.max(0, began + second * 1000 - Date.now()));
    happens();
  }
}

const TITLES = ["add-tests", "fix-login", "upgrade-deps", "write-docs", "refactor-api"];

const configuration = (port: number): string =>
  stringify({
    global: { scrape_interval: "500ms", scrape_timeout: "500ms" },
    storage: { tsdb: { out_of_order_time_window: OLD } },
    scrape_configs: [
      ...PODS.map((pod, i) => ({
        job_name: pod,
        metrics_path: `/${i}`,
        static_configs: [
          { targets: [`127.0.0.1:${port}`], labels: { namespace: NAMESPACE, pod, instance: pod } },
        ],
      })),
      {
        job_name: "kubelet",
        honor_labels: true,
        metrics_path: "/kubelet",
        static_configs: [{ targets: [`127.0.0.1:${port}`] }],
      },
    ],
  });

/** The metrics of all pods, each sample with the time of the runners' clock. */
async function serve(box: Sandbox, pods: readonly Pod[], now: () => number): Promise<Server> {
  const cpu = pods.map(() => 0);
  const kubelet = (): string => {
    const lines: string[] = [];
    const processes = readProcesses();
    for (const [i, pod] of pods.entries()) {
      const of = `{namespace="${NAMESPACE}",pod="${PODS[i]}",container="ralph"`;
      const own = tree(processes, pod.child.pid);
      cpu[i] = Math.max(cpu[i] ?? 0, own.reduce((sum, { ticks }) => sum + ticks, 0) / HERTZ);
      lines.push(
        `container_memory_working_set_bytes${of}} ${own.reduce((sum, { bytes }) => sum + bytes, 0)}`,
        // A second of the machine is longer by the runners' clock.
        `container_cpu_usage_seconds_total${of}} ${(cpu[i] ?? 0) * SPEED}`,
        `kube_pod_container_resource_limits${of},resource="memory",unit="byte"} ${GIB}`,
      );
    }
    for (const [claim, folder] of [
      ["ralph-prompts", "prompts"],
      ["ralph-workspace", "workspace"],
    ] as const) {
      const of = `{namespace="${NAMESPACE}",persistentvolumeclaim="${claim}"}`;
      lines.push(
        `kubelet_volume_stats_capacity_bytes${of} ${GIB}`,
        `kubelet_volume_stats_available_bytes${of} ${GIB - size(box.path(folder))}`,
      );
    }
    return lines.join("\n");
  };
  const server = createServer((request, response) => {
    const pod = pods[Number(request.url?.slice(1))];
    const text =
      pod === undefined ? Promise.resolve(kubelet()) : pod.get("/metrics").then((got) => got?.text ?? "");
    void text.then((lines) => {
      const time = now();
      response.setHeader("Content-Type", "text/plain; version=0.0.4");
      response.end(`${lines.replace(/^([^#\s].*)$/gm, `$1 ${time}`)}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await until("the runners answer", async () =>
    (await Promise.all(pods.map((pod) => pod.get("/healthz")))).every(Boolean),
  );
  return server;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly bytes: number;
}

/** proc_pid_stat(5): fields 4, 14 to 17 and 24. */
function readProcesses(): Process[] {
  return readdirSync("/proc").flatMap((name): Process[] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const fields = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ")
        .map(Number);
      const at = (number: number): number => fields[number - 3] ?? 0;
      const ticks = at(14) + at(15) + at(16) + at(17);
      return [{ pid: Number(name), parent: at(4), ticks, bytes: at(24) * 4096 }];
    } catch {
      return []; // it has just ended
    }
  });
}

function tree(all: readonly Process[], root: number): Process[] {
  const children = all.filter(({ parent }) => parent === root).flatMap(({ pid }) => tree(all, pid));
  return [...all.filter(({ pid }) => pid === root), ...children];
}

function size(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    try {
      return entry.isFile() ? sum + statSync(join(entry.parentPath, entry.name)).size : sum;
    } catch {
      return sum; // it has just been deleted
    }
  }, 0);
}
