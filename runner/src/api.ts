import { type IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { rootCertificates } from "node:tls";

/** Milliseconds for one call of a git server's API. */
const TIMEOUT = 30_000;

/** What a call of an API needs besides its address. */
export interface Access {
  /** The server's own certificate authority, as PEM. */
  readonly ca: string | undefined;
  /** For the proxy's address. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined if it is none. */
  readonly body: unknown;
}

/** Calls an API that speaks JSON. @throws Error if there is no answer */
export function callApi(
  method: string,
  address: string,
  headers: Readonly<Record<string, string>>,
  { ca, env }: Access,
  content?: object,
): Promise<Answer> {
  const text = content === undefined ? undefined : JSON.stringify(content);
  // `proxyEnv` is an option of Node 24.
  const agent = new Agent({
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    proxyEnv: env,
  } as object);
  return new Promise((resolve, reject) => {
    const call = request(
      address,
      {
        method,
        agent,
        timeout: TIMEOUT,
        headers: {
          "User-Agent": "ralph-runner", // GitHub refuses calls without one
          Accept: "application/json",
          ...(text === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("error", reject).on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: parsed(Buffer.concat(chunks).toString()),
          }),
        );
      },
    );
    call.on("timeout", () => call.destroy(new Error(`${new URL(address).host} does not answer`)));
    call.on("error", reject);
    call.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why a server refused a call: its own words, and until when it refuses, where it says so. */
export function refusal(answer: Answer): string {
  const { status, body } = answer;
  const { message, error, errors } = (body ?? {}) as Record<string, unknown>;
  const said = [message ?? error, ...(Array.isArray(errors) ? (errors as unknown[]) : [])].map(words);
  const until = limitedUntil(answer);
  return [
    `${status}`,
    ...said.filter((text) => text !== ""),
    ...(until === undefined ? [] : [`(again after ${until.toISOString()})`]),
  ].join(" ");
}

const words = (said: unknown): string => {
  if (typeof said === "string") return said;
  if (Array.isArray(said)) return said.map(words).join(", "); // GitLab's messages
  if (typeof said !== "object" || said === null) return "";
  const { message, code, field } = said as Readonly<Record<string, unknown>>; // an error of GitHub's
  if (typeof message === "string") return message;
  if (typeof code === "string") return typeof field === "string" ? `${field} is ${code}` : code;
  // GitLab's validation: a property's name and its errors.
  return Object.entries(said)
    .map(([name, value]) => `${name}: ${words(value)}`)
    .join(", ");
};

/**
 * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api and
 * https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/: some of GitLab's limits have no `Retry-After`,
 * and a rest that is not 0 (https://gitlab.com/gitlab-org/gitlab/-/issues/199738).
 */
export function limitedUntil({ status, headers }: Answer): Date | undefined {
  const after = Number(headers["retry-after"]);
  if (Number.isFinite(after) && after > 0) return new Date(Date.now() + after * 1000);
  const limited = status === 429 || headers["x-ratelimit-remaining"] === "0";
  const reset = Number(headers["x-ratelimit-reset"] ?? headers["ratelimit-reset"]);
  return limited && reset > 0 ? new Date(reset * 1000) : undefined;
}
