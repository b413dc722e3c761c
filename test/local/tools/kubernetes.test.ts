/**
 * Proves that the local control plane can have the versions of Kubernetes that are promised, that each is built from what
 * its name says, and that both CIs run the ends of that range every night.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { VERSIONS } from "../../../clusters/versions";
import { REPOSITORY } from "../../../lib/repository";
import { GO_MODULES } from "../../../local/tools/cache";
import { kubernetesOf, NODE_RELEASE } from "../../../local/tools/kubernetes";

const read = (...path: string[]): string => readFileSync(join(REPOSITORY, ...path), "utf8");
const pinned = (module: string): string | undefined =>
  /\bk8s\.io\/kubernetes v(\S+)/.exec(readFileSync(join(GO_MODULES, module, "go.mod"), "utf8"))?.[1];

describe("the local control plane's Kubernetes", () => {
  for (const selected of ["1.31", "", "1.37"]) {
    it(`is built from its own module: ${selected || "the default"}`, () => {
      const { release, minor, module } = kubernetesOf(selected);
      assert.equal(pinned(module), release);
      assert.ok(release.startsWith(`${selected || "1.34"}.`));
      assert.equal(minor, Number(release.split(".")[1]));
    });
  }

  it("has programs of one name: what a control plane is does not depend on its version", () => {
    for (const selected of ["1.31", "1.37"])
      assert.equal(
        readFileSync(join(GO_MODULES, kubernetesOf(selected).module, "main.go"), "utf8"),
        readFileSync(join(GO_MODULES, kubernetesOf("").module, "main.go"), "utf8"),
      );
  });

  it("is refused in another version, with those that there are", () => {
    assert.throws(() => kubernetesOf("1.30"), /RALPH_KUBERNETES=1\.30: .* 1\.31, 1\.34, 1\.37/);
  });

  it("has the kubelet of the default", () => {
    assert.equal(pinned("node"), NODE_RELEASE);
    assert.equal(kubernetesOf("").release, NODE_RELEASE);
  });

  it("reaches from the oldest that is promised to the newest that a cloud has, and both CIs run these", () => {
    const ends = ["1.31", `1.${Math.max(...Object.values(VERSIONS).map(({ newest }) => newest))}`];
    assert.match(read("README.md"), new RegExp(`Kubernetes ${ends[0]} or newer`));
    for (const end of ends) kubernetesOf(end);
    const github = parse(read(".github", "workflows", "nightly.yml")) as {
      jobs: { kubernetes: { strategy: { matrix: { kubernetes: string[] } } } };
    };
    assert.deepEqual(github.jobs.kubernetes.strategy.matrix.kubernetes, ends);
    const gitlab = parse(read("docs", "ci", "gitlab-ci.yml")) as {
      kubernetes: { parallel: { matrix: { RALPH_KUBERNETES: string[] }[] } };
    };
    assert.deepEqual(gitlab.kubernetes.parallel.matrix, [{ RALPH_KUBERNETES: ends }]);
  });
});
