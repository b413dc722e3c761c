import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  type Stats,
} from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";

import type { ManifestReport } from "./contract";

/** Of a volume, below its root. It is not part of itself. */
const FOLDER = join(".runner", "backup");
/** How many damaged files are named. */
const NAMED = 10;

/** One line of a manifest: content, size, and the times in milliseconds. */
type Entry = readonly [hash: string, size: number, mtime: number, ctime: number, path: string];
/** Its first line. */
interface Head {
  /** Milliseconds: what has changed since then may differ. */
  readonly began: number;
}

const fileOf = (root: string, name: string): string => join(root, FOLDER, name);

/**
 * Writes the hashes of all files on a volume to a file on it. A file that has not changed since the last time is not
 * read again.
 *
 * @returns the hash of the manifest
 */
export async function writeManifest(root: string, name: string): Promise<string> {
  const file = fileOf(root, name);
  const fresh = `${file}.new`;
  mkdirSync(dirname(file), { recursive: true });
  const before = entriesOf(file);
  let last = await before.next();
  const sum = createHash("sha256");
  const out = createWriteStream(fresh);
  const write = async (line: object): Promise<void> => {
    const text = `${JSON.stringify(line)}\n`;
    sum.update(text);
    if (!out.write(text)) await once(out, "drain");
  };
  await write({ began: Date.now() } satisfies Head);
  for (const [path, stat] of walk(root)) {
    // Both are in the same order.
    while (last.done !== true && inOrder(last.value[4], path) < 0) last = await before.next();
    const known =
      last.done !== true && last.value[4] === path && isSame(last.value, stat) ? last.value : undefined;
    const hash = known?.[0] ?? (await hashOf(join(root, path), stat));
    if (hash !== undefined) await write([hash, stat.size, stat.mtimeMs, stat.ctimeMs, path] satisfies Entry);
  }
  await before.return(undefined);
  out.end();
  await finished(out);
  renameSync(fresh, file);
  return sum.digest("hex");
}

/**
 * Compares the files on a volume with a manifest on it. A file that differs has either changed between the manifest and
 * the snapshot, which its time shows, or is damaged.
 *
 * @param expected hash of the manifest
 */
export async function checkManifest(root: string, name: string, expected: string): Promise<ManifestReport> {
  const file = fileOf(root, name);
  if (!existsSync(file)) return { ...NOTHING, error: `the volume has no ${join(FOLDER, name)}` };
  if ((await contentHash(file)) !== expected)
    return { ...NOTHING, error: `${join(FOLDER, name)} is not the one that was written with the snapshot` };
  const report = { ...NOTHING, names: [] as string[] };
  const { began } = await headOf(file);
  for await (const [hash, size, , , path] of entriesOf(file)) {
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
    const found = stat === undefined ? undefined : await hashOf(join(root, path), stat);
    report.files++;
    report.bytes += size;
    if (found === hash) continue;
    if (changedAt(root, path) >= began) report.changed++;
    else if (report.damaged++ < NAMED) report.names.push(path);
  }
  return report;
}

const NOTHING: ManifestReport = { files: 0, bytes: 0, changed: 0, damaged: 0, names: [] };

/** Files and links below a folder, in one order on every volume. Links are not followed. */
function* walk(root: string, folder = ""): Generator<readonly [path: string, stat: Stats]> {
  let names: string[];
  try {
    names = readdirSync(join(root, folder)).sort();
  } catch {
    return; // deleted meanwhile, or of another user
  }
  for (const name of names) {
    const path = join(folder, name);
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined || path === FOLDER) continue;
    if (stat.isDirectory()) yield* walk(root, path);
    else if (stat.isFile() || stat.isSymbolicLink()) yield [path, stat];
  }
}

/** The order of `walk`: folder by folder. */
function inOrder(one: string, other: string): number {
  const [a, b] = [one.split("/"), other.split("/")];
  const at = a.findIndex((step, i) => step !== b[i]);
  if (at < 0) return a.length - b.length;
  return (a[at] as string) < (b[at] ?? "") ? -1 : 1;
}

const isSame = ([, size, mtime, ctime]: Entry, stat: Stats): boolean =>
  size === stat.size && mtime === stat.mtimeMs && ctime === stat.ctimeMs;

/** Undefined if it cannot be read, or was deleted meanwhile. */
async function hashOf(file: string, stat: Stats): Promise<string | undefined> {
  try {
    return stat.isSymbolicLink()
      ? createHash("sha256").update(readlinkSync(file)).digest("hex")
      : await contentHash(file);
  } catch {
    return undefined;
  }
}

async function contentHash(file: string): Promise<string> {
  const sum: Hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) sum.update(chunk as Buffer);
  return sum.digest("hex");
}

/** When a file was changed, or its folder by the file's deletion. No program can set this time. */
function changedAt(root: string, path: string): number {
  for (let at = path; ; at = dirname(at)) {
    const stat = lstatSync(join(root, at), { throwIfNoEntry: false });
    if (stat !== undefined) return stat.ctimeMs;
  }
}

async function headOf(file: string): Promise<Head> {
  for await (const line of linesOf(file)) return JSON.parse(line) as Head;
  return { began: 0 };
}

async function* entriesOf(file: string): AsyncGenerator<Entry, undefined, undefined> {
  if (!existsSync(file)) return;
  let first = true;
  for await (const line of linesOf(file)) {
    if (!first) yield JSON.parse(line) as Entry;
    first = false;
  }
}

const linesOf = (file: string) => createInterface({ input: createReadStream(file), crlfDelay: Infinity });
