/**
 * A git server over HTTPS on loopback: git's own http-backend behind a token, with stand-ins of the APIs of GitHub,
 * GitLab and Gitea beside it. They refuse what the real ones refuse; each rule has its source in ./forges.ts.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { selfSigned } from "./self-signed";
import { type Branches, Forges } from "./forges";

const TOKEN = "github_pat_canary0123456789";

/** The text of a file, or else what it is. */
type HostFile = string | { readonly commit: string } | { readonly link: string } | { readonly bytes: Buffer };

export class GitHost {
  readonly root = mkdtempSync(join(tmpdir(), "git-host-"));
  readonly forges: Forges;
  /** Requests that reached it, in order. */
  readonly log: string[] = [];
  /** Tokens that are accepted, for git and the APIs. */
  readonly tokens = new Set([TOKEN]);
  /** Answers instead of the server, if it says so. */
  refuse: ((request: IncomingMessage) => number | undefined) | undefined;
  private server: Server | undefined;
  private port = 0;

  /** @param ip by which it is reached */
  private constructor(
    private readonly ip: string,
    private readonly name: string,
  ) {
    const branches: Branches = {
      has: (name) => this.branches().includes(name),
      ahead: (base, head) => this.git("rev-list", "--count", `${base}..${head}`) !== "0",
    };
    this.forges = new Forges(branches, this.tokens);
  }

  /** @param ip another address of this machine, for clients in networks of their own */
  static async start(ip?: string): Promise<GitHost> {
    const host = new GitHost(ip ?? "127.0.0.1", ip ?? "localhost");
    const { root } = host;
    selfSigned(root, "DNS:localhost", "IP:127.0.0.1", `IP:${host.ip}`);
    mkdirSync(join(root, "owner"));
    execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", host.repository]);
    host.git("config", "http.receivepack", "true");
    host.git("config", "uploadpack.allowFilter", "true");
    host.git("config", "uploadpack.allowAnySHA1InWant", "true");
    await host.listen();
    return host;
  }

  async listen(): Promise<void> {
    const options = {
      key: readFileSync(join(this.root, "tls.key")),
      cert: readFileSync(join(this.root, "ca.crt")),
    };
    this.server = createServer(options, (request, response) => this.answer(request, response));
    await new Promise<void>((resolve) => this.server?.listen(this.port, this.ip, resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** As if the network was cut; `listen` ends it. */
  async cut(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  async stop(): Promise<void> {
    await this.cut();
    rmSync(this.root, { recursive: true, force: true });
  }

  get address(): string {
    return `https://${this.name}:${this.port}/owner/name.git`;
  }

  get repository(): string {
    return join(this.root, "owner", "name.git");
  }

  /** Its certificate authority. */
  get ca(): string {
    return readFileSync(join(this.root, "ca.crt"), "utf8");
  }

  /** The runner's folder of credentials, as the pod's volume has it. */
  credentials(folder: string, token = TOKEN): string {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "token"), token);
    writeFileSync(join(folder, "ca.crt"), readFileSync(join(this.root, "ca.crt")));
    return folder;
  }

  git(...args: string[]): string {
    return execFileSync("git", ["-C", this.repository, ...args], { encoding: "utf8" }).trim();
  }

  branches(): string[] {
    return this.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split("\n").filter(Boolean);
  }

  /** A commit on a branch, by someone else. @param files by name; undefined for one that is removed */
  commit(branch: string, files: Readonly<Record<string, HostFile | undefined>>, message = "theirs"): string {
    const index = join(this.root, "index");
    rmSync(index, { force: true });
    const git = (args: string[], input?: string | Buffer): string =>
      execFileSync("git", ["-C", this.repository, ...args], {
        encoding: "utf8",
        input,
        env: {
          ...process.env,
          GIT_INDEX_FILE: index,
          ...Object.fromEntries(
            ["AUTHOR", "COMMITTER"].flatMap((who) => [
              [`GIT_${who}_NAME`, "Dev"],
              [`GIT_${who}_EMAIL`, "dev@localhost"],
            ]),
          ),
        },
        stdio: ["pipe", "pipe", "pipe"],
      }).trim();
    const parent = this.branches().includes(branch) ? git(["rev-parse", branch]) : undefined;
    if (parent !== undefined) git(["read-tree", parent]);
    for (const [name, text] of Object.entries(files)) {
      if (text === undefined) git(["update-index", "--index-info"], `0 ${"0".repeat(40)}\t${name}\n`);
      else {
        const write = (content: string | Buffer): string => git(["hash-object", "-w", "--stdin"], content);
        const entry =
          typeof text === "string"
            ? `100644,${write(text)}`
            : "commit" in text
              ? `160000,${text.commit}`
              : "link" in text
                ? `120000,${write(text.link)}`
                : `100644,${write(text.bytes)}`;
        git(["update-index", "--add", "--cacheinfo", `${entry},${name}`]);
      }
    }
    const commit = git([
      "commit-tree",
      ...(parent === undefined ? [] : ["-p", parent]),
      "-m",
      message,
      git(["write-tree"]),
    ]);
    git(["update-ref", `refs/heads/${branch}`, commit]);
    return commit;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.log.push(`${request.method} ${request.url}`);
    const status = this.refuse?.(request);
    if (status !== undefined) {
      response.writeHead(status).end(JSON.stringify({ message: "refused by the test" }));
      return;
    }
    if (request.url?.startsWith("/api/") === true) void this.forges.answer(request, response);
    else this.backend(request, response);
  }

  /** git-http-backend(1), a CGI program. */
  private backend(request: IncomingMessage, response: ServerResponse): void {
    const [, password] = Buffer.from((request.headers.authorization ?? "").slice(6), "base64")
      .toString()
      .split(":");
    if (password === undefined || !this.tokens.has(password)) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
      return;
    }
    const { pathname, search } = new URL(request.url ?? "/", "https://localhost");
    const child = spawn("git", ["http-backend"], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: this.root,
        GIT_HTTP_EXPORT_ALL: "1",
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        REMOTE_USER: "runner",
        REQUEST_METHOD: request.method,
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: String(request.headers["content-encoding"] ?? ""),
        ...(request.headers["content-length"] === undefined
          ? {}
          : { CONTENT_LENGTH: request.headers["content-length"] }),
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    request.pipe(child.stdin).on("error", () => undefined);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("close", () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf("\r\n\r\n");
      const headers = all
        .subarray(0, end)
        .toString()
        .split("\r\n")
        .map((line) => line.split(/: (.*)/s) as [string, string]);
      const code = headers.find(([name]) => name === "Status")?.[1];
      response.writeHead(code === undefined ? 200 : Number.parseInt(code), Object.fromEntries(headers));
      response.end(all.subarray(end + 4));
    });
  }
}
