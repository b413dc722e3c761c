import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { inspectGo } from "../../local/tools/build";
import { BUILD_FLAGS, cacheFolder } from "../../local/tools/cache";
import { GO } from "../../local/tools/pins";
import { findUsable } from "../../local/tools/versions";
import { run } from "../../lib/process";
import { writable } from "./external-secrets";

export interface Traefik {
  readonly program: string;
  /** The CRDs of Gateway API, of the version that it implements. */
  readonly kinds: string;
}

/** The newest whose modules are all published. */
const TRAEFIK = "github.com/traefik/traefik/v3@v3.6.12";
const GATEWAY_API = "sigs.k8s.io/gateway-api@v1.4.0";
/** Its clients of a hundred DNS services, for certificates of Let's Encrypt, are most of its code. */
const LEFT_OUT: readonly (readonly [text: string, instead: string])[] = [
  ['"github.com/go-acme/lego/v4/providers/dns"', ""],
  ["dns.NewDNSChallengeProviderByName(p.DNSChallenge.Provider)", 'nil, errors.New("no DNS services")'],
];
/** Ten minutes on two idle cores; the machine may be busy. */
const BUILD_TIMEOUT = 60 * 60_000;

/**
 * The real Traefik, built by Go once, into the cache folder of the other tools.
 *
 * @returns the reason if it is not available
 */
export async function findTraefik(): Promise<Traefik | string> {
  const path = await findUsable("go", GO);
  if (path === undefined) return "there is no Go to build Traefik";
  const go = await inspectGo(path);
  const pins = JSON.stringify([TRAEFIK, LEFT_OUT, BUILD_FLAGS, go.version, go.os, go.arch]);
  const key = createHash("sha256").update(pins).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), `traefik-${key}`);
  const folders: string[] = [];
  for (const module of [TRAEFIK, GATEWAY_API]) {
    const { code, stdout, stderr } = await run(path, ["mod", "download", "-json", module], { cwd: tmpdir() });
    if (code !== 0) return `${module} cannot be downloaded: ${stderr.trim()}`;
    folders.push((JSON.parse(stdout) as { Dir: string }).Dir);
  }
  const [module = "", gateway = ""] = folders;
  const found = { program: join(folder, "traefik"), kinds: join(gateway, "config", "crd", "standard") };
  if (existsSync(found.program)) return found;

  console.log(`      building ${TRAEFIK}, once: some ten minutes`);
  const partial = `${folder}.${process.pid}`;
  const copy = join(partial, "source");
  try {
    mkdirSync(dirname(folder), { recursive: true });
    // Its own go.mod replaces modules, which it does only as the main module.
    cpSync(module, copy, { recursive: true });
    writable(copy);
    const provider = join(copy, "pkg", "provider", "acme", "provider.go");
    writeFileSync(
      provider,
      LEFT_OUT.reduce((text, [from, to]) => text.replace(from, to), readFileSync(provider, "utf8")),
    );
    const { code, stderr } = await run(
      path,
      [
        "build",
        ...BUILD_FLAGS,
        "-mod=mod",
        "-ldflags=-s -w",
        `-o=${join(partial, "traefik")}`,
        "./cmd/traefik",
      ],
      {
        cwd: copy,
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOGC: "400" },
        timeout: BUILD_TIMEOUT,
      },
    );
    if (code !== 0) return `Traefik cannot be built: ${stderr.trim().split("\n").slice(-20).join("\n")}`;
    rmSync(copy, { recursive: true });
    renameSync(partial, folder);
    return found;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
