/** Proves the tables and small rules of a run: exit codes, retries, the agent's stream, what the log hides. */
import assert from "node:assert/strict";
import fc from "fast-check";

import { parseStreamLine } from "../../runner/src/claude-stream";
import { exhaustedRetries, isDue, promptState, type State } from "../../runner/src/state";
import { ENDS, NEVER_RETRIED, type Outcome } from "../../runner/src/contract";
import { outcomeOf } from "../../runner/src/outcome";
import { createEcho, createLog, redactor, withoutPrompts } from "../../runner/src/log";

describe("the outcome of a run of Ralph", () => {
  const TABLE: [code: number | null, iterations: number, stopped: Outcome | undefined, outcome: Outcome][] = [
    [0, 1, undefined, "completed"],
    [0, 1, "interrupted", "completed"], // it was faster than the signal
    [1, 5, undefined, "failed"],
    [2, 50, undefined, "limit"],
    [2, 0, undefined, "failed"], // its command line was not understood
    [3, 1, undefined, "failed"],
    [130, 1, undefined, "interrupted"],
    [null, 1, "interrupted", "interrupted"], // it kills itself with its process group
    [null, 1, "limit", "limit"],
    [null, 1, undefined, "failed"], // out of memory
    [139, 1, undefined, "failed"],
  ];
  for (const [code, iterations, stopped, outcome] of TABLE) {
    it(`of exit code ${code} after ${iterations} iterations${stopped === undefined ? "" : `, stopped (${stopped})`} is ${outcome}`, () =>
      assert.equal(outcomeOf(code, iterations, stopped), outcome));
  }
  for (const [status, outcome] of [
    ["Failed: too many consecutive failures", "failed"],
    ["Failed: stale loop detected", "stuck"],
    ["Failed: loop thrashing detected", "stuck"],
    ["Failed: too many malformed JSONL events", "stuck"],
    ["Stopped manually", "stopped"],
  ] as const) {
    it(`of exit code 1 with "${status}" in Ralph's summary is ${outcome}`, () =>
      assert.equal(outcomeOf(1, 3, undefined, status), outcome));
  }
  it("has a code for each end, and Kubernetes retries what a retry can fix", () => {
    assert.deepEqual(NEVER_RETRIED, [2, 3, 4, 64, 66, 75, 78]);
    const codes = Object.values(ENDS).map(({ code }) => code);
    assert.equal(new Set(codes).size, codes.length);
    assert.ok(!NEVER_RETRIED.includes(ENDS.completed.code)); // podFailurePolicy refuses a 0
  });
});

describe("a prompt of the queue", () => {
  const AT = Date.parse("2026-01-01T00:00:00Z");
  const after = (outcome: Outcome | undefined, failures = 0): State => ({
    hash: "h",
    runs: 9, // how often it was interrupted is no fault of its own
    failures,
    seconds: 1,
    iterations: 1,
    ...(outcome === undefined ? {} : { outcome, ended: new Date(AT).toISOString() }),
  });
  const TABLE: [state: State | undefined, seconds: number, due: boolean, counts: string][] = [
    [undefined, 0, true, "pending"],
    [after(undefined, 1), 0, true, "running"], // whoever gets the claim: its worker may have died
    [after(undefined, 4), 0, true, "running"],
    [after("interrupted"), 0, true, "pending"],
    [after("completed"), 1e6, false, "completed"],
    [after("limit"), 1e6, false, "limit"],
    [after("unavailable"), 0, true, "pending"],
    [after("stuck"), 1e6, false, "failed"],
    [after("stopped"), 1e6, false, "stopped"],
    [after("failed", 1), 9, false, "pending"],
    [after("failed", 1), 10, true, "pending"],
    [after("failed", 3), 39, false, "pending"],
    [after("failed", 3), 40, true, "pending"],
    [after("failed", 4), 1e6, false, "failed"],
  ];
  for (const [state, seconds, due, counts] of TABLE) {
    it(`${state === undefined ? "without a run" : `after ${state.failures} failures, ${state.outcome ?? "not ended"}, ${seconds} s ago`}: ${due ? "due" : "not due"}, counts as ${counts}`, () => {
      assert.equal(isDue(state, AT + seconds * 1000), due);
      assert.equal(promptState(state), counts);
    });
  }
});

describe("a prompt whose runs are killed", () => {
  const killed = (failures: number): State => ({ hash: "h", runs: 9, failures, seconds: 1, iterations: 1 });
  it("is given up after three retries", () => {
    assert.deepEqual(
      [1, 3, 4].map((failures) => exhaustedRetries(killed(failures))),
      [false, false, true],
    );
    assert.ok(!exhaustedRetries({ ...killed(4), outcome: "interrupted" }));
    assert.ok(!exhaustedRetries(undefined));
  });
});

