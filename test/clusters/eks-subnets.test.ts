/** Proves by properties that the subnets of a VPC are disjoint, within it, and stay where they are with more zones. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { canonical, overlaps, sizeOf } from "../../clusters/cidr";
import { covers } from "../../lib/cidr";
import { zonesOf } from "../../clusters/eks/location";
import { publicRange, subnetPlan } from "../../clusters/eks/subnets";

describe("the subnets of a VPC", () => {
  const vpc = fc
    .tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 16, max: 20 }),
    )
    .map(([second, third, bits]) => canonical(`10.${second}.${third}.0/${bits}`));
  const letters = fc.subarray(["a", "b", "c", "d", "e", "f"], { minLength: 2 });

  it("are within it, do not overlap, and the public ones are in the load balancers' range", () => {
    fc.assert(
      fc.property(vpc, letters, (cidr, of) => {
        const plan = subnetPlan(
          cidr,
          of.map((letter) => `us-west-2${letter}`),
        );
        const all = plan.flatMap((zone) => [zone.private, zone.public]);
        for (const subnet of all) {
          assert.equal(canonical(subnet), subnet);
          assert.ok(covers(cidr, subnet), `${subnet} in ${cidr}`);
          assert.ok(sizeOf(subnet) >= 16, "AWS accepts no subnet smaller than a /28");
        }
        assert.ok(
          all.every((a, i) => all.slice(i + 1).every((b) => !overlaps(a, b))),
          all.join(" "),
        );
        assert.ok(plan.every((zone) => covers(publicRange(cidr), zone.public)));
        assert.ok(plan.every((zone) => !overlaps(publicRange(cidr), zone.private)));
      }),
    );
  });

  it("do not move when a zone is added", () => {
    fc.assert(
      fc.property(vpc, letters, (cidr, of) => {
        const all = subnetPlan(cidr, zonesOf({ zones: of }, ""));
        for (const zone of all) assert.deepEqual(subnetPlan(cidr, [zone.zone]), [zone]);
      }),
    );
  });
});
