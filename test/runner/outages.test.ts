/**
 * Proves how an outage of the model API is recognised in an agent's output, as its programs really print it, and how
 * long it pauses the queue. (The programs themselves: test/engine/runner-outages.test.ts.)
 */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ChosenAgent } from "../../runner/src/agents";
import { Availability } from "../../runner/src/availability";
import type { AgentName } from "../../runner/src/contract";
import { Ledger } from "../../runner/src/ledger";
import { createLog } from "../../runner/src/log";
import { Metrics } from "../../runner/src/metrics";
import { type Outage, outageInText } from "../../runner/src/outage";
import { OutageReader } from "../../runner/src/outage-reader";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("an outage in a line of text", () => {
  const NOW = Date.parse("2026-01-01T00:00:00Z");
  const TABLE: [line: string, reason: string | undefined, afterSeconds?: number][] = [
    // Gemini CLI 0.61.0
    ["[stderr] TerminalQuotaError: You have exhausted your daily quota on this model.", "quota"],
    ["TerminalQuotaError: You exceeded your current quota. Please retry in 900s.", "quota", 900],
    [
      "You have exhausted your capacity on this model. Your quota will reset after 18h25m38s.",
      "quota",
      66_338,
    ],
    ["Quota exceeded. status: 429. Please retry in 34.07s.", "rate_limit", 34.07],
    ["Attempt 1 failed with status 503. Retrying with backoff... _ApiError: {}", "overloaded"],
    ['{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}', "unauthorized"],
    ["TypeError: fetch failed sending request", "unreachable"],
    // Codex, and others of OpenAI's
    ["ERROR: unexpected status 401 Unauthorized: Missing bearer or basic authentication", "unauthorized"],
    ["ERROR: You've hit your usage limit. Try again in 3 days 4 hours.", "quota", 3 * 86_400 + 4 * 3600],
    ["stream error: exceeded retry limit, last status: 429 Too Many Requests", "rate_limit"],
    ["ERROR: exceeded retry limit, last status: 429 Too Many Requests", "rate_limit"],
    ["ERROR: Quota exceeded. Check your plan and billing details.", "quota"],
    ["ERROR: unexpected status 503 Service Unavailable: The engine is currently overloaded.", "overloaded"],
    ["ERROR: Reconnecting... waiting for network", "unreachable"],
    ["error sending request for url (https://api.openai.com/v1/responses)", "unreachable"],
    // OpenCode, Copilot, Amp
    ["\u001b[91m\u001b[1mError: \u001b[0mIncorrect API key provided.", "unauthorized"],
    [
      '{"type":"session.error","data":{"errorType":"authentication","message":"Authentication failed with provider (HTTP 401)."}}',
      "unauthorized",
    ],
    [
      '{"type":"session.error","data":{"errorType":"rate_limit","message":"429 Rate limit reached. Please try again in 900s."}}',
      "rate_limit",
      900,
    ],
    ["Error: Couldn't connect to the Amp server at https://ampcode.com/.", "unreachable"],
    // Nothing of the kind
    ["4290 tests passed in 503 s", undefined],
    ["Wrote error.ts", undefined],
  ];
  for (const [line, reason, seconds] of TABLE) {
    it(`${line.slice(0, 60)}: ${reason ?? "none"}`, () => {
      const outage = outageInText(line, NOW);
      assert.equal(outage?.reason, reason);
      assert.equal(outage?.until, seconds === undefined ? undefined : NOW + seconds * 1000);
    });
  }
});

