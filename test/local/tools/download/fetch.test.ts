/** Proves downloads over an unreliable network, against a server on loopback. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { fetchFile, fetchText, type Limits } from "../../../../local/tools/download/fetch";
import { type Behaviour, Mirror, serve } from "../../../support/mirror";
import { environment } from "../../../support/environment";

const BODY = randomBytes(300_000);
const LIMITS: Limits = { connect: 300, answer: 300, stall: 300, pause: 1, attempts: 3, redirects: 5 };

/** Sends that many of the requested bytes, then closes the connection. */
const cut =
  (count: number): Behaviour =>
  (body, { headers }, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": body.length - start,
      ...(start > 0 && { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` }),
    });
    response.write(body.subarray(start, start + count), () => setTimeout(() => response.destroy(), 20));
  };

/** The same, but leaves the connection open. */
const stall =
  (count: number): Behaviour =>
  (body, _request, response) => {
    response.writeHead(200, { "content-length": body.length });
    response.write(body.subarray(0, count));
  };

const whole: Behaviour = (body, _request, response) => {
  response.writeHead(200, { "content-length": body.length }).end(body);
};

const redirect =
  (location: string): Behaviour =>
  (_body, _request, response) =>
    void response.writeHead(302, { location }).end();

describe("a download", () => {
  let mirror: Mirror;
  let dir: string;
  let file: string;
  beforeEach(async () => {
    mirror = await new Mirror().start();
    mirror.put("/file", BODY);
    dir = mkdtempSync(join(tmpdir(), "fetch-"));
    file = join(dir, "partial");
  });
  afterEach(async () => {
    await mirror.stop();
    rmSync(dir, { recursive: true });
  });

  const seen: (readonly [number, number | undefined])[] = [];
  const download = (path = "/file"): Promise<void> => {
    seen.length = 0;
    return fetchFile(
      `${mirror.address}${path}`,
      file,
      (received, total) => seen.push([received, total]),
      LIMITS,
    );
  };

  it("arrives completely and reports its bytes", async () => {
    await download();
    assert.deepEqual(readFileSync(file), BODY);
    assert.deepEqual(seen[0], [0, BODY.length]);
    assert.deepEqual(seen.at(-1), [BODY.length, BODY.length]);
    assert.deepEqual(mirror.requests, ["/file"]);
  });

  it("resumes where an earlier run stopped", async () => {
    writeFileSync(file, BODY.subarray(0, 100_000));
    await download();
    assert.deepEqual(readFileSync(file), BODY);
    assert.deepEqual(mirror.requests, ["/file bytes=100000-"]);
    assert.deepEqual(seen[0], [100_000, BODY.length]);
  });

  it("resumes after a cut connection, as long as that makes progress", async () => {
    const cuts = Array.from({ length: 2 * LIMITS.attempts }, () => cut(40_000));
    mirror.answer("/file", ...cuts, serve);
    await download();
    assert.deepEqual(readFileSync(file), BODY);
    const starts = mirror.requests.map((asked) => Number(/ bytes=(\d+)-$/.exec(asked)?.[1] ?? 0));
    assert.equal(starts.length, cuts.length + 1);
    assert.deepEqual(
      starts,
      [...starts].sort((a, b) => a - b),
    );
    assert.ok((starts.at(-1) ?? 0) > 100_000, `resumed at ${starts.join(", ")}`);
  });

  it("resumes after the server stalls", async () => {
    mirror.answer("/file", stall(50_000), serve);
    await download();
    assert.deepEqual(readFileSync(file), BODY);
    assert.deepEqual(mirror.requests, ["/file", "/file bytes=50000-"]);
  });

  it("starts over if the server ignores the range", async () => {
    writeFileSync(file, BODY.subarray(0, 100_000));
    mirror.answer("/file", whole);
    await download();
    assert.deepEqual(readFileSync(file), BODY);
    assert.deepEqual(seen[0], [0, BODY.length]);
  });

  it("fails if every attempt breaks off at the same byte, and keeps the partial file", async () => {
    // A destroyed connection loses what the client has not read yet, so wait until it is in the file. The first byte
    // comes alone, because a retry starts with the complete partial file of the attempt before.
    const broken: Behaviour = (body, _request, response) =>
      void (async () => {
        response.writeHead(200, { "content-length": body.length });
        for (const [start, end] of [
          [0, 1],
          [1, 70_000],
        ] as const) {
          response.write(body.subarray(start, end));
          while (statSync(file, { throwIfNoEntry: false })?.size !== end && !response.destroyed)
            await setImmediate();
        }
        response.destroy();
      })();
    mirror.answer("/file", broken);
    await assert.rejects(download(), /\/file broke off at byte 70000 of 300000$/);
    assert.deepEqual(readFileSync(file), BODY.subarray(0, 70_000));
    assert.equal(mirror.requests.length, 1 + LIMITS.attempts);
  });

  it("does not repeat a complete file", async () => {
    writeFileSync(file, BODY);
    await download();
    assert.deepEqual(readFileSync(file), BODY);
    assert.deepEqual(mirror.requests, [`/file bytes=${BODY.length}-`]);
  });

  it("starts over if the partial file is longer than the file", async () => {
    writeFileSync(file, Buffer.concat([BODY, BODY]));
    await download();
    assert.deepEqual(readFileSync(file), BODY);
  });

  it("follows redirects with its range", async () => {
    writeFileSync(file, BODY.subarray(0, 100_000));
    mirror.answer("/old", redirect("/older"));
    mirror.answer("/older", redirect(`${mirror.address}/file`));
    await download("/old");
    assert.deepEqual(readFileSync(file), BODY);
    assert.deepEqual(
      mirror.requests,
      ["/old", "/older", "/file"].map((path) => `${path} bytes=100000-`),
    );
  });

  it("fails in a redirect loop", async () => {
    mirror.answer("/loop", redirect("/loop"));
    await assert.rejects(download("/loop"), /\/loop redirects more than 5 times$/);
    assert.equal(mirror.requests.length, 6);
  });

  it("fails if the file does not exist, and keeps nothing", async () => {
    await assert.rejects(download("/other"), /^Refused: http:.*\/other responded 404$/);
    assert.equal(existsSync(file), false);
  });

  it("fails if the server does not respond in time", async () => {
    mirror.answer("/file", () => undefined);
    await assert.rejects(
      download(),
      /^NoConnection: 127\.0\.0\.1:\d+ cannot be reached \(no response in time\)$/,
    );
  });

  it("fails if the connection is refused, and does not try that host again", async () => {
    const { address } = mirror;
    await mirror.stop();
    await assert.rejects(fetchText(`${address}/file`, LIMITS), /cannot be reached \(connection refused\)$/);
    mirror = await new Mirror().start(); // on another port
    const began = Date.now();
    await assert.rejects(fetchText(`${address}/other`, LIMITS), /cannot be reached \(connection refused\)$/);
    assert.ok(Date.now() - began < 100);
  });

  it("uses the proxy of the environment", async () => {
    const asked: string[] = [];
    const proxy = createServer().on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      const [host = "", port = ""] = (request.url ?? "").split(":");
      const server = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        server.pipe(socket).pipe(server);
      });
      server.on("error", () => socket.destroy());
      socket.on("error", () => server.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const restore = environment();
    process.env.HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    delete process.env.http_proxy;
    delete process.env.no_proxy;
    delete process.env.NO_PROXY;
    try {
      mirror.put("/text", "through");
      assert.equal(await fetchText(`${mirror.address}/text`, { ...LIMITS }), "through");
      assert.deepEqual(asked, [mirror.address.replace("http://", "")]);
    } finally {
      restore();
      proxy.closeAllConnections();
      proxy.close();
    }
  });
});
