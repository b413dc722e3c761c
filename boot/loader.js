/**
 * Loaded into Node before Pulumi's SDK (`nodeargs` in Pulumi.yaml). The program then starts in half the time and
 * memory that Pulumi's default, ts-node, needs.
 */
const { readFileSync } = require("node:fs");
const Module = require("node:module");
const { exit, stderr, stdout } = require("node:process");
const { transform } = require("sucrase");

// Types are stripped when a file is loaded; `npm run typecheck` checks them.
Module._extensions[".ts"] = (module, filePath) => {
  const { code } = transform(readFileSync(filePath, "utf8"), {
    transforms: ["imports", "typescript"],
    filePath,
  });
  module._compile(code, filePath);
};

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
