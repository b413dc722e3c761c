import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { cacheFolder } from "../../local/tools/cache";
import { run } from "../../lib/process";
import { findPatched } from "./patched-program";

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

/**
 * The real controller, built once.
 *
 * @returns the reason if it is not available
 */
export const findExternalSecrets = (): Promise<ExternalSecrets | string> =>
  findPatched({
    name: "external-secrets",
    title: `External Secrets ${VERSION}`,
    module: `${MODULE}@${VERSION}`,
    package: ".",
    pins: [MODULE, VERSION, REGISTERS],
    patch: (source) => {
      for (const [kind, names] of Object.entries(REGISTERS)) {
        const imports = names.map((name) => `import _ "${MODULE}/pkg/${kind}/${name}"`);
        writeFileSync(
          join(source, "pkg", kind, "register", "register.go"),
          ["package register", ...imports, ""].join("\n"),
        );
      }
    },
  });

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
