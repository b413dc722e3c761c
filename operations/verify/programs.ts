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

const ask = (way: string): string =>
  program(`
  const json = async (url, options) => {
    const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(10000) });
    const text = await answer.text();
    // A refusal names what is missing; only an answer of success has credentials.
    if (!answer.ok) throw new Error("HTTP " + answer.status + ": " + text.replace(/\\s+/g, " ").slice(0, 300));
    return JSON.parse(text);
  };
  const given = (name) => env[name] ?? done({ problem: "the pod has no " + name + ": " + missing });
  const until = (time) => Math.round((Date.parse(time) - Date.now()) / 1000);
  let missing = "";
  try { done({ seconds: await attempt(60000, async () => {${way}}) }); }
  catch (error) { done({ problem: String(error.cause?.code ?? error.cause?.message ?? error.message) }); }
`);

/** Asks the cloud for the pod's credentials, and reports how long they are valid, but nothing of them. */
export const credentials = {
  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
  bedrock: ask(`
    missing = "the cluster has no pod identity association for its service account, or had none when the pod started";
    const url = given("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const token = fs.readFileSync(given("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"), "utf8");
    const { AccessKeyId, Expiration } = await json(url, { headers: { Authorization: token } });
    if (AccessKeyId === undefined) throw new Error("the agent on the node answers without credentials");
    return until(Expiration);
  `),
  // https://docs.cloud.google.com/kubernetes-engine/docs/concepts/workload-identity
  vertex: ask(`
    const host = env.GCE_METADATA_HOST ?? "169.254.169.254";
    const url = "http://" + host + "/computeMetadata/v1/instance/service-accounts/default/token";
    return (await json(url, { headers: { "Metadata-Flavor": "Google" } })).expires_in;
  `),
  // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential
  foundry: ask(`
    missing = "the webhook of workload identity has not seen it";
    const url = given("AZURE_AUTHORITY_HOST") + given("AZURE_TENANT_ID") + "/oauth2/v2.0/token";
    const body = new URLSearchParams({
      client_id: given("AZURE_CLIENT_ID"),
      grant_type: "client_credentials",
      scope: "https://cognitiveservices.azure.com/.default",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: fs.readFileSync(given("AZURE_FEDERATED_TOKEN_FILE"), "utf8"),
    });
    return (await json(url, { method: "POST", body })).expires_in;
  `),
} as const;

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
