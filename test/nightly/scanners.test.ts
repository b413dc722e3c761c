/**
 * Proves what four scanners find: zizmor and actionlint nothing in .github/, and checkov and kube-score, in the manifests
 * that `./ralphctl render` writes for each committed stack, the rules alone that docs/security.md exempts. A scanner that is
 * not installed is skipped by its name.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { committedStacks } from "../../ci/comment";
import { run } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";
import { block } from "../support/markdown";

const isInstalled = async (program: string): Promise<boolean> =>
  (await run("/bin/sh", ["-c", 'command -v "$0"', program])).code === 0;

async function scan(program: string, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, words, { cwd: REPOSITORY, timeout: 300_000 });
  assert.notEqual(stdout, "", stderr);
  return stdout;
}

describe("scanners of the workflows", () => {
  for (const [program, words] of [
    ["zizmor", ["--offline", "--persona", "auditor", "--format", "plain", ".github"]],
    ["actionlint", []],
  ] as const)
    it(`${program} finds nothing`, async function () {
      if (!(await isInstalled(program))) this.skip();
      const { code, stdout, stderr } = await run(program, words, { cwd: REPOSITORY });
      assert.equal(code, 0, stdout + stderr);
    });
});

interface CheckovReport {
  readonly summary: { readonly passed: number };
  readonly results: { readonly failed_checks: readonly { readonly check_id: string }[] };
}

interface ScoredObject {
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
  }[];
}

/** The grade of a check that kube-score has nothing to say about. */
const ALL_OK = 10;

/** Rules that the manifests break, a folder for each stack. */
const SCANNERS: Readonly<Record<string, (folder: string) => Promise<string[]>>> = {
  async checkov(folder) {
    const text = await scan(
      "checkov",
      ...["--directory", folder, "--framework", "kubernetes", "--output", "json", "--quiet"],
    );
    const { summary, results } = JSON.parse(text) as CheckovReport;
    assert.ok(summary.passed > 100, `${summary.passed} checks`);
    return results.failed_checks.map(({ check_id }) => check_id);
  },
  // It takes objects of one name for one object, so it reads one stack at a time.
  async "kube-score"(folder) {
    const found: string[] = [];
    for (const stack of readdirSync(folder)) {
      const files = readdirSync(join(folder, stack), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".yaml"))
        .map((file) => join(folder, stack, file));
      const objects = JSON.parse(
        await scan("kube-score", "score", "--output-format", "json", ...files),
      ) as ScoredObject[];
      assert.ok(objects.length > 5, `${objects.length} objects of ${stack}`);
      found.push(
        ...objects.flatMap(({ checks }) =>
          checks.filter(({ skipped, grade }) => !skipped && grade < ALL_OK).map(({ check }) => check.id),
        ),
      );
    }
    return found;
  },
};

describe("scanners of the manifests", () => {
  const text = readFileSync(join(REPOSITORY, "docs/security.md"), "utf8");
  const exempt = [...block(text, "exemptions manifests").matchAll(/^\| ([^|]+)\|/gm)]
    .slice(2) // the head
    .flatMap(([, ids = ""]) => ids.trim().split(", "));
  const ofCheckov = (id: string): boolean => id.startsWith("CKV");
  let dir: string;
  before(async function () {
    this.timeout("120s");
    dir = mkdtempSync(join(tmpdir(), "scan-"));
    for (const stack of committedStacks(REPOSITORY)) {
      const words = ["render", "--stack", stack, "--out", join(dir, stack)];
      const { code, stderr } = await run("./ralphctl", words, { cwd: REPOSITORY });
      assert.equal(code, 0, stderr);
    }
  });
  after(() => rmSync(dir, { recursive: true }));

  for (const [program, broken] of Object.entries(SCANNERS))
    it(`${program} finds only what docs/security.md exempts`, async function () {
      if (!(await isInstalled(program))) this.skip();
      assert.deepEqual(
        [...new Set(await broken(dir))].sort(),
        exempt.filter((id) => ofCheckov(id) === (program === "checkov")).sort(),
      );
    });
});
