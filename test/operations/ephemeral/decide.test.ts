/**
 * Proves which stacks a reaper may take, as a table over all that counts: only one of this project that is
 * certainly ephemeral, expired, unprotected and idle. Whatever else is known of a stack, it stays.
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { moment } from "../../../clusters/lifetime";
import { type Candidate, decide } from "../../../operations/ephemeral/decide";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const PAST = "2026-11-25T11:59:59Z";
const FUTURE = "2026-11-25T12:00:01Z";

const record = { cloud: "gke", expires: PAST, owner: "team-a" };
const expired: Candidate = {
  stack: "pr-1",
  project: "ralph",
  record,
  output: { expires: PAST, owner: "team-a" },
  finished: true,
  resources: 40,
  guarded: [],
  busy: false,
};

/** What differs from a stack that has expired, and what is said of it. */
const TABLE: readonly (readonly [name: string, differs: Partial<Candidate>, keep: string | undefined])[] = [
  ["expired", {}, undefined],
  ["expired in this very second", { record: { ...record, expires: moment(NOW) } }, undefined],
  ["expired, of a backend without tags", { record: undefined }, undefined],
  ["expired before its first run has ended", { output: undefined, finished: false, resources: 7 }, undefined],
  [
    "expired with nothing in it",
    { project: undefined, output: undefined, finished: false, resources: 0 },
    undefined,
  ],
  ["fresh", { record: { ...record, expires: FUTURE }, output: { expires: FUTURE } }, `expires at ${FUTURE}`],
  [
    "made longer by a run that did not end",
    { record: { ...record, expires: FUTURE } },
    `expires at ${FUTURE}`,
  ],
  ["made longer by its configuration", { output: { expires: FUTURE } }, `expires at ${FUTURE}`],
  ["protected", { guarded: ["cluster-gke"] }, "is protected: cluster-gke"],
  ["of another project", { project: "website" }, "belongs to the project website"],
  ["locked", { busy: true }, "is being updated"],
  ["production", { record: undefined, output: undefined }, "is not ephemeral"],
  ["made permanent", { output: undefined }, "is no longer ephemeral, since its last update"],
  ["of a broken tag", { record: undefined, unreadable: "{" }, "its tag cannot be read: {"],
  [
    "of an invalid expiry time",
    { record: { ...record, expires: "soon" }, output: undefined, finished: false },
    'has an invalid expiry time: "soon"',
  ],
];

describe("a stack that is", () => {
  for (const [name, differs, keep] of TABLE) {
    it(`${name} is ${keep === undefined ? "reaped" : "kept"}`, () => {
      const { verdict, reason } = decide({ ...expired, ...differs }, NOW);
      assert.deepEqual(
        { verdict, reason },
        keep === undefined
          ? { verdict: "reap", reason: `has expired: it is ${moment(NOW)}` }
          : { verdict: "keep", reason: keep },
      );
    });
  }
});

describe("a reaper", () => {
  const text = fc.constantFrom(PAST, FUTURE, "soon", "");
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const candidate: fc.Arbitrary<Candidate> = fc.record({
    stack: fc.constant("pr-1"),
    project: maybe(fc.constantFrom("ralph", "website")),
    record: maybe(text.map((expires) => ({ cloud: "gke", expires }))),
    unreadable: maybe(fc.constant("{")),
    output: maybe(text.map((expires) => ({ expires }))),
    finished: fc.boolean(),
    resources: fc.nat(3),
    guarded: fc.constantFrom([], ["cluster"]),
    busy: fc.boolean(),
  });

  it("reaps nothing that has any reason to be kept", () => {
    fc.assert(
      fc.property(candidate, (each) => {
        if (decide(each, NOW).verdict === "keep") return;
        const ends = [each.record?.expires, each.output?.expires].filter((end) => end !== undefined);
        assert.notEqual(each.project, "website");
        assert.equal(each.unreadable, undefined);
        assert.ok(ends.includes(PAST) && !ends.includes(FUTURE));
        assert.ok(!(each.finished && each.output === undefined));
        assert.deepEqual(each.guarded, []);
        assert.equal(each.busy, false);
      }),
      { numRuns: 2000 },
    );
  });

  it("decides the same at any later time", () => {
    fc.assert(
      fc.property(candidate, fc.nat(10 ** 10), (each, later) => {
        if (decide(each, NOW).verdict === "reap") assert.equal(decide(each, NOW + later).verdict, "reap");
      }),
    );
  });
});
