import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

import { COMMIT_ID } from "./contract";
import type { DirectServer } from "./git-server";
import { GitSession, type SessionContext } from "./git-session";
import type { Log } from "./log";
import { gitReason } from "./own-git";
import type { Heads } from "./remote";
import type { Report } from "./report";

/** The header with the commits that a pack is of. */
export const COMMITS = "x-commits";
/** A report has a prompt, of which a ConfigMap has up to 1 MB, as JSON. */
const MAX_BYTES = 8_000_000;

/** What the work of the container has to say in the runner's log. */
export interface Notes {
  readonly notes: readonly Parameters<Log>[];
}

export interface GitServiceContext {
  readonly session: SessionContext;
  readonly branchPrefix: string;
  /** The server, which writes to this log. */
  readonly server: (log: Log) => DirectServer;
  readonly log: Log;
  /** Keeps secrets out of what the runner gets. */
  readonly redact: (text: string) => string;
}

/**
 * The pod's container `git`: the only one with the credentials for the git server. Its socket is open to the agent too,
 * which can so read the repository and push to branches with the prefix. Where a push goes, and which files it may change,
 * is decided here, by this container's own settings.
 */
export class GitService {
  private readonly http: Server;
  /** One request at a time. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly context: GitServiceContext) {
    this.http = createServer({ requestTimeout: 0 }, (request, response) => {
      this.turn = this.turn.then(() => this.answer(request, response));
    });
  }

  async listen(socket: string): Promise<void> {
    rmSync(socket, { force: true }); // of a container that was killed
    await new Promise<void>((resolve, reject) => this.http.on("error", reject).listen(socket, resolve));
  }

  async close(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { redact, log } = this.context;
    const json = (value: unknown): void => void response.end(redact(JSON.stringify(value)));
    try {
      switch (request.url) {
        case "/":
          return json({});
        case "/known":
          return json(await this.session(async (session) => session.present(session.known())));
        case "/objects": {
          const commits = commitsIn(String(request.headers[COMMITS]).split(","));
          await this.session((session) => session.unpack(request, commits));
          return json({});
        }
        case "/pack": {
          const { want, have } = await contentOf(request);
          return await this.session(async (session) => {
            const others = await session.present(commitsIn(have));
            await pipeline(session.pack(commitsIn(want), others), response);
          });
        }
        case "/fetch": {
          const { branch } = await contentOf(request);
          const named = branch === undefined ? undefined : this.branchIn(branch);
          return json(await this.context.server(log).fetch(named));
        }
        case "/publish": {
          const { branch, heads, report } = await contentOf(request);
          const notes: Parameters<Log>[] = [];
          const server = this.context.server((...note) => {
            log(...note);
            notes.push(note);
          });
          const published = await server.publishHeads(
            headsIn(heads),
            this.branchIn(branch),
            report as Report | undefined,
          );
          return json({ notes, published });
        }
        default:
          throw new Error("there is no such request");
      }
    } catch (error) {
      const reason = redact(gitReason(error));
      log("refused", { request: request.url ?? "", error: reason });
      if (response.headersSent) response.destroy();
      else response.writeHead(400).end(reason);
      request.resume();
    }
  }

  private session<T>(body: (session: GitSession) => Promise<T>): Promise<T> {
    return GitSession.run(this.context.session, undefined, body);
  }

  private branchIn(branch: unknown): string {
    const { branchPrefix } = this.context;
    if (
      typeof branch === "string" &&
      branch.startsWith(branchPrefix) &&
      /^(?!.*\.\.)\w[\w./-]*$/.test(branch)
    )
      return branch;
    throw new Error(`only branches with the prefix ${branchPrefix} can be pushed`);
  }
}

async function contentOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error("the request is too long");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString()) as Readonly<Record<string, unknown>>;
}

function commitsIn(values: unknown): string[] {
  if (Array.isArray(values) && values.every((each) => COMMIT_ID.test(String(each))))
    return values.map(String);
  throw new Error("these are no commits");
}

function headsIn(values: unknown): Heads {
  const heads = Array.isArray(values) ? (values as { name?: unknown; commit?: unknown }[]) : [];
  const [first, ...others] = heads.map(({ name, commit }) => ({
    name: String(name),
    commit: commitsIn([commit])[0] ?? "",
  }));
  if (first === undefined) throw new Error("there is no commit to push");
  return [first, ...others];
}
