import { readFileSync } from "node:fs";
import { type Agent, request, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";

/** Milliseconds that a server may take for an answer. */
const PATIENCE = 20_000;

/** By which an audit log tells these requests from others. */
export const USER_AGENT = "ralph-doctor";

/** Where a cluster is, and as whom it is asked. */
export interface Access {
  /** Text of a kubeconfig; absent: $KUBECONFIG, or ~/.kube/config. */
  readonly kubeconfig?: string;
  /** File of a kubeconfig: the base of what it names. */
  readonly file?: string;
  /** Context in it; its current one when absent. */
  readonly context?: string;
}

export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** An API server that is only read: there is no other request than GET. */
export interface Server {
  readonly address: string;
  /** Namespace of the context. */
  readonly namespace?: string;
  /** @throws Unreachable where no answer comes back */
  readonly get: (path: string) => Promise<Answer>;
  readonly close: () => void;
}

/** Where and why a cluster cannot be reached, or lets nobody in. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/**
 * Opens a cluster by its kubeconfig, whatever way to log in it names. The client's part is that alone: its typed
 * calls would read one page, answer no status, and send what is not asked for.
 *
 * @throws Unreachable where the kubeconfig gives no way to it
 */
export async function openServer({ kubeconfig, file, context }: Access): Promise<Server> {
  // Loaded here: it takes half a second, and --help needs none of it.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  const options: RequestOptions = {
    method: "GET",
    timeout: PATIENCE,
    headers: { accept: "application/json", "user-agent": USER_AGENT },
  };
  try {
    if (file !== undefined) readFileSync(file);
    if (kubeconfig !== undefined) config.loadFromString(kubeconfig);
    else if (file !== undefined) config.loadFromFile(file);
    else config.loadFromDefault();
    if (context !== undefined) {
      if (config.getContextObject(context) === null)
        throw new Error(
          `has no context "${context}"; it has ${config.contexts.map(({ name }) => name).join(", ") || "none"}`,
        );
      config.setCurrentContext(context);
    }
    if (config.getCurrentCluster() === null) throw new Error("has no current context");
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new Unreachable(`${file ?? "the kubeconfig"}: ${(error as Error).message.trim().split("\n")[0]}`);
  }
  const address = config.getCurrentCluster()?.server ?? "";
  return {
    address,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    get: (path) => get(address, path, options),
    close: () => (options.agent as Agent | undefined)?.destroy(),
  };
}

function get(address: string, path: string, options: RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Unreachable(`${address} does not answer: ${why}`));
    const asked = request(new URL(address.replace(/\/$/, "") + path), options, (response) => {
      text(response).then(
        (body) => resolve({ code: response.statusCode ?? 0, body: parsed(body) }),
        (error: Error) => fail(error.message),
      );
    });
    asked.on("timeout", () => asked.destroy(new Error(`nothing within ${PATIENCE / 1000} s`)));
    asked.on("error", (error: NodeJS.ErrnoException) =>
      fail(error.message === "" ? (error.code ?? "") : error.message),
    );
    asked.end();
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return { message: body.trim().split("\n")[0] };
  }
}
