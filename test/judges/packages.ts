/**
 * Files out of a package of Python's index or of npm's, pinned by version and digest. A wheel is a zip and a package of
 * npm's is a tar, so neither is installed; the clients only know where the configured index is.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { runInNewContext } from "node:vm";
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { transform } from "sucrase";
import { list } from "tar";

export interface Source {
  readonly index: "pip" | "npm";
  readonly version: string;
  readonly sha256: string;
  /** The files to keep: those whose path has the form. */
  readonly files: RegExp;
  /** One of them maps names to files: those of the names that have the form are kept too. */
  readonly listed?: { readonly file: string; readonly names: RegExp; readonly path: (id: string) => string };
}

interface File {
  readonly path: string;
  readonly text: string;
}

/** @param to an empty folder */
export function download(
  name: string,
  { index, version, sha256, files, listed }: Source,
  to: string,
): File[] {
  const [command, ...args] =
    index === "pip"
      ? ["python3", "-m", "pip", "download", "--quiet", "--no-deps", "--dest", to, `${name}==${version}`]
      : ["npm", "pack", "--silent", "--pack-destination", to, `${name}@${version}`];
  execFileSync(command as string, args, { stdio: ["ignore", "ignore", "pipe"], timeout: 50_000 });
  const archive = join(to, readdirSync(to)[0] ?? "");
  const actual = createHash("sha256").update(readFileSync(archive)).digest("hex");
  if (actual !== sha256) throw new Error(`${name} ${version} has the digest ${actual}, expected ${sha256}`);
  if (index === "npm") return ofTar(archive, (path) => files.test(path));
  const found = ofWheel(archive, (path) => files.test(path));
  const list = found.find(({ path }) => path === listed?.file);
  if (listed === undefined || list === undefined) return found;
  const ids = Object.entries(JSON.parse(list.text) as Record<string, string>);
  const paths = new Set(ids.filter(([each]) => listed.names.test(each)).map(([, id]) => listed.path(id)));
  return [...found, ...ofWheel(archive, (path) => paths.has(path))];
}

const ofWheel = (archive: string, wanted: (path: string) => boolean): File[] =>
  Object.entries(unzipSync(readFileSync(archive), { filter: ({ name }) => wanted(name) })).map(
    ([path, bytes]) => ({
      path: path.replace(/\.gz$/, ""),
      text: Buffer.from(path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"),
    }),
  );

/** Modules become the JSON of what they export, under the name of the file alone. */
function ofTar(archive: string, wanted: (path: string) => boolean): File[] {
  const found: File[] = [];
  list({
    file: archive,
    sync: true,
    filter: wanted,
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on("data", (chunk: Buffer) => chunks.push(chunk));
      entry.on("end", () => {
        found.push({
          path: `${basename(entry.path)}on`,
          text: exportsOf(Buffer.concat(chunks).toString("utf8")),
        });
      });
    },
  });
  return found;
}

/** What a module of data exports, with nothing but the language in its reach. A pattern becomes its source. */
function exportsOf(module: string): string {
  const code = transform(module, { transforms: ["imports"] }).code;
  const imported = new Proxy({}, { get: () => ({}) });
  const context = { exports: {}, require: () => imported };
  runInNewContext(code, context);
  return JSON.stringify(context.exports, (_, value: unknown) =>
    Object.prototype.toString.call(value) === "[object RegExp]" ? (value as RegExp).source : value,
  );
}
