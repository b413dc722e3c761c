/** Proves the arithmetic on ranges against the platform's own list of ranges, and by its laws. */
import assert from "node:assert/strict";
import { BlockList } from "node:net";
import fc from "fast-check";
import { canonical, contains, overlaps, sizeOf } from "../../clusters/cidr";

const octet = fc.integer({ min: 0, max: 255 });
const address = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."));
// Few bits differ, so that ranges meet now and then.
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
  it("finds an address in a range where the platform does", () => {
    fc.assert(
      fc.property(cidr, fc.oneof(near, address), (range, one) => contains(range, one) === has(range, one)),
    );
  });

  it("finds a range in another where its first address is and it is no larger", () => {
    fc.assert(
      fc.property(cidr, cidr, (outer, inner) => {
        assert.equal(contains(outer, inner), has(outer, firstOf(inner)) && sizeOf(inner) <= sizeOf(outer));
      }),
    );
  });

  it("finds two ranges apart, or one within the other: there is nothing between", () => {
    fc.assert(fc.property(cidr, cidr, (a, b) => overlaps(a, b) === (contains(a, b) || contains(b, a))));
  });

  it("writes a range by its first address, as the same range", () => {
    fc.assert(
      fc.property(cidr, (range) => {
        const written = canonical(range);
        assert.equal(canonical(written), written);
        assert.ok(contains(range, written) && contains(written, range));
        assert.equal(written.split("/")[1], range.split("/")[1]);
      }),
    );
    assert.equal(canonical("203.0.113.7/24"), "203.0.113.0/24");
    assert.equal(canonical("10.0.0.10"), "10.0.0.10/32");
    assert.equal(canonical("255.255.255.255/1"), "128.0.0.0/1");
  });
});
