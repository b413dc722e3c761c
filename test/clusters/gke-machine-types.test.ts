/** Proves what the program reads from the name of a Google machine type: its size, and which disks it supports. */
import assert from "node:assert/strict";
import { machineSize, needsHyperdisk } from "../../clusters/gke/machine-types";

describe("the name of a Google machine type", () => {
  const cases: [string, number | undefined, number | undefined][] = [
    ["n1-standard-2", 2, 7.5],
    ["n1-highcpu-4", 4, 3.6],
    ["e2-medium", 2, 4],
    ["e2-highcpu-4", 4, 4],
    ["n2-highmem-8", 8, 64],
    ["c3-standard-4-lssd", 4, 16],
    ["n2-custom-4-10240", 4, 10],
    ["custom-2-4096", 2, 4],
    ["n2d-custom-2-65536-ext", 2, 64],
    ["a2-highgpu-1g", undefined, undefined],
  ];
  for (const [type, cpus, gib] of cases) {
    it(`${type}: ${cpus} vCPU, ${gib} GiB`, () => {
      const size = machineSize(type);
      assert.equal(size?.cpus, cpus);
      assert.ok(gib === undefined ? size === undefined : Math.abs((size?.gib ?? 0) - gib) < 1e-9);
    });
  }

  it("and knows which series support only Hyperdisk", () => {
    const only = ["c4-standard-4", "c4a-highmem-8", "c4d-standard-8-lssd", "n4-custom-4-16384"].concat(
      ["n4a-standard-2", "n4d-standard-2", "m4-megamem-28", "x4-megamem-960-metal", "h4d-standard-192"],
      ["g4-standard-48", "a4-highgpu-8g", "a4x-highgpu-4g", "a3-ultragpu-8g"],
    );
    const both = ["n1-standard-2", "e2-medium", "c3-standard-4", "c3d-standard-4", "t2d-standard-4"].concat(
      ["n2-custom-4-10240", "custom-2-4096", "m3-megamem-64", "h3-standard-88", "a3-highgpu-8g"],
      ["z3-highmem-88", "f1-micro"],
    );
    assert.deepEqual([...only, ...both].filter(needsHyperdisk), only);
  });
});