describe("the output of an agent's call", () => {
  const claude = (message: object): string => JSON.stringify(message);
  const RETRY = (attempt: number, error: string, status: number | null) =>
    claude({
      type: "system",
      subtype: "api_retry",
      attempt,
      max_retries: 10,
      retry_delay_ms: 500,
      error_status: status,
      error,
    });
  const ERROR = (error: string, text: string) =>
    claude({ type: "assistant", error, message: { content: [{ type: "text", text }] } });
  const ANSWER = claude({ type: "assistant", message: { content: [{ type: "text", text: "Hello" }] } });
  const RESULT = (fields: object) => claude({ type: "result", is_error: true, ...fields });
  const RESETS = 1796044420;

  const CALLS: [
    what: string,
    agent: AgentName,
    lines: string[],
    code: number,
    outage: Partial<Outage> | undefined,
  ][] = [
    [
      "is an outage of a refused key",
      "claude",
      [ERROR("authentication_failed", "Invalid API key")],
      1,
      { reason: "unauthorized", message: "Invalid API key" },
    ],
    [
      "is an outage without credit",
      "claude",
      [ERROR("billing_error", "Credit balance is too low")],
      1,
      { reason: "quota" },
    ],
    [
      "is an outage until a subscription's reset",
      "claude",
      [
        claude({
          type: "rate_limit_event",
          rate_limit_info: { status: "rejected", resetsAt: RESETS, rateLimitType: "five_hour" },
        }),
        ERROR("rate_limit", "You've hit your 5-hour limit"),
      ],
      1,
      { reason: "quota", message: "five_hour limit", until: RESETS * 1000 },
    ],
    [
      "is an outage if no connection succeeds",
      "claude",
      [RETRY(1, "unknown", null)],
      1,
      { reason: "unreachable" },
    ],
    [
      "is an outage if the stream breaks off",
      "claude",
      [RESULT({ terminal_reason: "api_error", api_error_status: null, result: "Connection error." })],
      1,
      { reason: "unreachable" },
    ],
    ["is no outage if it succeeds", "claude", [RETRY(1, "overloaded", 529), ANSWER], 0, undefined],
    [
      "is no outage if the model answered since, and it failed for another reason",
      "claude",
      [RETRY(1, "overloaded", 529), ANSWER, RESULT({ subtype: "error_max_budget_usd" })],
      1,
      undefined,
    ],
    [
      "is no outage if its request is invalid",
      "claude",
      [ERROR("invalid_request", "Prompt is too long")],
      1,
      undefined,
    ],
    ["is no outage if its tools speak of one", "claude", ["429 Too Many Requests"], 1, undefined],
    [
      "is no outage if a limit is only near",
      "claude",
      [
        claude({
          type: "rate_limit_event",
          rate_limit_info: { status: "allowed_warning", resetsAt: RESETS },
        }),
      ],
      1,
      undefined,
    ],
    [
      "is an outage with the time that any line names",
      "gemini",
      ["status: 429", "Please retry in 900s (429)"],
      1,
      { reason: "rate_limit", message: "status: 429" },
    ],
    [
      "is no outage if that was long ago",
      "gemini",
      ["status: 429", ...Array.from({ length: 300 }, () => "work")],
      1,
      undefined,
    ],
  ];
  for (const [what, agent, lines, code, expected] of CALLS) {
    it(`of ${agent} ${what}`, () => {
      const reader = new OutageReader(agent);
      for (const line of lines) assert.equal(reader.line(line), undefined);
      const outage = reader.ended(code);
      assert.deepEqual(outage === undefined ? undefined : { ...outage, ...expected }, outage);
      assert.equal(outage === undefined, expected === undefined);
      assert.equal(reader.ended(1), undefined); // of that call only
    });
  }

  const STREAM = (message: string) =>
    `[stderr] timestamp=t level=ERROR run=r message="stream error" small=false error.error="AI_APICallError: ${message}"`;
  const ENDLESS: [agent: AgentName, line: string, reason: Outage["reason"], lines: number][] = [
    ["codex", "[stderr] ERROR: Reconnecting... waiting for network", "unreachable", 5],
    ["opencode", STREAM("Rate limit reached."), "rate_limit", 5],
    ["opencode", STREAM("Rate limit reached. Please try again in 900s."), "rate_limit", 1],
  ];
  for (const [agent, line, reason, lines] of ENDLESS) {
    it(`of ${agent} is not waited for after ${lines} of: ${line.slice(-40)}`, () => {
      const reader = new OutageReader(agent);
      const results = Array.from({ length: lines }, () => reader.line(line)?.reason);
      assert.deepEqual(results, [...Array.from({ length: lines - 1 }, () => undefined), reason]);
    });
  }
  it("is waited for if it passes", () => {
    const reader = new OutageReader("codex");
    for (let i = 0; i < 9; i++) {
      assert.equal(reader.line("ERROR: Reconnecting... waiting for network"), undefined);
      if (i % 3 === 0) assert.equal(reader.line("codex"), undefined);
    }
  });

  it("is not waited for once a key is refused twice, which Claude Code would retry for minutes", () => {
    const reader = new OutageReader("claude");
    assert.equal(reader.line(RETRY(1, "authentication_failed", 401)), undefined);
    assert.equal(reader.line(RETRY(2, "authentication_failed", 401))?.reason, "unauthorized");
  });
});

