/**
 * Proves what the runner sends to a collector on loopback: one trace for each run, with a span for each iteration and the
 * push of its results, as OTLP in JSON; which variables agents get so that theirs is a part of it; and that no collector, a
 * silent one or one that refuses delays nothing and costs a bounded buffer. (Jaeger itself: test/nightly/traces.test.ts.)
 */
import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { redactor } from "../../runner/src/log";
import { headerSecrets } from "../../runner/src/otlp";
import { parseSettings, type Settings } from "../../runner/src/settings";
import { Telemetry } from "../../runner/src/telemetry";

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface Sent {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number };
}
interface Request {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: readonly Attribute[];
  readonly spans: readonly Sent[];
}

const plain = (list: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));

describe("the runner's telemetry", () => {
  let server: Server;
  let requests: Request[];
  let lines: [string, object][];
  /** Status of the answers; undefined if none is given. */
  let status: number | undefined;
  const LIMITS = { interval: 20, timeout: 150, waiting: 5 };

  beforeEach(async () => {
    [requests, lines, status] = [[], [], 200];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
          resourceSpans: {
            resource: { attributes: Attribute[] };
            scopeSpans: { spans: Sent[] }[];
          }[];
        };
        const [first] = resourceSpans;
        requests.push({
          path: request.url ?? "",
          headers: request.headers,
          resource: first?.resource.attributes ?? [],
          spans: first?.scopeSpans.flatMap(({ spans }) => spans) ?? [],
        });
        if (status !== undefined) response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const telemetry = (own: NodeJS.ProcessEnv = {}): Telemetry => {
    const settings = parseSettings([], {
      RALPH_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      RALPH_OTLP_SIGNALS: "traces,metrics,logs",
      ...own,
    }) as Settings;
    const log = (message: string, fields = {}): void => void lines.push([message, fields]);
    return new Telemetry(settings, { "k8s.pod.name": "pod" }, {}, log, LIMITS);
  };

  it("is one trace of a run, its iterations and the push of its results", async () => {
    const sender = telemetry({
      RALPH_OTLP_HEADERS: "authorization=Bearer%20canary-token",
      RALPH_OTLP_ATTRIBUTES: "k8s.namespace.name=here",
    });
    const run = sender.startRun("claude", "a prompt", 2, 3);
    run.iterated(4);
    run.iterated(6); // two between two looks
    run.end("completed", { "ralph.cost_usd": 0.25 });
    run.end("failed");
    assert.equal(await sender.push(async () => false), false);
    await sender.close();
    const spans = requests.flatMap((request) => request.spans);
    const [root] = spans.filter(({ name }) => name === "run");
    assert.ok(root);
    assert.match(root.traceId, /^[0-9a-f]{32}$/);
    assert.match(root.spanId, /^[0-9a-f]{16}$/);
    assert.equal(root.parentSpanId, undefined);
    assert.deepEqual(
      spans.map(({ name, attributes, status: { code }, traceId, parentSpanId }) => [
        name,
        plain(attributes),
        code,
        traceId === root.traceId,
        parentSpanId === (name === "run" ? undefined : root.spanId),
      ]),
      [
        ...[4, 5, 6].map((count) => ["iteration", { "ralph.iteration": String(count) }, 1, true, true]),
        [
          "run",
          {
            "ralph.prompt": "a prompt",
            "ralph.agent": "claude",
            "ralph.run": "2",
            "ralph.outcome": "completed",
            "ralph.iterations": "6",
            "ralph.cost_usd": 0.25,
          },
          1,
          true,
          true,
        ],
        ["push", {}, 2, true, true],
      ],
    );
    for (const { startTimeUnixNano: from, endTimeUnixNano: to } of spans)
      assert.ok(/^\d{19}$/.test(from) && BigInt(from) <= BigInt(to));
    const [{ path, headers, resource } = assert.fail()] = requests;
    assert.equal(path, "/v1/traces");
    assert.equal(headers.authorization, "Bearer canary-token");
    assert.deepEqual(plain(resource), {
      "service.name": "ralph-runner",
      "k8s.pod.name": "pod",
      "k8s.namespace.name": "here",
    });
    assert.deepEqual(lines, []);
  });

  it("gives an agent that has telemetry the variables for it, and no other agent any", () => {
    const run = telemetry({
      RALPH_OTLP_ENDPOINT: "https://otlp.example.com",
      RALPH_OTLP_SIGNALS: "traces,logs",
      RALPH_OTLP_HEADERS: "a=b",
      RALPH_OTLP_ATTRIBUTES: "k8s.namespace.name=here",
    }).startRun("claude", "a,b", 1, 0);
    const { TRACEPARENT, ...rest } = run.variables;
    assert.match(TRACEPARENT ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.deepEqual(rest, {
      CLAUDE_CODE_ENABLE_TELEMETRY: "1",
      CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: "1",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.example.com",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_HEADERS: "a=b",
      OTEL_RESOURCE_ATTRIBUTES: "k8s.namespace.name=here,ralph.prompt=a%2Cb,ralph.agent=claude,ralph.run=1",
    });
    const variables = (agent: "gemini" | "codex", signals: string) =>
      telemetry({ RALPH_OTLP_SIGNALS: signals }).startRun(agent, "p", 1, 0).variables;
    assert.equal(variables("gemini", "traces,metrics,logs").GEMINI_TELEMETRY_LOG_PROMPTS, "false");
    assert.deepEqual(variables("gemini", "traces"), {}); // it sends all, or nothing
    assert.deepEqual(variables("codex", "traces,metrics,logs"), {});
    assert.deepEqual(
      telemetry({ RALPH_OTLP_ENDPOINT: undefined }).startRun("claude", "p", 1, 0).variables,
      {},
    );
  });

  it("sends no trace that is not wanted", async () => {
    const sender = telemetry({ RALPH_OTLP_SIGNALS: "metrics" });
    const run = sender.startRun("claude", "p", 1, 0);
    assert.equal(run.variables.TRACEPARENT, undefined);
    run.end("completed");
    await sender.close();
    assert.deepEqual(requests, []);
  });

  for (const [what, make] of [
    ["is not there", () => server.close()],
    ["is silent", () => (status = undefined)],
  ] as const)
    it(`keeps a bounded number of spans while the collector ${what}, and reports it once`, async () => {
      const sender = telemetry();
      make();
      const run = sender.startRun("claude", "p", 1, 0);
      run.iterated(50);
      run.end("completed");
      const began = performance.now();
      await sender.close();
      await sender.close();
      assert.ok(performance.now() - began < 2 * LIMITS.timeout + 1500);
      assert.deepEqual(
        lines.map(([message]) => message),
        ["cannot send traces"],
      );
      for (const { spans } of requests) assert.ok(spans.length <= LIMITS.waiting);
    });

  it("sends later what a collector missed, and not again what it refuses", async () => {
    const sender = telemetry();
    status = 503;
    sender.startRun("claude", "refused", 1, 0).end("completed");
    await sender.close();
    status = 200;
    sender.startRun("claude", "taken", 1, 0).end("stuck");
    await sender.close();
    const runs = requests
      .flatMap(({ spans }) => spans)
      .map(({ attributes }) => plain(attributes)["ralph.prompt"]);
    assert.deepEqual(runs, ["refused", "taken"]);
    assert.deepEqual(lines, [["cannot send traces", { error: "the collector answers 503" }]]);
  });

  it("keeps its headers out of the log, however they are written", () => {
    const hide = redactor(headerSecrets("authorization=Bearer%20canary%2Ftoken,x=short"));
    for (const text of ["Bearer canary/token", "canary/token", "canary%2Ftoken", "Bearer%20canary%2Ftoken"])
      assert.doesNotMatch(hide(`header ${text}`), /canary/);
  });
});
