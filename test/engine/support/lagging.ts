import { buffer } from "node:stream/consumers";

import { Front } from "./front";

/**
 * An API server whose lists can be stale, as those from a busy server's watch cache are: both the content and the
 * version from which a watch continues are from the past.
 */
export class LaggingServer {
  private constructor(
    private readonly front: Front,
    /** The stale lists, by path. */
    private readonly lists: Map<string, Buffer>,
    /** Paths for which a stale list was returned. */
    readonly answered: Set<string>,
  ) {}

  static async open(name: string): Promise<LaggingServer> {
    const lists = new Map<string, Buffer>();
    const answered = new Set<string>();
    const front = await Front.open(name, ({ method, url = "" }, answer) => {
      const { pathname, searchParams } = new URL(url, "http://server");
      const past = method === "GET" && !searchParams.has("watch") ? lists.get(pathname) : undefined;
      if (past !== undefined) {
        answered.add(pathname);
        answer.writeHead(200, { "content-type": "application/json" }).end(past);
      }
      return Promise.resolve(past !== undefined);
    });
    return new LaggingServer(front, lists, answered);
  }

  get kubeconfig(): string {
    return this.front.kubeconfig;
  }

  /** Freezes the lists of this path in their current state. */
  async lag(path: string): Promise<void> {
    this.answered.delete(path);
    const headers = { accept: "application/json" };
    this.lists.set(path, await buffer(await this.front.ask({ method: "GET", path, headers })));
  }

  close(): Promise<void> {
    return this.front.close();
  }
}