describe("a line of Claude Code's stream", () => {
  const NONE = { input: 0, output: 0, cache_read: 0, cache_write: 0 };
  it("is readable in the log, and its totals are counted once", () => {
    const content = [
      { type: "text", text: "hello" },
      { type: "tool_use", name: "Bash", input: {} },
    ];
    assert.deepEqual(
      parseStreamLine(
        JSON.stringify({ type: "assistant", message: { content, usage: { input_tokens: 9 } } }),
      ),
      {
        text: "hello\n[tool Bash]",
        costUsd: 0,
        tokens: NONE,
        answered: true,
      },
    );
    const usage = {
      input_tokens: 1,
      output_tokens: 2,
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 4,
    };
    assert.deepEqual(
      parseStreamLine(
        JSON.stringify({ duration_ms: 1, total_cost_usd: 0.5, usage, type: "result", result: "hello" }),
      ),
      {
        text: "",
        costUsd: 0.5,
        tokens: { input: 1, output: 2, cache_read: 3, cache_write: 4 },
      },
    );
    assert.equal(
      parseStreamLine('{"type":"result","is_error":true,"result":"Invalid API key"}')?.text,
      "Invalid API key",
    );
    assert.equal(
      parseStreamLine(
        '{"type":"result","is_error":true,"subtype":"error_max_budget_usd","errors":["Reached maximum budget ($0.005)"]}',
      )?.text,
      "Reached maximum budget ($0.005)",
    );
    assert.deepEqual(parseStreamLine('{"type":"system","subtype":"init"}'), {
      text: "",
      costUsd: 0,
      tokens: NONE,
    });
  });
  it("of another form is ignored, and never an error", () => {
    for (const line of ["hello", "", '{"type":"', '{"kind":"result"}', '{"type":1}', "{}"])
      assert.equal(parseStreamLine(line), undefined);
    for (const content of ['"text"', "{}", "[null]", '[{"type":"text","text":1}]'])
      assert.equal(parseStreamLine(`{"type":"assistant","message":{"content":${content}}}`)?.text, "");
    fc.assert(
      fc.property(fc.json(), (json) => {
        for (const type of ["result", "assistant", "user"]) {
          const line = `{"type":"${type}","usage":${json},"message":${json},"result":${json},"is_error":true}`;
          const { text, costUsd, tokens } = parseStreamLine(line) ?? assert.fail(line);
          assert.equal(typeof text, "string");
          for (const amount of [costUsd, ...Object.values(tokens)])
            assert.ok(amount >= 0 && amount < Infinity);
        }
      }),
    );
  });
});

describe("the log", () => {
  it("is logfmt, one field per fact", () => {
    const lines: string[] = [];
    createLog((line) => lines.push(line))("ends at once", { prompt: "a-1", iterations: 3, message: 'a "b"' });
    assert.match(
      lines.join(),
      /^time=\d{4}-\S+Z msg="ends at once" prompt=a-1 iterations=3 message="a \\"b\\""$/,
    );
  });
  it("is one JSON object a line where that is asked for, the agent's lines with their run", () => {
    const lines: string[] = [];
    const print = (line: string): unknown => lines.push(line);
    const redact = redactor(['secret"key']);
    createLog((line) => print(redact(line)), "json")("completed", { prompt: "a-1", iterations: 3 });
    createEcho(
      (line) => print(redact(line)),
      "json",
      () => ({ prompt: "a-1", run: 2, iteration: 4 }),
    )('the "key" is secret"key');
    const times = /"time":"\d{4}-[^"]+Z"/;
    assert.deepEqual(
      lines.map((line) => JSON.parse(line.replace(times, '"time":""')) as unknown),
      [
        { time: "", msg: "completed", prompt: "a-1", iterations: 3, stream: "runner" },
        { time: "", msg: 'the "key" is [redacted]', prompt: "a-1", run: 2, iteration: 4, stream: "agent" },
      ],
    );
  });
  it("hides a credential that is known only later", () => {
    const secrets = ["first"];
    const redact = redactor(secrets);
    assert.equal(redact("first, second"), "[redacted], second");
    secrets.unshift("second");
    assert.equal(redact("first, second"), "[redacted], [redacted]");
  });
  it("hides every credential, wherever and however often it is in a line", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 8 }), { minLength: 1 }),
        fc.array(fc.string()),
        (secrets, texts) => {
          const line = redactor(secrets)(texts.join(secrets[0]));
          for (const secret of secrets) assert.ok(!line.includes(secret) || "[redacted]".includes(secret));
        },
      ),
    );
  });
  it("omits the prompt that Ralph repeats before each iteration, and nothing else", () => {
    const lines: string[] = [];
    const echo = withoutPrompts((line) => lines.push(line));
    const rule = "=".repeat(80);
    for (const line of ["a", rule, "PROMPT FOR ralph (iteration 1)", "-".repeat(80), "b", rule, "c"])
      echo(line);
    assert.deepEqual(lines, ["a", "c"]);
  });
});
