import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { inspectGo } from "../../local/tools/build";
import { BUILD_FLAGS, cacheFolder } from "../../local/tools/cache";
import { GO } from "../../local/tools/pins";
import { findUsable } from "../../local/tools/versions";
import { run } from "../../lib/process";

export interface ExternalSecrets {
  readonly program: string;
  /** The published module: its chart and its CRDs. */
  readonly module: string;
}

const MODULE = "github.com/external-secrets/external-secrets";
/** The newest that builds: the modules of later versions are not published. It serves `external-secrets.io/v1`. */
const VERSION = "v0.16.2";
/** Of 36 providers: with all of them the build would take an hour. */
const PROVIDERS = ["aws", "fake"];
const GENERATORS = ["fake"];
const REGISTERS = { provider: PROVIDERS, generator: GENERATORS };
/** 17 minutes of CPU with an empty Go cache, on a machine that may be busy. */
const BUILD_TIMEOUT = 60 * 60_000;

/**
 * The real controller, built by Go once, into the cache folder of the other tools.
 *
 * @returns the reason if it is not available
 */
export async function findExternalSecrets(): Promise<ExternalSecrets | string> {
  const path = await findUsable("go", GO);
  if (path === undefined) return "there is no Go to build External Secrets";
  const go = await inspectGo(path);
  const pins = JSON.stringify([MODULE, VERSION, REGISTERS, BUILD_FLAGS, go.version, go.os, go.arch]);
  const key = createHash("sha256").update(pins).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), `external-secrets-${key}`);
  const found = await run(path, ["mod", "download", "-json", `${MODULE}@${VERSION}`], { cwd: tmpdir() });
  if (found.code !== 0) return `External Secrets cannot be downloaded: ${found.stderr.trim()}`;
  const module = (JSON.parse(found.stdout) as { Dir: string }).Dir;
  const program = join(folder, "external-secrets");
  if (existsSync(program)) return { program, module };

  console.log(`      building External Secrets ${VERSION}, once: some ten minutes`);
  const partial = `${folder}.${process.pid}`;
  const copy = join(partial, "source");
  try {
    mkdirSync(dirname(folder), { recursive: true });
    // Go refuses to overlay files of its module cache.
    cpSync(module, copy, { recursive: true });
    writable(copy);
    for (const [kind, names] of Object.entries(REGISTERS)) {
      const imports = names.map((name) => `import _ "${MODULE}/pkg/${kind}/${name}"`);
      writeFileSync(
        join(copy, "pkg", kind, "register", "register.go"),
        ["package register", ...imports, ""].join("\n"),
      );
    }
    const { code, stderr } = await run(
      path,
      ["build", ...BUILD_FLAGS, "-mod=mod", "-ldflags=-s -w", `-o=${join(partial, "external-secrets")}`, "."],
      {
        cwd: copy,
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOGC: "400" },
        timeout: BUILD_TIMEOUT,
      },
    );
    if (code !== 0)
      return `External Secrets cannot be built: ${stderr.trim().split("\n").slice(-20).join("\n")}`;
    rmSync(copy, { recursive: true });
    renameSync(partial, folder);
    return { program, module };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** For a copy from the module cache, which is read-only. */
export function writable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) writable(path);
    else chmodSync(path, 0o644);
  }
}

const MOTO = "5.2.5";

/**
 * A stand-in of AWS Secrets Manager: moto, from PyPI, in a virtual environment of its own in the same folder.
 *
 * @returns its program, or the reason if it is not available
 */
export async function findMoto(): Promise<{ readonly program: string } | string> {
  const folder = join(cacheFolder(), `moto-${MOTO}`);
  const program = join(folder, "bin", "moto_server");
  const done = join(folder, "complete");
  if (existsSync(done)) return { program };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  for (const [command, ...args] of [
    ["python3", "-m", "venv", folder],
    [join(folder, "bin", "pip"), "install", "--quiet", `moto[secretsmanager,server]==${MOTO}`],
  ] as const) {
    const { code, stderr } = await run(command, args, { timeout: 10 * 60_000 });
    if (code !== 0) return `moto cannot be installed: ${stderr.trim()}`;
  }
  writeFileSync(done, "");
  return { program };
}
