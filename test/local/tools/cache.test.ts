import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildKey, cacheFolder, GO_MODULES, type GoTarget } from "../../../local/tools/cache";
import { type Build, BUILDS, TOOL_NAMES, TOOLS } from "../../../local/tools/pins";

const target: GoTarget = { version: "go1.26.8", os: "linux", arch: "amd64" };

describe("the key of a build", () => {
  let modules: string;
  beforeEach(() => {
    modules = mkdtempSync(join(tmpdir(), "modules-"));
    for (const name of ["etcd", "pulumi", "language-nodejs"]) {
      cpSync(join(GO_MODULES, name), join(modules, name), { recursive: true });
    }
  });
  afterEach(() => rmSync(modules, { recursive: true }));

  const build: Build = BUILDS.etcd;
  const step = build.steps[0] ?? assert.fail();
  const changed = (part: Partial<typeof step>): Build => ({ ...build, steps: [{ ...step, ...part }] });

  for (const file of ["go.mod", "go.sum", "main.go"]) {
    it(`changes with ${file}`, () => {
      const before = buildKey(build, target, modules);
      appendFileSync(join(modules, "etcd", file), "\n// pinned anew\n");
      assert.notEqual(buildKey(build, target, modules), before);
    });
  }

  const others: [what: string, build: Build, target: GoTarget][] = [
    ["Go's version", build, { ...target, version: "go1.27.0" }],
    ["the processor", build, { ...target, arch: "arm64" }],
    ["a linker variable", changed({ variables: { "main.version": "1" } }), target],
    ["a build tag", changed({ tags: ["x"] }), target],
    ["a further name", { ...build, links: { etcd: ["etcd2"] } }, target],
  ];
  for (const [what, other, where] of others) {
    it(`changes with ${what}`, () => {
      assert.notEqual(buildKey(other, where, modules), buildKey(build, target, modules));
    });
  }

  it("does not change with a measured time", () => {
    assert.equal(buildKey(changed({ seconds: 1 }), target, modules), buildKey(build, target, modules));
  });
});

describe("the tables of tools and builds", () => {
  it("give every tool a build that makes a file of its name", () => {
    for (const tool of TOOL_NAMES) {
      const { steps, links = {} } = BUILDS[TOOLS[tool].build];
      const files = [...steps.map(({ output }) => output), ...Object.values(links).flat()];
      assert.ok(files.includes(tool), `${tool} is not among ${files.join(", ")}`);
    }
  });
});

describe("the cache folder", () => {
  it("is the user's own, wherever they keep caches", () => {
    assert.equal(cacheFolder({ RALPH_TOOLS_CACHE: "/a", XDG_CACHE_HOME: "/b" }), "/a");
    assert.equal(cacheFolder({ XDG_CACHE_HOME: "/b" }), "/b/ralph-kubernetes");
    assert.match(cacheFolder({}), /\.cache\/ralph-kubernetes$/);
  });
});
