/**
 * Proves that a real Jaeger accepts what the real runner sends, and shows it as one trace for each run, with as many
 * spans as Ralph has counted iterations; that the agent finds the trace's parent in its environment and the token of the
 * collector stays out of the log; and that a run on a collector that is not there ends as always. Ralph is real, the agent
 * is a script.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { type Child, start } from "../engine/support/children";
import { freePort } from "../engine/support/prometheus";
import { ralphOrSkip, Sandbox } from "../engine/support/runner";
import { until } from "../engine/support/until";
import { programsOrSkip } from "./go-programs";

const TOKEN = "canary-collector-token";
/** Completes at its third call, and leaves behind what it was given. */
const AGENT = `
  echo "$TRACEPARENT" >> "$SEEN_TRACES"
  echo "called with $OTEL_EXPORTER_OTLP_HEADERS"
  [ "$(wc -l < "$SEEN_TRACES")" -ge 3 ] && echo LOOP_COMPLETE
  exit 0`;

interface Tag {
  readonly key: string;
  readonly value: unknown;
}
interface Trace {
  readonly traceID: string;
  readonly spans: readonly {
    readonly operationName: string;
    readonly spanID: string;
    readonly references: readonly { readonly spanID: string }[];
    readonly tags: readonly Tag[];
  }[];
  readonly processes: Readonly<
    Record<string, { readonly serviceName: string; readonly tags: readonly Tag[] }>
  >;
}
const plain = (tags: readonly Tag[]): Record<string, unknown> =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

describe("the traces of the runner", () => {
  let box: Sandbox;
  let jaeger: Child | undefined;
  let collector: string;
  let query: string;

  before(async function () {
    const ralph = await ralphOrSkip(this);
    // The last version that Go modules serve whole: collector, memory store and query API in one process.
    const { folder } = await programsOrSkip(this, "jaeger", "1.76.0", [
      "github.com/jaegertracing/jaeger/cmd/all-in-one",
    ]);
    box = new Sandbox(ralph);
    box.prompt("job.md", "Anything.");
    box.agent("claude", AGENT);
    const at = async (): Promise<string> => `127.0.0.1:${await freePort()}`;
    [collector, query] = [await at(), await at()];
    jaeger = start(
      join(folder, "all-in-one"),
      [
        `--collector.otlp.http.host-port=${collector}`,
        `--query.http-server.host-port=${query}`,
        `--collector.otlp.grpc.host-port=${await at()}`,
        `--query.grpc-server.host-port=${await at()}`,
        `--collector.grpc-server.host-port=${await at()}`,
        `--collector.http-server.host-port=${await at()}`,
        `--admin.http.host-port=${await at()}`,
      ],
      { cwd: box.root, env: { PATH: process.env.PATH, HOME: box.root } },
    );
    await until("Jaeger answers", async () => (await traces()) !== undefined);
  });
  after(async () => {
    jaeger?.kill();
    await jaeger?.result;
    await box?.remove();
  });

  const traces = async (): Promise<Trace[] | undefined> => {
    try {
      const response = await fetch(`http://${query}/api/traces?service=ralph-runner&limit=50`);
      return response.ok ? ((await response.json()) as { data: Trace[] }).data : undefined;
    } catch {
      return undefined;
    }
  };
  const run = (endpoint: string) =>
    box.run([`--prompt=${box.path("prompts", "job.md")}`], {
      RALPH_AGENT: "claude",
      CLAUDE_API_KEY: "sk-ant-0000000000",
      RALPH_OTLP_ENDPOINT: endpoint,
      RALPH_OTLP_SIGNALS: "traces,metrics,logs",
      RALPH_OTLP_HEADERS: `authorization=Bearer%20${TOKEN}`,
      RALPH_OTLP_ATTRIBUTES: "k8s.namespace.name=here",
      SEEN_TRACES: box.path("seen"),
    });

  it("are one for each run in Jaeger, with a span for each iteration", async () => {
    const { code, stdout, stderr } = await run(`http://${collector}`);
    assert.equal(code, 0, stdout + stderr);
    const [, iterations] = /msg=completed .*iterations=(\d+)/.exec(stdout) ?? [];
    assert.equal(iterations, "3");
    assert.doesNotMatch(stdout + stderr, new RegExp(TOKEN));
    const [trace, ...more] = await until("Jaeger has the trace", async () => {
      const found = await traces();
      return found !== undefined && found.length > 0 && found;
    });
    assert.ok(trace && more.length === 0);
    const [root] = trace.spans.filter(({ operationName }) => operationName === "run");
    assert.ok(root);
    const { "ralph.prompt": prompt, ...tags } = plain(root.tags);
    assert.match(String(prompt), /^job/);
    assert.deepEqual(
      [tags["ralph.agent"], tags["ralph.outcome"], tags["ralph.run"], tags["ralph.iterations"]],
      ["claude", "completed", 1, 3],
    );
    const parts = trace.spans.filter(({ operationName }) => operationName === "iteration");
    assert.deepEqual(parts.map(({ tags: of }) => plain(of)["ralph.iteration"]).sort(), [1, 2, 3]);
    for (const { references } of parts)
      assert.deepEqual(
        references.map(({ spanID }) => spanID),
        [root.spanID],
      );
    const [sender] = Object.values(trace.processes);
    assert.equal(plain(sender?.tags ?? [])["k8s.namespace.name"], "here");
    const seen = box.read("seen").trim().split("\n");
    assert.deepEqual([...new Set(seen)], [`00-${trace.traceID}-${root.spanID}-01`]);
  });

  it("cost a run nothing if the collector is not there", async () => {
    const { code, stdout, stderr } = await run(`http://127.0.0.1:${await freePort()}`);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /msg="cannot send traces" error=.*ECONNREFUSED/);
  });
});
