/** Proves that each format accepts what the API server accepts, and rejects what it rejects. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { z } from "zod";
import { isCron } from "../../config/cron";
import { cidr, dnsLabel, dnsSubdomain, duration, ingressHost, port, timeZone } from "../../config/formats";
import { parseQuantity } from "../../config/quantity";

describe("a quantity", () => {
  const good: [text: string, value: number][] = [
    ["1", 1],
    ["0.5", 0.5],
    [".5", 0.5],
    ["1.", 1],
    ["500m", 0.5],
    ["250u", 0.00025],
    ["1n", 1e-9],
    ["1k", 1000],
    ["5G", 5e9],
    ["2Gi", 2 * 1024 ** 3],
    ["1.5Gi", 1.5 * 1024 ** 3],
    ["1Ei", 1024 ** 6],
    ["1E", 1e18],
    ["1e3", 1000],
    ["1E3", 1000],
    ["1e-3", 0.001],
    ["12e+2", 1200],
    ["0", 0],
  ];
  for (const [text, value] of good) {
    it(`${text} is ${value}`, () => {
      assert.ok(Math.abs((parseQuantity(text) ?? NaN) - value) <= value * 1e-12);
    });
  }
  for (const text of [
    "",
    "Gi",
    "1 Gi",
    " 1",
    "1GB",
    "1gi",
    "1K",
    "1Mib",
    "-1",
    "+1",
    "1e",
    "1e3Gi",
    "0x10",
    "1,5",
    "NaN",
  ]) {
    it(`"${text}" is not a quantity`, () => assert.equal(parseQuantity(text), undefined));
  }

  it("grows with its number and its unit", () => {
    const units = ["n", "u", "m", "", "k", "Ki", "M", "Mi", "G", "Gi", "T", "Ti", "P", "Pi", "E", "Ei"];
    const unit = fc.integer({ min: 0, max: units.length - 2 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), unit, (count, i) => {
        const [small, more, greater] = [
          parseQuantity(`${count}${units[i]}`),
          parseQuantity(`${count + 1}${units[i]}`),
          parseQuantity(`${count}${units[i + 1]}`),
        ];
        assert.ok(small !== undefined && more !== undefined && greater !== undefined);
        assert.ok(0 < small && small < more && small < greater);
      }),
    );
  });
});

describe("a cron schedule", () => {
  const good = [
    "0 2 * * *",
    "*/15 * * * *",
    "0-30/10 8-18 * * 1-5",
    "0 0 1,15 * *",
    "0 0 1 JUL *",
    "0 0 * mar-may sun,THU",
    "5/10 * * * *",
    "? ? ? ? ?",
    "59 23 31 12 6",
    "0  2\t*  * *",
    ...["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"].map((macro) => `@${macro}`),
  ];
  for (const text of good) it(`is "${text}"`, () => assert.equal(isCron(text), true));

  const bad = [
    "",
    "daily",
    "@fortnightly",
    "0 2 * *",
    "0 0 2 * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * 32 * *",
    "* * * 13 *",
    "* * * * 7",
    "* * L * *",
    "* * 15W * *",
    "* * * * 5L",
    "* * * * 5#2",
    "H * * * *",
    "*/0 * * * *",
    "30-10 * * * *",
    "1-2-3 * * * *",
    "1,,2 * * * *",
    "-5 * * * *",
    "* * * * monday",
    "* mon * * *",
    "1.5 * * * *",
    "TZ=Europe/Berlin 0 2 * * *",
    "CRON_TZ=UTC 0 2 * * *",
  ];
  for (const text of bad) it(`is not "${text}"`, () => assert.equal(isCron(text), false));

  it("is any five fields of ranges, steps and lists within their bounds", () => {
    const field = (min: number, max: number) => {
      const value = fc.integer({ min, max });
      const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
      const whole = fc.oneof(fc.constant("*"), value.map(String), range);
      const part = fc
        .tuple(whole, fc.option(fc.integer({ min: 1, max: 99 })))
        .map(([text, step]) => (step === null ? text : `${text}/${step}`));
      return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(","));
    };
    const schedule = fc
      .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
      .map((fields) => fields.join(" "));
    fc.assert(fc.property(schedule, isCron));
  });
});

const long = (length: number) => "a".repeat(length);
const FORMS: Record<string, { schema: z.ZodType; good: unknown[]; bad: unknown[] }> = {
  "a DNS label": {
    schema: dnsLabel(),
    good: ["a", "ralph-orchestrator", "9", long(63)],
    bad: ["", "-a", "a-", "A", "a_b", "a.b", long(64), "a\n"],
  },
  "a DNS subdomain": {
    schema: dnsSubdomain,
    good: ["a", "a.b-c.d", long(253)],
    bad: ["", "a..b", ".a", "a.", "A.b", long(254)],
  },
  "a host of an ingress": {
    schema: ingressHost,
    good: ["ralph.example.com", "*.example.com", "localhost"],
    bad: ["", "*", "a.*.com", "*.*.com", "https://a.com", "a.com/x", "a.com:80", "A.com"],
  },
  "a scrape interval": {
    schema: duration,
    good: ["30s", "1m", "1m30s", "1h30m", "500ms", "1y2w3d4h5m6s7ms"],
    bad: ["", "0s", "30", "30 s", "s", "1.5m", "30s1m", "1m1m", "-1m"],
  },
  "an address range": {
    schema: cidr,
    good: ["10.0.0.0/8", "0.0.0.0/0", "169.254.169.254/32", "::/0", "fd00:ec2::254/128"],
    bad: ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::1", "::/129", "example.com/24", 10],
  },
  "a port": { schema: port, good: [1, 443, 65535], bad: [0, -1, 65536, 1.5, "443"] },
  "a time zone": {
    schema: timeZone,
    good: ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Calcutta"],
    bad: ["", "Berlin", "europe/berlin", "Local", "+01:00", "Europe/Atlantis"],
  },
};
for (const [name, { schema, good, bad }] of Object.entries(FORMS)) {
  describe(name, () => {
    for (const value of good)
      it(`is ${JSON.stringify(value)}`, () => assert.ok(schema.safeParse(value).success));
    for (const value of bad)
      it(`is not ${JSON.stringify(value)}`, () => assert.ok(!schema.safeParse(value).success));
  });
}
