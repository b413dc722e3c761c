/** Proves the arithmetic on ranges against the platform's BlockList, and by its own laws. */
import assert from "node:assert/strict";
import { BlockList } from "node:net";
import fc from "fast-check";
import {
  addressAt,
  bitsFor,
  canonical,
  overlaps,
  rangeApart,
  resized,
  partOf,
  sizeOf,
} from "../../clusters/cidr";
import { covers } from "../../lib/cidr";
import { RFC1918 } from "../../lib/private-ranges";

const octet = fc.integer({ min: 0, max: 255 });
const address = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."));
// Few bits differ, so that ranges overlap now and then.
const near = fc
  .tuple(fc.constantFrom(10, 11), fc.constantFrom(0, 1, 128), octet, octet)
  .map((o) => o.join("."));
const cidr = fc
  .tuple(fc.oneof(near, address), fc.integer({ min: 1, max: 32 }))
  .map((parts) => parts.join("/"));

const has = (range: string, one: string): boolean => {
  const [base = "", bits] = range.split("/");
  const list = new BlockList();
  list.addSubnet(base, Number(bits), "ipv4");
  return list.check(one);
};
const firstOf = (range: string): string => canonical(range).split("/")[0] ?? "";

describe("arithmetic on ranges", () => {
  it("finds an address in a range if the platform does", () => {
    fc.assert(
      fc.property(cidr, fc.oneof(near, address), (range, one) => covers(range, one) === has(range, one)),
    );
  });

  it("finds a range in another if that has its first address and is at least as large", () => {
    fc.assert(
      fc.property(cidr, cidr, (outer, inner) => {
        assert.equal(covers(outer, inner), has(outer, firstOf(inner)) && sizeOf(inner) <= sizeOf(outer));
      }),
    );
  });

  it("finds nothing in what is no range, and no address of another family", () => {
    const wrong = ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/x", "host", "::1/129"];
    assert.deepEqual(
      [...wrong, "::1", "10.0.0.1"].filter(
        (each) => covers("10.0.0.0/8", each) || covers(each, "10.0.0.0/8"),
      ),
      ["10.0.0.1"],
    );
    assert.ok(covers("fc00::/7", "fd00:10::/32") && !covers("fd00::/16", "fc00::/7"));
  });

  it("finds two ranges disjoint, or one within the other", () => {
    fc.assert(fc.property(cidr, cidr, (a, b) => overlaps(a, b) === (covers(a, b) || covers(b, a))));
  });

  it("spells a range by its first address, as the same range", () => {
    fc.assert(
      fc.property(cidr, (range) => {
        const written = canonical(range);
        assert.equal(canonical(written), written);
        assert.ok(covers(range, written) && covers(written, range));
        assert.equal(written.split("/")[1], range.split("/")[1]);
      }),
    );
    assert.equal(canonical("203.0.113.7/24"), "203.0.113.0/24");
    assert.equal(canonical("10.0.0.10"), "10.0.0.10/32");
    assert.equal(canonical("255.255.255.255/1"), "128.0.0.0/1");
  });

  it("counts the addresses of a range from its first one", () => {
    fc.assert(
      fc.property(cidr, fc.nat(), (range, any) => {
        const n = any % sizeOf(range);
        assert.equal(addressAt(range, 0), firstOf(range));
        assert.ok(covers(range, addressAt(range, n)));
        assert.ok(!covers(range, addressAt(range, sizeOf(range))));
      }),
    );
    assert.equal(addressAt("172.20.0.0/16", 10), "172.20.0.10");
    assert.equal(addressAt("10.0.0.250/16", 256), "10.0.1.0");
  });

  it("cuts a range into disjoint parts that fill it", () => {
    fc.assert(
      fc.property(cidr, fc.integer({ min: 1, max: 3 }), (range, bits) => {
        fc.pre(sizeOf(range) >= 2 ** bits);
        const parts = Array.from({ length: 2 ** bits }, (_, n) => partOf(range, bits, n));
        assert.ok(parts.every((part) => canonical(part) === part && covers(range, part)));
        assert.ok(parts.every((part, i) => !parts.slice(0, i).some((other) => overlaps(part, other))));
        assert.equal(
          parts.reduce((sum, part) => sum + sizeOf(part), 0),
          sizeOf(range),
        );
      }),
    );
    assert.equal(partOf("10.42.0.0/16", 3, 7), "10.42.224.0/19");
  });

  it("computes the prefix of the smallest range for a number of addresses", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (addresses) => {
        const size = sizeOf(`10.0.0.0/${bitsFor(addresses)}`);
        assert.ok(addresses <= size && size / 2 < addresses);
      }),
    );
  });

  it("finds the lowest free private range, but prefers a wish", () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 13 }), fc.array(cidr, { maxLength: 5 }), (bits, others) => {
        const apart = (range: string) => !others.some((other) => overlaps(range, other));
        const all = RFC1918.flatMap((outer) =>
          Array.from({ length: sizeOf(outer) / sizeOf(`0.0.0.0/${bits}`) }, (_, i) => {
            const [head, second] = outer.split(".");
            return `${head}.${Number(second) + i * 2 ** (16 - bits)}.0.0/${bits}`;
          }),
        );
        assert.equal(rangeApart(bits, [], others), all.find(apart));
        const wish = resized("192.168.0.0/16", bits);
        assert.equal(rangeApart(bits, [wish], others), apart(wish) ? wish : all.find(apart));
      }),
    );
    assert.equal(rangeApart(20, [], ["10.0.0.0/8", "172.16.0.0/13"]), "172.24.0.0/20");
  });
});
