import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";

import { inspectGo } from "../../../local/tools/build";
import { BUILD_FLAGS, buildKey, cacheFolder } from "../../../local/tools/cache";
import type { ControlPlane } from "../../../local/control-plane";
import { GO } from "../../../local/tools/pins";
import { run } from "../../../lib/process";
import { findUsable } from "../../../local/tools/versions";

export interface Prometheus {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Its subfolder `prometheus` pins the module. */
const MODULES = join(__dirname, "..");
const COMMANDS = "github.com/prometheus/prometheus/cmd";
/** Only Kubernetes service discovery: a third of the code. */
const TAGS = ["remove_all_sd", "enable_kubernetes_sd"];
/** Four minutes on two idle cores; the machine may be busy. */
const BUILD_TIMEOUT = 25 * 60_000;

/** The real programs. If they are not available, reports the reason and skips the test. */
export async function prometheusOrSkip(test: Mocha.Context): Promise<Prometheus> {
  test.timeout(30 * 60_000); // it may have to be built
  const found = await findPrometheus();
  if (typeof found !== "string") return found;
  console.log(`      skipped: ${found}`);
  return test.skip();
}

/**
 * The real programs, built by Go as the other tools are: once, into the same cache folder. Debian's packages are
 * built without Kubernetes discovery, so none is used from PATH.
 *
 * @returns the reason if they are not available
 */
export async function findPrometheus(): Promise<Prometheus | string> {
  const path = await findUsable("go", GO);
  if (path === undefined) return "there is no Go to build Prometheus";
  const version = "3.15.1";
  const step = {
    module: "prometheus",
    package: COMMANDS,
    output: "prometheus",
    version,
    tags: TAGS,
    seconds: 215,
  };
  const folder = join(
    cacheFolder(),
    `prometheus-${buildKey({ steps: [step] }, await inspectGo(path), MODULES)}`,
  );
  const programs = { prometheus: join(folder, "prometheus"), promtool: join(folder, "promtool") };
  if (existsSync(folder)) return programs;

  console.log(`      building Prometheus ${version}, once: some minutes`);
  const partial = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  const { code, stderr } = await run(
    path,
    [
      "build",
      ...BUILD_FLAGS,
      `-tags=${TAGS.join(",")}`,
      "-ldflags=-s -w",
      `-o=${partial}/`,
      ...Object.keys(programs).map((name) => `${COMMANDS}/${name}`),
    ],
    {
      cwd: join(MODULES, "prometheus"),
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOGC: "400" },
      timeout: BUILD_TIMEOUT,
    },
  );
  if (code === 0) renameSync(partial, folder);
  else rmSync(partial, { recursive: true, force: true });
  return code === 0 ? programs : `Prometheus cannot be built: ${stderr.trim()}`;
}

/** A port of this machine that is currently free. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The configuration for a Prometheus outside a pod: it needs the server's address and a credential. */
export function fromOutside(config: string, plane: ControlPlane): string {
  const changed = parse(config) as { scrape_configs: { kubernetes_sd_configs: object[] }[] };
  for (const { kubernetes_sd_configs: discovery } of changed.scrape_configs) {
    for (const each of discovery) {
      Object.assign(each, {
        api_server: plane.server,
        tls_config: {
          ca_file: plane.certificateAuthority,
          cert_file: plane.clientCertificate,
          key_file: plane.clientKey,
        },
      });
    }
  }
  return stringify(changed);
}

export interface Target {
  readonly scrapeUrl: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly health: "up" | "down" | "unknown";
}

export interface Targets {
  readonly activeTargets: readonly Target[];
  readonly droppedTargets: readonly Target[];
}

/** The targets of a Prometheus on this machine; none until it listens. */
export const targetsAt = async (port: number): Promise<Targets> =>
  (await answer<Targets>(port, "targets")) ?? { activeTargets: [], droppedTargets: [] };

/** The value of each series that a query finds, by the value of one of its labels. */
export async function valuesOf(port: number, query: string, label: string): Promise<Record<string, string>> {
  const found = await answer<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
    port,
    `query?query=${encodeURIComponent(query)}`,
  );
  return Object.fromEntries(
    (found?.result ?? []).map(({ metric, value }) => [metric[label] ?? "", value[1]]),
  );
}

async function answer<T>(port: number, path: string): Promise<T | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    return response.ok ? ((await response.json()) as { data: T }).data : undefined;
  } catch {
    return undefined;
  }
}
