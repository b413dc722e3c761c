import http from "node:http";
import https, { type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";

import { ToolError } from "../../lib/errors";
import { type ClusterAccess, loadConfig, logIn, Unreachable } from "./login";

export { type ClusterAccess, Unreachable };

/** Milliseconds of silence after which an API server counts as unreachable. */
const PATIENCE = 20_000;

/** Identifies these requests in an audit log. */
export const USER_AGENT = "ralphctl";

const OPTIONS: RequestOptions = {
  timeout: PATIENCE,
  headers: { accept: "application/json", "user-agent": USER_AGENT },
};

/** Objects per page of a list. */
const PAGE = 500;

/** The API server answered with an error. The message holds the status code and the server's own words. */
export class Refusal extends ToolError {
  constructor(
    readonly code: number,
    body: unknown,
  ) {
    super(`${code} ${(body as { message?: string } | undefined)?.message ?? ""}`.trim());
  }
}

/**
 * An API server, addressed by path. Every request fails with `Unreachable` if no answer arrives, and with `Refusal`
 * if the answer is not a success.
 */
export interface ClusterClient {
  /** Address of the API server. */
  readonly address: string;
  /** Namespace of the context. */
  readonly namespace?: string;
  readonly get: <T>(path: string) => Promise<T>;
  /** Reads every page of a list. */
  readonly list: <T>(path: string) => Promise<T[]>;
  /** Creates the object in the collection at the path, and returns it as the server stores it. */
  readonly create: <T>(path: string, object: object) => Promise<T>;
  /** Merges the fields into the object at the path. */
  readonly patch: (path: string, fields: object) => Promise<void>;
  readonly delete: (path: string) => Promise<void>;
}

/** The answer, or undefined if the server has no such object or resource. */
export async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && error.code === 404) return undefined;
    throw error;
  }
}

/**
 * Opens a cluster by its kubeconfig, with any login that the kubeconfig describes, and checks that the server
 * accepts it. The Kubernetes client library is used for the login alone: its typed calls read a single page, hide the
 * status code and send requests of their own.
 *
 * @throws Unreachable if the kubeconfig, the login or the server fails
 */
export async function openCluster(
  access: ClusterAccess,
  { loginTimeout }: { readonly loginTimeout?: number } = {},
): Promise<ClusterClient> {
  const config = await loadConfig(access);
  const address = config.getCurrentCluster()?.server ?? "";
  let options = await logIn(config, OPTIONS, loginTimeout);

  async function send<T>(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    object?: object,
  ): Promise<T> {
    const ask = () => request(address, path, { ...options, method }, object);
    let answer = await ask();
    if (answer.code === 401) {
      // A token expires during a long wait: log in again.
      options = await logIn(config, OPTIONS, loginTimeout);
      answer = await ask();
    }
    if (answer.code < 200 || answer.code > 299) throw new Refusal(answer.code, answer.body);
    return answer.body as T;
  }

  try {
    await send("GET", "/version");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === 401) throw new Unreachable(`${address} does not accept the credentials (401)`);
    // 403: a hardened cluster may hide its version from users who may read the rest.
    if (error.code !== 403) throw new Unreachable(`${address} does not answer: ${error.message}`);
  }

  return {
    address,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    get: (path) => send("GET", path),
    create: (path, object) => send("POST", path, object),
    patch: (path, fields) => send("PATCH", path, fields),
    delete: (path) => send("DELETE", path),
    async list<T>(path: string) {
      const items: T[] = [];
      for (let next = ""; ;) {
        const page = new URLSearchParams({ limit: String(PAGE), ...(next !== "" && { continue: next }) });
        const answer = await send<Page<T>>("GET", `${path}${path.includes("?") ? "&" : "?"}${page}`);
        items.push(...(answer.items ?? []));
        next = answer.metadata?.continue ?? "";
        if (next === "") return items;
      }
    },
  };
}

interface Page<T> {
  readonly items?: readonly T[];
  readonly metadata?: { readonly continue?: string };
}

function request(
  address: string,
  path: string,
  options: RequestOptions,
  object?: object,
): Promise<{ readonly code: number; readonly body: unknown }> {
  const url = new URL(address.replace(/\/$/, "") + path);
  return new Promise((resolve, reject) => {
    const fail = ({ message, code }: NodeJS.ErrnoException): void =>
      reject(new Unreachable(`${address} does not answer: ${message === "" ? (code ?? "") : message}`));
    const sent = (url.protocol === "http:" ? http : https).request(url, options, (response) => {
      text(response).then((body) => resolve({ code: response.statusCode ?? 0, body: parsed(body) }), fail);
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    sent.on("error", fail);
    if (object === undefined) return sent.end();
    sent.setHeader(
      "content-type",
      options.method === "PATCH" ? "application/merge-patch+json" : "application/json",
    );
    sent.end(JSON.stringify(object));
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return { message: body.trim().split("\n")[0] }; // a proxy's page, for example
  }
}
