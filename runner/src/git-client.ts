import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import type { GitServer, Published } from "./git-server";
import { COMMITS, type Notes } from "./git-service";
import { GitSession, type SessionContext } from "./git-session";
import type { Log } from "./log";
import { headsOf, type Upstream } from "./remote";
import type { Report } from "./report";

/** Milliseconds that the container `git` may take to start or to restart. */
const START = 30_000;

/**
 * Reaches the server by way of the pod's container `git`, which has the credentials. Only objects and names pass between
 * them, through a socket: they share no files.
 */
export class GitClient implements GitServer {
  constructor(
    private readonly context: SessionContext,
    private readonly socket: string,
    private readonly log: Log,
  ) {}

  async fetch(branch?: string): Promise<Upstream> {
    return GitSession.run(this.context, undefined, async (session) => {
      // What this volume has of the repository, a new pod need not fetch again. If an agent damaged it, it does.
      await this.send(session, await session.present(session.known())).catch(() => undefined);
      const upstream = await this.ask<Upstream>("/fetch", { branch });
      const wanted = [...new Set([upstream.base, upstream.pushed].flatMap((commit) => commit ?? []))];
      const here = await session.present(wanted);
      const missing = wanted.filter((commit) => !here.includes(commit));
      if (missing.length === 0) return upstream;
      const have = await session.present(session.known());
      await session.unpack(await this.call("/pack", JSON.stringify({ want: missing, have })), missing);
      return upstream;
    });
  }

  async publish(work: string, branch: string, report?: Report): Promise<Published | undefined> {
    const heads = await headsOf(work, this.context.env);
    if (heads === undefined) return undefined;
    await GitSession.run(this.context, work, (session) =>
      this.send(
        session,
        heads.map(({ commit }) => commit),
      ),
    );
    const { notes, published } = await this.ask<Notes & { readonly published: Published }>("/publish", {
      heads,
      branch,
      report,
    });
    for (const [message, fields] of notes) this.log(message, fields);
    return published;
  }

  /** Sends what the container has not. */
  private async send(session: GitSession, commits: readonly string[]): Promise<void> {
    const theirs = await this.ask<string[]>("/known", {});
    const missing = commits.filter((commit) => !theirs.includes(commit));
    if (missing.length === 0) return;
    const pack = session.pack(missing, await session.present(theirs));
    (await this.call("/objects", pack, { [COMMITS]: missing.join() })).resume();
  }

  private async ask<T>(path: string, content: object): Promise<T> {
    return JSON.parse(await text(await this.call(path, JSON.stringify(content)))) as T;
  }

  /** @returns the answer's body */
  private async call(
    path: string,
    content: string | Readable,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<IncomingMessage> {
    const { signal, timing } = this.context;
    const stop = new AbortController();
    const timers: NodeJS.Timeout[] = [];
    const hurry = (): void => void timers.push(setTimeout(() => stop.abort(), timing.last));
    if (signal.aborted) hurry();
    else signal.addEventListener("abort", hurry, { once: true });
    try {
      if (typeof content === "string") await this.started();
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const options = { socketPath: this.socket, path, method: "POST", headers, signal: stop.signal };
        const call = request(options, resolve).on("error", reject);
        if (typeof content === "string") call.end(content);
        else content.on("error", (error) => call.destroy(error)).pipe(call);
      });
      if (answer.statusCode === 200) return answer;
      throw new Error(await text(answer));
    } catch (error) {
      throw stop.signal.aborted ? new Error("timed out") : error;
    } finally {
      timers.forEach(clearTimeout);
      signal.removeEventListener("abort", hurry);
    }
  }

  private async started(): Promise<void> {
    for (const until = Date.now() + START; ; await delay(250)) {
      const reason = await new Promise<string | undefined>((resolve) => {
        request({ socketPath: this.socket, path: "/", method: "GET" }, (answer) => {
          answer.resume();
          resolve(undefined);
        })
          .on("error", ({ message }) => resolve(message))
          .end();
      });
      if (reason === undefined) return;
      if (Date.now() >= until || this.context.signal.aborted)
        throw new Error(`the pod's container git does not answer: ${reason}`);
    }
  }
}
