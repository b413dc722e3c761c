import type { PodCredentials } from "../../clusters/operations";

/**
 * Programs that run in a probe's container, which has Node. Each ends with `done`, whose argument is the container's
 * termination message: it is part of the pod's status, so no log is read.
 */

/** What every program starts with. `attempt` repeats a promise until it is fulfilled, at most for `ms`. */
const PRELUDE = `
const fs = require("node:fs");
const env = process.env;
const done = (value) => { fs.writeFileSync("/dev/termination-log", JSON.stringify(value)); process.exit(0); };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function attempt(ms, work) {
  for (const end = Date.now() + ms; ; await sleep(500)) {
    try { return await work(); } catch (error) { if (Date.now() > end) throw error; }
  }
}
const fail = (error) => {
  fs.writeFileSync("/dev/termination-log", JSON.stringify({ error: String(error.code ?? error.message) }));
  process.exit(1);
};
`;

const program = (body: string): string => `${PRELUDE}(async () => {${body}})().catch(fail);`;

/** Directory of the volume in a probe. */
export const VOLUME = "/volume";

/** Writes its own file on the volume, and waits until the one of another probe has the expected text. */
export const exchange = program(`
  const began = Date.now();
  fs.writeFileSync("${VOLUME}/" + env.WRITES, env.TOKEN);
  const expected = () => {
    const text = fs.readFileSync("${VOLUME}/" + env.READS, "utf8");
    if (text !== env.TOKEN) throw new Error(env.READS + " has another text");
  };
  await attempt(Number(env.PATIENCE), async () => expected());
  done({ node: env.NODE, ms: Date.now() - began });
`);

/** Fetches a page of metrics: how many samples it has, and which names start with `ralph_`. */
export const scrape = program(`
  const page = await attempt(20000, async () => {
    const answer = await fetch(env.URL, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    return answer.text();
  });
  const samples = page.split("\\n").filter((line) => line !== "" && !line.startsWith("#"));
  const names = new Set(samples.map((line) => line.split(/[ {]/)[0]).filter((name) => name.startsWith("ralph_")));
  done({ samples: samples.length, names: [...names].slice(0, 40) });
`);

/** Asks Prometheus for the targets of one ServiceMonitor, until one is up or its patience ends. */
export const targets = program(`
  const ask = () => attempt(20000, async () => {
    const answer = await fetch(env.URL, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    const { data } = await answer.json();
    return data.activeTargets.filter(({ scrapePool }) => scrapePool.startsWith(env.POOL));
  });
  const isUp = ({ health }) => health === "up";
  let found = await ask();
  for (const end = Date.now() + Number(env.PATIENCE); !found.some(isUp) && Date.now() < end; found = await ask())
    await sleep(Math.min(5000, Number(env.PATIENCE)));
  const error = found.find((target) => !isUp(target))?.lastError ?? "";
  done({ up: found.filter(isUp).length, all: found.length, error: error.slice(0, 300) });
`);

/** Asks the cloud for the pod's credentials, and reports how long they are valid, but nothing of them. */
export const credentials = ({ seconds, missing }: PodCredentials): string =>
  program(`
  const json = async (url, options) => {
    const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(10000) });
    const text = await answer.text();
    // A refusal names what is missing; only an answer of success has credentials.
    if (!answer.ok) throw new Error("HTTP " + answer.status + ": " + text.replace(/\\s+/g, " ").slice(0, 300));
    return JSON.parse(text);
  };
  const missing = ${JSON.stringify(missing)};
  const given = (name) => env[name] ?? done({ problem: "the pod has no " + name + ": " + missing });
  try { done({ seconds: await attempt(60000, async () => {${seconds}}) }); }
  catch (error) { done({ problem: String(error.cause?.code ?? error.cause?.message ?? error.message) }); }
`);

/** Accepts connections until it is deleted. */
export const listen = program(
  `require("node:net").createServer((socket) => socket.end()).listen(Number(env.PORT));`,
);

/** Resolves a name and tries connections: each is `open`, or the code of its error. */
export const connect = program(`
  const net = require("node:net");
  const open = (host, port) => new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, timeout: 4000 });
    socket.on("connect", () => { socket.destroy(); resolve("open"); });
    socket.on("timeout", () => { socket.destroy(); reject(Object.assign(new Error(), { code: "ETIMEDOUT" })); });
    socket.on("error", reject);
  });
  const tries = Number(env.TRIES);
  const results = {};
  await Promise.all(JSON.parse(env.TARGETS).map(async ({ name, host, port }) => {
    for (let i = 0; i < tries && results[name] !== "open"; i++)
      results[name] = await open(host, port).catch((error) => error.code ?? error.message);
  }));
  done({ connections: results });
`);

/** Reports the kernel that the pod sees, and the pod's node. */
export const kernel = program(`done({ release: require("node:os").release(), node: env.NODE });`);
