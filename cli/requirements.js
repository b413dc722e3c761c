/**
 * Loaded before everything else, and therefore written for old versions of Node too: reports what is missing to run
 * at all, with the command that installs it.
 */
const { dirname } = require("path");
const { cwd, exit, stderr, versions } = require("process");
const { engines } = require("../package.json");

const ROOT = dirname(require.resolve("../package.json"));
const MIN_NODE = engines.node.replace(/\D+/, "");
const INSTALL = "npm ci --ignore-scripts";

const problem = missing();
if (problem !== undefined) {
  stderr.write(`error: ${problem}\n`);
  exit(1);
}

function missing() {
  if (Number(versions.node.split(".")[0]) < Number(MIN_NODE))
    return `Node.js ${MIN_NODE} or newer is needed, and this is ${versions.node}: https://nodejs.org/en/download`;
  try {
    ["commander", "sucrase"].forEach((name) => require.resolve(name));
    return undefined;
  } catch {
    return `the dependencies are not installed.\n  ${cwd() === ROOT ? "" : `cd ${ROOT} && `}${INSTALL}`;
  }
}
