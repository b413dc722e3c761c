import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

import { fixture } from "./fixture";

/**
 * A proxy for the API server whose lists can be stale, as those from a busy server's watch cache are: both the
 * content and the version from which a watch continues are from the past.
 */
export class LaggingServer {
  /** The stale lists, by path. */
  private readonly lists = new Map<string, Buffer>();
  private readonly administrator: Agent;
  /** Paths for which a stale list was returned. */
  readonly answered = new Set<string>();

  private constructor(
    readonly kubeconfig: string,
    private readonly server: Server,
  ) {
    const { certificateAuthority, clientCertificate, clientKey } = fixture().plane;
    this.administrator = new Agent({
      ca: readFileSync(certificateAuthority),
      cert: readFileSync(clientCertificate),
      key: readFileSync(clientKey),
    });
    server.on("request", (asked: IncomingMessage, answer: ServerResponse) => void this.pass(asked, answer));
  }

  /** Listens on a free port; the kubeconfig has the plane's own context, and is removed with the run's folder. */
  static async open(name: string): Promise<LaggingServer> {
    const { dir, plane } = fixture();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const kubeconfig = join(dir, `kubeconfig-${name}`);
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name, cluster: { server: `http://127.0.0.1:${port}` } }],
        contexts: [{ name: plane.name, context: { cluster: name, user: name } }],
        users: [{ name, user: {} }],
      }),
    );
    return new LaggingServer(kubeconfig, server);
  }

  /** Freezes the lists of this path in their current state. */
  async lag(path: string): Promise<void> {
    this.answered.delete(path);
    this.lists.set(path, await buffer(await this.ask("GET", path, { accept: "application/json" })));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = asked;
    const { pathname, searchParams } = new URL(url, "http://server");
    const past = method === "GET" && !searchParams.has("watch") ? this.lists.get(pathname) : undefined;
    if (past !== undefined) {
      this.answered.add(pathname);
      answer.writeHead(200, { "content-type": "application/json" }).end(past);
      return;
    }
    const real = await this.ask(method, url, headers, asked);
    answer.writeHead(real.statusCode ?? 502, real.headers);
    answer.flushHeaders(); // a watch sends nothing at first
    real.pipe(answer);
    answer.on("close", () => real.destroy());
  }

  private ask(
    method: string,
    path: string,
    headers: IncomingMessage["headers"],
    body?: IncomingMessage,
  ): Promise<IncomingMessage> {
    const { server } = fixture().plane;
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, server),
        {
          method,
          headers: { ...headers, host: new URL(server).host },
          agent: this.administrator,
        },
        resolve,
      );
      sent.on("error", reject);
      if (body === undefined) sent.end();
      else body.pipe(sent);
    });
  }
}
