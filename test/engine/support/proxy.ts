import { connect, createServer, type Server, type Socket } from "node:net";

import { freePorts } from "../../../local/control-plane/ports";
import { fixture } from "./fixture";

/** A proxy for the API server that can be cut off: the server's certificate is valid for any port of this address. */
export class Proxy {
  private readonly sockets = new Set<Socket>();
  private silent = false;
  private server: Server | undefined;

  private constructor(private readonly port: number) {}

  static async open(): Promise<Proxy> {
    const [port = 0] = await freePorts(1);
    const proxy = new Proxy(port);
    await proxy.restore();
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Refuses connections, and closes the open ones. */
  async cut(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Accepts connections but never responds, like a firewall that drops packets. */
  async silence(): Promise<void> {
    await this.restore();
    this.silent = true;
  }

  async restore(): Promise<void> {
    await this.cut();
    this.silent = false;
    const server = createServer((client) => this.pass(client));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
  }

  private pass(client: Socket): void {
    this.track(client);
    if (this.silent) return;
    const upstream = connect(Number(new URL(fixture().plane.server).port), "127.0.0.1");
    this.track(upstream);
    client.pipe(upstream).pipe(client);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => undefined); // the other end may disconnect
    socket.on("close", () => this.sockets.delete(socket));
  }
}
