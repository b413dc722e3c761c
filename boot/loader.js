/**
 * Loaded into Node before Pulumi's SDK (`nodeargs` in Pulumi.yaml). The program then starts in half the time and
 * memory that Pulumi's default, ts-node, needs.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");
const { exit, pid, stderr, stdout } = require("node:process");

const OPTIONS = { transforms: ["imports", "typescript"] };
/** Stripped files by the hash of their text: stripping them is a fifth of the time that the program takes to load. */
const CACHE = join(module.path, "..", "node_modules", ".cache", "loader");
const VERSION = require("sucrase/package.json").version;

// Types are stripped when a file is loaded; `npm run typecheck` checks them.
Module._extensions[".ts"] = (module, filePath) => {
  const text = readFileSync(filePath, "utf8");
  const key = createHash("sha256").update(`${VERSION}\0${OPTIONS.transforms}\0${text}`).digest("hex");
  module._compile(cached(join(CACHE, `${key}.js`)) ?? strip(text, filePath, key), filePath);
};

function cached(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function strip(text, filePath, key) {
  const { code } = require("sucrase").transform(text, { ...OPTIONS, filePath });
  try {
    mkdirSync(CACHE, { recursive: true });
    // Renamed into place, so that another process never reads half a file.
    const partial = join(CACHE, `${key}.${pid}`);
    writeFileSync(partial, code);
    renameSync(partial, join(CACHE, `${key}.js`));
  } catch {
    // The folder is read-only: the next run strips the file again.
  }
  return code;
}

// The reader of this process's output is gone: the engine was killed. The SDK would report the failed write by
// another write, endlessly, and its memory would grow by gigabytes.
for (const stream of [stdout, stderr]) stream.on("error", () => exit(1));

const load = Module._load;
const instead = {
  // The SDK loads the TypeScript compiler, and a part of npm, to serialize functions. This program serializes none,
  // so both are loaded only when first used.
  typescript: onDemand,
  "@npmcli/arborist": onDemand,
  // The SDK takes a stack trace for each promise, and this module looks up each line of it in a source map. Files
  // stripped here keep their line numbers and have no source map.
  "source-map-support/register": () => ({}),
};
Module._load = (request, parent, ...rest) =>
  Object.hasOwn(instead, request) ? instead[request](request, parent) : load(request, parent, ...rest);

/** Proxy of a CommonJS module. It poses as an ES module so that importers do not copy, and thereby load, all of it. */
function onDemand(request, parent) {
  const get = (_, name) => {
    if (name === "__esModule") return true;
    const loaded = load(request, parent);
    return name === "default" ? loaded : loaded[name];
  };
  return new Proxy({}, { get });
}
