import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

import { inspectGo } from "../../local/tools/build";
import { BUILD_FLAGS, cacheFolder } from "../../local/tools/cache";
import { GO } from "../../local/tools/pins";
import { findUsable } from "../../local/tools/versions";
import { run } from "../../lib/process";
import { goModule } from "./go-programs";

/** An hour: the largest takes 17 minutes of CPU with an empty Go cache, and the machine may be busy. */
const BUILD_TIMEOUT = 60 * 60_000;

export interface Patched {
  /** Of the program, and of its folder in the cache. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** `<path>@<version>`. */
  readonly module: string;
  /** The path of the package within the module. */
  readonly package: string;
  /** Everything that decides what is built, besides Go and its flags. */
  readonly pins: readonly unknown[];
  /** Changes a copy of the module. */
  readonly patch: (source: string) => void;
}

/**
 * A program that is built from a changed copy of its own module, whose go.mod replaces modules, as it does only for the main
 * one. Built by Go once, into the cache folder of the other tools.
 *
 * @returns the program and the folder of the published module, or the reason if they are not available
 */
export async function findPatched(
  wanted: Patched,
): Promise<{ readonly program: string; readonly module: string } | string> {
  const { name, title, pins, patch } = wanted;
  const path = await findUsable("go", GO);
  if (path === undefined) return `there is no Go to build ${title}`;
  const go = await inspectGo(path);
  const all = JSON.stringify([...pins, BUILD_FLAGS, go.version, go.os, go.arch]);
  const folder = join(
    cacheFolder(),
    `${name}-${createHash("sha256").update(all).digest("hex").slice(0, 16)}`,
  );
  const module = await goModule(wanted.module);
  if (module instanceof Error) return module.message;
  const program = join(folder, name);
  if (existsSync(program)) return { program, module };

  console.log(`      building ${title}, once: some ten minutes`);
  const partial = `${folder}.${process.pid}`;
  const source = join(partial, "source");
  try {
    mkdirSync(dirname(folder), { recursive: true });
    // Go refuses to overlay files of its module cache.
    cpSync(module, source, { recursive: true });
    writable(source);
    patch(source);
    const output = `-o=${join(partial, name)}`;
    const { code, stderr } = await run(
      path,
      ["build", ...BUILD_FLAGS, "-mod=mod", "-ldflags=-s -w", output, wanted.package],
      {
        cwd: source,
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOGC: "400" },
        timeout: BUILD_TIMEOUT,
      },
    );
    if (code !== 0) return `${title} cannot be built: ${stderr.trim().split("\n").slice(-20).join("\n")}`;
    rmSync(source, { recursive: true });
    renameSync(partial, folder);
    return { program, module };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** The module cache is read-only, and so is a copy from it. */
function writable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) writable(path);
    else chmodSync(path, 0o644);
  }
}
