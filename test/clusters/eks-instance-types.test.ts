/** Proves what the program reads off the name of an instance type: its processor, memory, CPUs and image. */
import assert from "node:assert/strict";
import {
  amiType,
  architecture,
  hasOneCpu,
  INSTANCE_TYPE,
  memoryGiB,
  releaseParameter,
} from "../../clusters/eks/machine-types";
import type { Architecture } from "../../clusters/types";

describe("an instance type", () => {
  const TYPES: readonly (readonly [string, Architecture, number | undefined])[] = [
    ["t3.medium", "amd64", 4],
    ["t3a.xlarge", "amd64", 16],
    ["t4g.medium", "arm64", 4],
    ["m5.large", "amd64", 8],
    ["m7i-flex.large", "amd64", 8],
    ["m7gd.4xlarge", "arm64", 64],
    ["m6g.medium", "arm64", 4],
    ["c7gn.medium", "arm64", 2],
    ["c6i.large", "amd64", 4],
    ["r8g.2xlarge", "arm64", 64],
    ["a1.medium", "arm64", 2],
    ["a1.large", "arm64", 4],
    ["g5.xlarge", "amd64", undefined],
    ["g5g.xlarge", "arm64", undefined],
    ["im4gn.large", "arm64", undefined],
    ["m7i.metal-24xl", "amd64", undefined],
  ];
  for (const [type, processor, memory] of TYPES) {
    it(`${type} is ${processor} with ${memory ?? "unknown"} GiB`, () => {
      assert.match(type, INSTANCE_TYPE);
      assert.deepEqual([architecture(type), memoryGiB(type)], [processor, memory]);
    });
  }

  const IMAGES: readonly (readonly [string, string])[] = [
    ["t3.medium", "amazon-linux-2023/x86_64/standard"],
    ["m7g.large", "amazon-linux-2023/arm64/standard"],
    ["g5.xlarge", "amazon-linux-2023/x86_64/nvidia"],
    ["g5g.xlarge", "amazon-linux-2023/arm64/nvidia"],
    ["inf2.xlarge", "amazon-linux-2023/x86_64/neuron"],
  ];
  for (const [type, path] of IMAGES) {
    // https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
    it(`${type} runs an image of ${path}`, () =>
      assert.equal(
        releaseParameter(amiType(type), "1.35"),
        `/aws/service/eks/optimized-ami/1.35/${path}/recommended/release_version`,
      ));
  }

  it("has one vCPU if it is of medium size and not burstable", () => {
    const one = ["a1.medium", "m3.medium", "m7g.medium", "c7gn.medium", "r8gd.medium", "x2gd.medium"];
    const more = ["t2.medium", "t3a.medium", "t4g.medium", "m7g.large", "c7i-flex.xlarge", "m7i.metal-24xl"];
    assert.deepEqual([...one, ...more].filter(hasOneCpu), one);
  });
});
