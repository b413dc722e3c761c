/** Proves where a mirror is expected to have an image: at its own path, whatever its reference has before and after that. */
import assert from "node:assert/strict";
import { mirrored } from "../../lib/image";

const DIGEST = `sha256:${"a".repeat(64)}`;
const CASES: [image: string, mirrored: string][] = [
  [
    "registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.1",
    "m.corp/x/autoscaling/cluster-autoscaler:v1.35.1",
  ],
  [`ghcr.io/owner/name@${DIGEST}`, `m.corp/x/owner/name@${DIGEST}`],
  ["localhost:5000/name:1", "m.corp/x/name:1"],
  ["library/debian:13", "m.corp/x/library/debian:13"],
  ["debian:13", "m.corp/x/debian:13"],
];

describe("a mirror", () => {
  for (const [image, expected] of CASES)
    it(`has ${image} as ${expected}`, () => assert.equal(mirrored("m.corp/x", image), expected));

  it("is not asked where none is configured", () => assert.equal(mirrored(undefined, "a.b/c:1"), "a.b/c:1"));
});
