/** Proves the responses of probes and pages, over HTTP, in each state of the runner. */
import assert from "node:assert/strict";
import type { Server } from "node:http";

import { ENDPOINTS } from "../../runner/src/contract";
import { Metrics } from "../../runner/src/metrics";
import { serve, type ServedState, unhealthy } from "../../runner/src/server";
import { freePort } from "../engine/support/prometheus";

describe("the HTTP endpoints", () => {
  let metrics: Metrics;
  let server: Server;
  let port: number;
  let unready: string | undefined;

  beforeEach(() => {
    metrics = new Metrics();
    unready = undefined;
  });
  afterEach(() => server.close());
  const up = async (served = true): Promise<void> => {
    port = await freePort();
    server = await serve(port, { metrics, served, agentTimeout: 300, unready: () => unready });
  };
  const ask = async (path: string, method = "GET"): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return [response.status, await response.text()];
  };

  it("answer by their state", async () => {
    await up();
    assert.deepEqual(await ask("/healthz"), [200, "ok\n"]);
    assert.deepEqual(await ask("/readyz?verbose"), [200, "ok\n"]);
    unready = "no key";
    assert.deepEqual(await ask("/readyz"), [503, "no key\n"]);
    assert.deepEqual(await ask("/healthz"), [200, "ok\n"]);
    metrics.lastProgress = Date.now() - 361_000;
    assert.deepEqual(await ask("/healthz"), [503, "no progress for 361 s\n"]);
    assert.equal((await ask("/metrics"))[0], 200);
    assert.deepEqual(await ask("/healthz", "HEAD"), [503, ""]);
    assert.deepEqual(await ask("/", "POST"), [405, "GET only\n"]);
    assert.deepEqual(await ask("/etc/passwd"), [404, "not found\n"]);
  });

  it("are those of a ready pod while it waits for its key, with the reason", async () => {
    port = await freePort();
    const waiting = "No key yet";
    server = await serve(port, { metrics, served: true, agentTimeout: 300, unready: () => waiting, waiting });
    assert.deepEqual(await ask("/readyz"), [200, "No key yet\n"]);
    assert.match((await ask("/"))[1], /No key yet/);
  });

  it("have no metrics when they are disabled, but the probes", async () => {
    await up(false);
    assert.deepEqual(await ask("/metrics"), [404, "disabled\n"]);
    assert.deepEqual(await ask("/healthz"), [200, "ok\n"]);
  });

  it("report a run as hung only after the agent's timeout plus a minute of silence", () => {
    const state: ServedState = { metrics, served: true, agentTimeout: 300, unready: () => undefined };
    server = { close: () => undefined } as unknown as Server;
    metrics.lastProgress = 1_000_000;
    assert.equal(unhealthy(state, 1_000_000 + 360_000), undefined);
    assert.equal(unhealthy(state, 1_000_000 + 360_001), "no progress for 360 s");
    assert.equal(unhealthy({ ...state, agentTimeout: 3600 }, 1_000_000 + 360_001), undefined);
  });

  it("are the status page alone on its own port", async () => {
    port = await freePort();
    const state = { metrics, served: true, agentTimeout: 300, unready: () => undefined };
    server = await serve(port, state, [ENDPOINTS.status]);
    const [status, page] = await ask("/");
    assert.equal(status, 200);
    assert.doesNotMatch(page, /metrics/);
    for (const path of ["/metrics", "/healthz", "/readyz", "//metrics", "/./metrics", "/%6detrics"])
      assert.deepEqual(await ask(path), [404, "not found\n"], path);
  });

  it("show a page that no prompt name can break", async () => {
    await up();
    metrics.started('<script>"&', "claude", 2);
    const [status, page] = await ask("/");
    assert.equal(status, 200);
    assert.match(page, /<td>&lt;script&gt;&quot;&amp;<\/td>/);
    assert.match(page, /<th>Iterations<\/th><td>2<\/td>/);
    assert.doesNotMatch(page, /<script/);
  });

  it("refuse a port that is in use", async () => {
    await up();
    await assert.rejects(
      serve(port, { metrics, served: true, agentTimeout: 1, unready: () => undefined }),
      /EADDRINUSE/,
    );
  });
});
