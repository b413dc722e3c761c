import assert from "node:assert/strict";

import { GO, type Range, TOOLS, type Version } from "../../../local/tools/pins";
import { inRange, parseVersion } from "../../../local/tools/versions";

describe("versions of installed tools", () => {
  const answers: [answer: string, version: Version | undefined][] = [
    ["v3.259.0", [3, 259, 0]],
    ["Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", [1, 32, 4]],
    ["etcd Version: 3.6.13\nGit SHA: Not provided\nGo Version: go1.26.8", [3, 6, 13]],
    ["Kubernetes v1.34.4", [1, 34, 4]],
    ["kwok version v0.8.0 go1.26.8 (linux/amd64)", [0, 8, 0]],
    ["go version go1.26.8 linux/amd64", [1, 26, 8]],
    ["go version go1.27rc1 linux/amd64", [1, 27, 0]],
    ["command not found", undefined],
  ];
  for (const [answer, version] of answers) {
    it(`reads ${JSON.stringify(answer.split("\n")[0])}`, () =>
      assert.deepEqual(parseVersion(answer), version));
  }

  const usable = (tool: keyof typeof TOOLS): Range =>
    TOOLS[tool].usable?.range ?? assert.fail(`${tool} has no range`);
  const verdicts: [name: string, range: Range, version: Version, verdict: boolean][] = [
    ["pulumi without --skip-plugin-pre-install", usable("pulumi"), [3, 237, 0], false],
    ["pulumi with it", usable("pulumi"), [3, 238, 0], true],
    ["pulumi 4", usable("pulumi"), [4, 0, 0], false],
    ["kubectl two minors behind", usable("kubectl"), [1, 32, 9], false],
    ["kubectl one minor behind", usable("kubectl"), [1, 33, 0], true],
    ["kubectl one minor ahead", usable("kubectl"), [1, 35, 99], true],
    ["kubectl two minors ahead", usable("kubectl"), [1, 36, 0], false],
    ["Debian's etcd", usable("etcd"), [3, 4, 23], false],
    ["etcd without RequestWatchProgress", usable("etcd"), [3, 5, 12], false],
    ["etcd with it", usable("etcd"), [3, 5, 13], true],
    ["kube-apiserver of another minor", usable("kube-apiserver"), [1, 35, 0], false],
    ["kwok without stage steps", usable("kwok"), [0, 7, 0], false],
    ["go 1.25", GO.range, [1, 25, 9], false],
    ["go 2", GO.range, [2, 0, 0], true],
  ];
  for (const [name, range, version, verdict] of verdicts) {
    it(`${verdict ? "takes" : "refuses"} ${name}`, () => assert.equal(inRange(version, range), verdict));
  }
});
