import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { inspectGo } from "../../local/tools/build";
import { BUILD_FLAGS, buildKey, cacheFolder } from "../../local/tools/cache";
import { GO } from "../../local/tools/pins";
import { findUsable } from "../../local/tools/versions";
import { run } from "../../lib/process";

/** The last version that Go modules serve whole; its folder `jaeger` pins the rest. */
const VERSION = "1.76.0";
const COMMAND = "github.com/jaegertracing/jaeger/cmd/all-in-one";
/** The machine may be busy. */
const BUILD_TIMEOUT = 90 * 60_000;

/**
 * The real Jaeger, with collector, memory store and query API in one process: built by Go once, into the cache folder of
 * the other tools.
 *
 * @returns the program, or the reason if it is not available
 */
export async function findJaeger(): Promise<{ readonly program: string } | string> {
  const path = await findUsable("go", GO);
  if (path === undefined) return "there is no Go to build Jaeger";
  const step = { module: "jaeger", package: COMMAND, output: "jaeger", version: VERSION, seconds: 400 };
  const key = buildKey({ steps: [step] }, await inspectGo(path), __dirname);
  const folder = join(cacheFolder(), `jaeger-${key}`);
  const program = join(folder, "jaeger");
  if (existsSync(program)) return { program };

  console.log(`      building Jaeger ${VERSION}, once: some minutes`);
  const partial = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const { code, stderr } = await run(
      path,
      ["build", ...BUILD_FLAGS, "-ldflags=-s -w", `-o=${join(partial, "jaeger")}`, COMMAND],
      {
        cwd: join(__dirname, "jaeger"),
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOGC: "400" },
        timeout: BUILD_TIMEOUT,
      },
    );
    if (code !== 0) return `Jaeger cannot be built: ${stderr.trim().split("\n").slice(-20).join("\n")}`;
    renameSync(partial, folder);
    return { program };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
