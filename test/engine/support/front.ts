import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";

import { fixture } from "./fixture";

/** A request to the API server. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body?: Readable | string;
}

/** A server before the API server: it may answer requests in its place, and passes the others on. */
export class Front {
  private constructor(
    readonly kubeconfig: string,
    private readonly server: Server,
    private readonly administrator: Agent,
  ) {}

  /**
   * Listens on a free port. The kubeconfig has the plane's own context, and is removed with the run's folder.
   *
   * @param name unique within a run @param answers whether it has answered a request
   */
  static async open(
    name: string,
    answers: (asked: IncomingMessage, answer: ServerResponse, front: Front) => Promise<boolean>,
  ): Promise<Front> {
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
    const administrator = new Agent({
      ca: readFileSync(plane.certificateAuthority),
      cert: readFileSync(plane.clientCertificate),
      key: readFileSync(plane.clientKey),
    });
    const front = new Front(kubeconfig, server, administrator);
    server.on("request", (asked: IncomingMessage, answer: ServerResponse) => {
      void answers(asked, answer, front).then((done) => (done ? undefined : front.pass(asked, answer)));
    });
    return front;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Asks the API server as its administrator. */
  ask({ method, path, headers, body }: Asked): Promise<IncomingMessage> {
    const { server } = fixture().plane;
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, server),
        { method, headers: { ...headers, host: new URL(server).host }, agent: this.administrator },
        resolve,
      );
      sent.on("error", reject);
      if (body === undefined || typeof body === "string") sent.end(body);
      else body.pipe(sent);
    });
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = asked;
    const real = await this.ask({ method, path, headers, body: asked });
    answer.writeHead(real.statusCode ?? 502, real.headers);
    answer.flushHeaders(); // a watch sends nothing at first
    real.pipe(answer);
    answer.on("close", () => real.destroy());
  }
}