describe("a pause", () => {
  let folder: string;
  let now: number;
  let lines: string[];
  let metrics: Metrics;
  const never = new AbortController().signal;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "runner-pause-"));
    now = Date.parse("2026-01-01T00:00:00Z");
    lines = [];
    metrics = new Metrics();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** @param script of an agent that is found as `gemini` */
  const availability = (script = "exit 0", limit?: number): Availability => {
    const program = join(folder, "agent");
    writeFileSync(program, `#!/bin/bash\necho call >> ${join(folder, "calls")}\n${script}\n`);
    chmodSync(program, 0o755);
    const agent: ChosenAgent = { name: "gemini", backend: "gemini", program, env: process.env };
    const timing = { first: MINUTE, longest: HOUR, probe: 300 };
    return new Availability(
      agent,
      metrics,
      createLog((line) => lines.push(line)),
      new Ledger(join(folder, "spent"), "pod", limit, () => now),
      undefined,
      timing,
      () => now,
    );
  };
  const length = ({ pause }: Availability): number => (pause?.next ?? assert.fail("no pause")) - now;
  const OUTAGE: Outage = { reason: "rate_limit", message: "Too many" };

  it("grows from a minute to an hour, and starts again after a call that succeeded", () => {
    const api = availability();
    const lengths = Array.from({ length: 8 }, () => (api.failed(OUTAGE), length(api) / MINUTE));
    assert.deepEqual(lengths, [1, 2, 4, 8, 16, 32, 60, 60]);
    api.worked();
    api.failed(OUTAGE);
    assert.equal(length(api), MINUTE);
  });

  it("lasts until the reset that the answer names, but for an hour at most", () => {
    const api = availability();
    api.failed({ ...OUTAGE, until: now + 15 * MINUTE });
    assert.equal(length(api), 15 * MINUTE);
    api.failed({ ...OUTAGE, until: now + 30 * HOUR });
    assert.equal(length(api), HOUR);
    api.failed({ ...OUTAGE, until: now - 1 });
    assert.equal(length(api), 4 * MINUTE);
  });

  it("ends after a call of its own that is answered, with one line at its start and one at its end", async () => {
    const api = availability(`[ -e ${join(folder, "up")} ] || { echo 'status: 429' >&2; exit 1; }`);
    assert.ok(await api.ready(never));
    api.failed(OUTAGE);
    assert.ok(!(await api.ready(never)));
    assert.ok(!existsSync(join(folder, "calls")), "it asks only when the pause is over");
    now += MINUTE;
    assert.ok(!(await api.ready(never)));
    assert.equal(length(api), 2 * MINUTE);
    assert.match(
      api.problem ?? "",
      /^The model API is unavailable \(rate_limit\): status: 429\. Next attempt at 2026-01-01T00:03:00\.000Z\.$/,
    );
    assert.equal(metrics.unavailable, "rate_limit");
    writeFileSync(join(folder, "up"), "");
    now += 2 * MINUTE;
    assert.ok(await api.ready(never));
    assert.deepEqual([api.problem, metrics.unavailable], [undefined, undefined]);
    assert.deepEqual(
      lines.map((line) => /msg=("[^"]*"|\S+)(?: .*(seconds=\d+))?/.exec(line)?.slice(1)),
      [
        ['"the model API is unavailable"', undefined],
        ['"the model API is available again"', "seconds=180"],
      ],
    );
  });

  it("goes on if that call is not answered in time, or fails without a word", async () => {
    for (const [script, result] of [
      ["sleep 60 & wait", { message: "no answer" }],
      ["echo broken; exit 41", { message: "broken", crashed: true }],
    ] as const) {
      assert.deepEqual(await availability(script).probe(never), { reason: "unreachable", ...result });
    }
  });

  it("for the day's budget lasts until midnight UTC, for all workers, and needs no call to end", async () => {
    const api = availability("exit 1", 5);
    const other = new Ledger(join(folder, "spent"), "other", 5, () => now);
    other.add(3);
    other.add(1.5);
    assert.ok(await api.ready(never));
    other.add(0.5);
    assert.ok(!(await api.ready(never)));
    assert.deepEqual([api.pause?.next, metrics.unavailable], [now + 24 * HOUR, "budget"]);
    assert.match(
      api.problem ?? "",
      /^Paused until 2026-01-02T00:00:00\.000Z: the \$5 of this day \(UTC\) are spent\. Raise/,
    );
    now += 24 * HOUR;
    assert.ok(await api.ready(never));
    assert.deepEqual([metrics.unavailable, existsSync(join(folder, "calls"))], [undefined, false]);
    assert.equal(other.left, 5);
  });

  it("is no longer caused by a prompt that alone sees an outage, each time for an hour", async () => {
    const api = availability();
    for (let i = 0; i < 6; i++) {
      assert.ok(!api.answersOthers);
      api.failed(OUTAGE);
      now += HOUR;
      assert.ok(await api.ready(never));
    }
    assert.ok(api.answersOthers);
    api.worked();
    assert.ok(!api.answersOthers);
  });
});
