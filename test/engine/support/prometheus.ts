import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";

import { inspectGo } from "../../../tools/build";
import { BUILD_FLAGS, buildKey, cacheFolder } from "../../../tools/cache";
import { GO } from "../../../tools/pins";
import { run } from "../../../tools/process";
import { findUsable } from "../../../tools/versions";

export interface Prometheus {
  readonly prometheus: string;
  readonly promtool: string;
}

/** The folder whose folder `prometheus` pins the module. */
const MODULES = join(__dirname, "..");
const COMMANDS = "github.com/prometheus/prometheus/cmd";
/** Of all that Prometheus can discover only Kubernetes: a third of the code. */
const TAGS = ["remove_all_sd", "enable_kubernetes_sd"];
/** Four minutes on two cores, and there may be other work. */
const BUILD_TIMEOUT = 25 * 60_000;

/**
 * The real programs, built by Go as the other tools are: once, into the same cache folder. Those of Debian know
 * nothing of Kubernetes, so none is taken from PATH.
 *
 * @returns the reason instead, where they cannot be had
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

/** A port of this machine that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
