/** Proves how durations and times are read, and that a time survives as a tag of every cloud. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { moment, momentOfTag, parseMoment, tagsOf } from "../../clusters/lifetime";
import { parseTtl, schema } from "../../stack/ephemeral";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a time to live", () => {
  const read: Readonly<Record<string, number | undefined>> = {
    "15m": 15 * MINUTE,
    "8h": 8 * HOUR,
    "90m": 90 * MINUTE,
    "1d12h": 36 * HOUR,
    "6d23h60m": 7 * DAY,
    "7d": 7 * DAY,
    "14m": undefined,
    "7d1m": undefined,
    "0h": undefined,
    "": undefined,
    "8": undefined,
    "1h2d": undefined,
    "1.5h": undefined,
    "-8h": undefined,
    "8h ": undefined,
    "30s": undefined,
  };
  for (const [text, expected] of Object.entries(read)) {
    it(`${JSON.stringify(text)} is ${expected === undefined ? "invalid" : `${expected} ms`}`, () =>
      assert.equal(parseTtl(text), expected));
  }
});

describe("an expiry", () => {
  const moments = fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => seconds * 1000);

  it("is read as it is written, and has one spelling", () => {
    fc.assert(fc.property(moments, (time) => assert.equal(parseMoment(moment(time)), time)));
    for (const other of [
      "2026-11-25T08:00:00.000Z",
      "2026-11-25T08:00:00+00:00",
      "2026-11-25",
      "2026-11-25T24:00:00Z",
      "2026-02-30T08:00:00Z",
      "soon",
    ]) {
      assert.equal(parseMoment(other), undefined, other);
    }
  });

  it("may be without quotes in a stack file: the engine then passes it as Go prints a time", () => {
    assert.equal(schema.parse({ expires: "2026-11-25 08:00:00 +0000 UTC" }).expires, "2026-11-25T08:00:00Z");
    assert.equal(schema.safeParse({ expires: "2026-11-25 08:00:00 +0100 CET" }).success, false);
  });

  it("becomes a tag that every cloud accepts, and is read from it", () => {
    fc.assert(
      fc.property(moments, (time) => {
        const expires = tagsOf({ expires: moment(time) }).expires ?? "";
        // Google's rule for the value of a label, the narrowest of the three.
        assert.match(expires, /^[a-z0-9_-]{1,63}$/);
        assert.equal(momentOfTag(expires), moment(time));
      }),
    );
    for (const other of ["", "never", "2026-13-25t08-00-00z", "2026-11-25T08:00:00Z"]) {
      assert.equal(momentOfTag(other), undefined, other);
    }
  });
});
