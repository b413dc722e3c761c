/**
 * Loaded into Node before Pulumi's SDK (Pulumi.yaml, `nodeargs`), so that the program starts in half the time and
 * memory of Pulumi's own way, which compiles it with ts-node.
 */
const Module = require("node:module");

// Types are stripped as a file is loaded; `npm run typecheck` checks them.
require("sucrase/register/ts");

// The SDK loads the TypeScript compiler, to serialize functions. This program has none to serialize, so the
// compiler waits until somebody asks it for something.
const load = Module._load;
Module._load = (request, ...rest) =>
  request === "typescript" ? onDemand(() => load("typescript", ...rest)) : load(request, ...rest);

/** Stands for a CommonJS module; as an ES module, whoever imports it does not copy, and so load, all of it. */
function onDemand(load) {
  const get = (_, name) => (name === "__esModule" ? true : name === "default" ? load() : load()[name]);
  return new Proxy({}, { get });
}
