import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import { create } from "tar";

import {
  type Platform,
  type ReleaseFile,
  type SourceName,
  SOURCES,
} from "../../local/tools/download/sources";

/** How a server responds to a request for a file. */
export type Behaviour = (body: Buffer, request: IncomingMessage, response: ServerResponse) => void;

/** Responds as a static file server does, ranges included. */
export const serve: Behaviour = (body, { headers }, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
  if (start > 0 && start >= body.length) {
    response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
    return;
  }
  const rest = body.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    "content-length": rest.length,
    ...(start > 0 && { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` }),
  });
  response.end(rest);
};

/** A mirror of the publishers on this machine's loopback: RALPH_TOOLS_MIRROR is its address. */
export class Mirror {
  /** Requests in order: the path, and the range if there was one. */
  readonly requests: string[] = [];
  private readonly files = new Map<string, Buffer>();
  private readonly behaviours = new Map<string, Behaviour[]>();
  private readonly server: Server = createServer((request, response) => {
    const path = request.url ?? "";
    const { range } = request.headers;
    this.requests.push(range === undefined ? path : `${path} ${range}`);
    const body = this.files.get(path);
    const queue = this.behaviours.get(path) ?? [];
    const behaviour = queue.length > 1 ? queue.shift() : queue[0];
    if (behaviour !== undefined) behaviour(body ?? Buffer.alloc(0), request, response);
    else if (body !== undefined) serve(body, request, response);
    else response.writeHead(404).end("no such file");
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  put(path: string, body: string | Buffer): void {
    this.files.set(path, Buffer.from(body));
  }

  /** The next requests for a path get these responses, one each; the last one stays. */
  answer(path: string, ...behaviours: Behaviour[]): void {
    this.behaviours.set(path, behaviours);
  }

  /** Path of a publisher's file on the mirror. */
  static pathOf(url: string): string {
    return url.replace(/^https:\//, "");
  }

  /**
   * Publishes a release for that platform: small programs in the real archive layout, with a checksum file. The digest
   * and the programs can be replaced by wrong ones.
   */
  async publish(
    name: SourceName,
    platform: Platform,
    { digest, programs }: { digest?: string; programs?: Readonly<Record<string, string>> } = {},
  ): Promise<ReleaseFile> {
    const file: ReleaseFile | undefined = SOURCES[name].files[platform];
    if (file === undefined) throw new Error(`${name} is not published for ${platform}`);
    const body = await pack(file.url, programs ?? file.programs);
    this.put(Mirror.pathOf(file.url), body);
    const sha256 = digest ?? createHash("sha256").update(body).digest("hex");
    const base = file.url.slice(file.url.lastIndexOf("/") + 1);
    if ("list" in file.checksum) {
      const path = Mirror.pathOf(file.checksum.list);
      this.put(path, `${this.files.get(path)?.toString() ?? ""}${sha256}  ${base}\n`);
    } else if ("digest" in file.checksum) this.put(Mirror.pathOf(file.checksum.digest), sha256);
    return file;
  }
}

/** A program of a published release. */
export const program = (name: string): string => `#!/bin/sh\necho ${name} of the mirror\n`;

async function pack(url: string, programs: Readonly<Record<string, string>>): Promise<Buffer> {
  const entries = Object.entries(programs);
  if (url.endsWith(".zip")) {
    return Buffer.from(
      zipSync(Object.fromEntries(entries.map(([name, path]) => [path, Buffer.from(program(name))]))),
    );
  }
  if (!url.endsWith(".tar.gz")) return Buffer.from(program(entries[0]?.[0] ?? ""));
  const dir = mkdtempSync(join(tmpdir(), "pack-"));
  try {
    const other = join(dirname(entries[0]?.[1] ?? ""), "README.md");
    for (const [path, text] of [
      ...entries.map(([name, path]) => [path, program(name)] as const),
      [other, "#"] as const,
    ]) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    const file = join(dir, "release.tar.gz");
    await create({ gzip: true, file, cwd: dir }, [...entries.map(([, path]) => path), other]);
    return readFileSync(file);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
