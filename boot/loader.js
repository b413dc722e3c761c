/**
 * Loaded into Node before Pulumi's SDK (Pulumi.yaml, `nodeargs`), so that the program starts in half the time and
 * memory of Pulumi's own way, which compiles it with ts-node.
 */
const { readFileSync } = require("node:fs");
const Module = require("node:module");
const { exit, stderr, stdout } = require("node:process");
const { transform } = require("sucrase");

// Types are stripped as a file is loaded; `npm run typecheck` checks them.
Module._extensions[".ts"] = (module, filePath) => {
  const { code } = transform(readFileSync(filePath, "utf8"), {
    transforms: ["imports", "typescript"],
    filePath,
  });
  module._compile(code, filePath);
};

// Whoever reads what this process says is gone: an engine that was killed. The SDK reports the failing write, by
// another write, for ever, and its memory grows by gigabytes.
for (const stream of [stdout, stderr]) stream.on("error", () => exit(1));

const load = Module._load;
const instead = {
  // The SDK loads the TypeScript compiler, and a part of npm, to serialize functions. This program has none to
  // serialize, so both wait until somebody asks them for something.
  typescript: onDemand,
  "@npmcli/arborist": onDemand,
  // The SDK takes a stack trace for each promise, and this looks up each of its lines in a source map. What is
  // stripped here keeps its lines, and has none.
  "source-map-support/register": () => ({}),
};
Module._load = (request, parent, ...rest) =>
  Object.hasOwn(instead, request) ? instead[request](request, parent) : load(request, parent, ...rest);

/** Stands for a CommonJS module; as an ES module, whoever imports it does not copy, and so load, all of it. */
function onDemand(request, parent) {
  const get = (_, name) => {
    if (name === "__esModule") return true;
    const loaded = load(request, parent);
    return name === "default" ? loaded : loaded[name];
  };
  return new Proxy({}, { get });
}
