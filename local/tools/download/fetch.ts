import { rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { type Dispatcher, EnvHttpProxyAgent, request } from "undici";

import { interruption, pause } from "../../../lib/process";

/** How long a download waits, in milliseconds, and how often it retries; tests pass their own. */
export interface Limits {
  /** For a connection. Short: on a blocked network, this is how long a user waits before the Go build starts. */
  readonly connect: number;
  /** For the server's response headers. */
  readonly answer: number;
  /** Between two chunks of a response. */
  readonly stall: number;
  /** Before a retry. */
  readonly pause: number;
  /** Consecutive attempts without progress. */
  readonly attempts: number;
  readonly redirects: number;
}
export const LIMITS: Limits = {
  connect: 3_000,
  answer: 15_000,
  stall: 20_000,
  pause: 1_000,
  attempts: 3,
  redirects: 5,
};

/** A host that cannot be connected to, or does not respond. */
export class NoConnection extends Error {
  override readonly name = "NoConnection";
  constructor(
    readonly host: string,
    readonly reason: string,
  ) {
    super(`${host} cannot be reached (${reason})`);
  }
}

/** A response without the file, such as 404. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** A transfer that ended early; the partial file is kept. */
class Broken extends Error {
  override readonly name = "Broken";
}

/** Hosts that could not be reached even once: this process does not try them again. */
const unreachable = new Map<string, NoConnection>();
const reached = new Set<string>();
const agents = new Map<Limits, EnvHttpProxyAgent>();

/** Honors HTTPS_PROXY, HTTP_PROXY and NO_PROXY, upper or lower case, which Node's own fetch does only on request. */
function agentFor(limits: Limits): EnvHttpProxyAgent {
  const timeout = { timeout: limits.connect };
  const agent =
    agents.get(limits) ??
    new EnvHttpProxyAgent({
      connect: timeout,
      proxyTls: timeout,
      requestTls: timeout,
      headersTimeout: limits.answer,
      bodyTimeout: limits.stall,
      keepAliveTimeout: 1, // an idle connection must not keep the process running
    });
  agents.set(limits, agent);
  return agent;
}

/** Why a host is not tried again. */
export const refusalOf = (url: string): NoConnection | undefined => unreachable.get(new URL(url).host);

/** Sends a request and follows redirects. The response's status is 2xx or 416. */
async function get(
  url: string,
  headers: Readonly<Record<string, string>>,
  limits: Limits,
): Promise<Dispatcher.ResponseData> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= limits.redirects; redirects++) {
    const answer = await ask(at, headers, limits);
    const { statusCode, body } = answer;
    const { location } = answer.headers;
    if (statusCode < 300 || statusCode === 416) return answer;
    await body.dump();
    if (statusCode >= 400 || typeof location !== "string")
      throw new Refused(`${at.href} responded ${statusCode}`);
    const next = new URL(location, at);
    if (at.protocol === "https:" && next.protocol !== "https:") {
      throw new Refused(`${at.href} redirects to ${next.href}, which is not https`);
    }
    at = next;
  }
  throw new Refused(`${url} redirects more than ${limits.redirects} times`);
}

async function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  limits: Limits,
): Promise<Dispatcher.ResponseData> {
  const known = unreachable.get(url.host);
  if (known !== undefined) throw known;
  try {
    const answer = await request(url, {
      dispatcher: agentFor(limits),
      headers: { "user-agent": "ralph-on-kubernetes", ...headers },
      signal: interruption,
    });
    reached.add(url.host);
    return answer;
  } catch (error) {
    interruption.throwIfAborted();
    const failed = new NoConnection(url.host, reasonOf(error));
    if (!reached.has(url.host)) unreachable.set(url.host, failed);
    throw failed;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "its name does not resolve";
    case "ECONNREFUSED":
      return "connection refused";
    case "UND_ERR_CONNECT_TIMEOUT":
      return "no connection in time";
    case "UND_ERR_HEADERS_TIMEOUT":
      return "no response in time";
    default:
      return message === "" ? (code ?? "unknown error") : message;
  }
}

/** Downloads a small text file, such as checksums. */
export async function fetchText(url: string, limits: Limits = LIMITS): Promise<string> {
  const { statusCode, body } = await get(url, {}, limits);
  if (statusCode !== 200) {
    await body.dump();
    throw new Refused(`${url} responded ${statusCode}`);
  }
  try {
    return await body.text();
  } catch (error) {
    interruption.throwIfAborted();
    throw new Refused(`${url} broke off: ${reasonOf(error)}`);
  }
}

/**
 * Downloads into a file and resumes what an earlier attempt left there. A transfer that breaks off or stalls is
 * retried as long as the retries make progress. The partial file is kept, whatever happens.
 *
 * @param onBytes receives the bytes so far, and the file's size if the server reports it
 * @throws NoConnection, Refused or Broken
 */
export async function fetchFile(
  url: string,
  file: string,
  onBytes: (received: number, total: number | undefined) => void,
  limits: Limits = LIMITS,
): Promise<void> {
  let most = 0; // bytes that this call had at any time
  for (let stuck = 0; ;) {
    try {
      return await transfer(url, file, onBytes, limits);
    } catch (error) {
      interruption.throwIfAborted();
      const transient = error instanceof Broken || (error instanceof NoConnection && most > 0);
      if (!transient) throw error;
      stuck = sizeOf(file) > most ? 0 : stuck + 1;
      most = Math.max(most, sizeOf(file));
      if (stuck >= limits.attempts) throw error;
      await pause(limits.pause);
    }
  }
}

async function transfer(
  url: string,
  file: string,
  onBytes: (received: number, total: number | undefined) => void,
  limits: Limits,
): Promise<void> {
  const have = sizeOf(file);
  // A compressed response would be resumed at the wrong byte.
  const headers = { "accept-encoding": "identity", ...(have > 0 && { range: `bytes=${have}-` }) };
  const { statusCode, headers: answered, body } = await get(url, headers, limits);
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(String(answered["content-range"] ?? ""));
  if (statusCode === 416 || (statusCode === 206 && Number(range?.[1]) !== have)) {
    await body.dump();
    if (statusCode === 416 && Number(range?.[2]) === have) return; // the file is complete
    rmSync(file, { force: true });
    throw new Broken(`${url} cannot be resumed at byte ${have}`);
  }
  // 200: the server ignored the range and sends the whole file.
  const start = statusCode === 206 ? have : 0;
  const length = Number(answered["content-length"]);
  const total = Number.isFinite(length) ? start + length : undefined;
  let received = start;
  onBytes(received, total);
  const handle = await open(file, start > 0 ? "a" : "w");
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      await handle.writeFile(piece);
      onBytes((received += piece.length), total);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === "write") throw error; // such as a full disk
    throw new Broken(`${url} broke off at byte ${received}${total === undefined ? "" : ` of ${total}`}`);
  } finally {
    await handle.close();
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
