/**
 * Proves which stacks a change has previews of: by a table over the stacks of this repository, for a cloud and a
 * stack of any other name, and as the workflow runs it.
 */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { affected } from "../../ci/changed-stacks";
import { cloudStacks } from "../../ci/stack-list";
import { REPOSITORY } from "../../lib/repository";
import { run } from "../../lib/process";

describe("stacks that a change affects", () => {
  const stacks = cloudStacks();
  const all = stacks.map(({ stack }) => stack);

  const table: [paths: string[], expected: string[]][] = [
    [[], []],
    [["README.md", "docs/config.md", "test/clusters/gke.test.ts", ".github/workflows/ci.yml"], []],
    [["clusters/gke/nodes.ts"], ["gke"]],
    [
      ["clusters/gke/nodes.ts", "clusters/aks/nodes.ts", "docs/config.md"],
      ["aks", "gke"],
    ],
    [["clusters/types.ts"], all],
    [["clusters/existing/index.ts"], all],
    [["Pulumi.eks.yaml"], ["eks"]],
    [["Pulumi.local.yaml"], []],
    [["Pulumi.yaml"], all],
    [["package-lock.json"], all],
    [["workload/pod.ts"], all],
    [["prompts/task.md"], all],
    [["a-folder-of-tomorrow/x.ts"], all],
  ];
  for (const [paths, expected] of table) {
    it(`${paths.join(" ") || "nothing"}: ${expected.join(" ") || "none"}`, () => {
      assert.deepEqual(
        affected(paths, stacks).map(({ stack }) => stack),
        expected,
      );
    });
  }

  it("are those of the tree that make a cluster, of whatever name", () => {
    const dir = mkdtempSync(join(tmpdir(), "stacks-"));
    try {
      writeFileSync(join(dir, "Pulumi.yaml"), "name: ralph");
      writeFileSync(join(dir, "Pulumi.blue.yaml"), "config:\n  ralph:cloud: oke\n");
      writeFileSync(join(dir, "Pulumi.green.yaml"), "config:\n  ralph:cloud: oke\n");
      writeFileSync(join(dir, "Pulumi.home.yaml"), "config:\n  ralph:cloud: existing\n");
      writeFileSync(join(dir, "Pulumi.empty.yaml"), "");
      const own = [
        { stack: "blue", cloud: "oke" },
        { stack: "green", cloud: "oke" },
      ];
      assert.deepEqual(cloudStacks(dir), own);
      assert.deepEqual(affected(["clusters/oke.ts"], own), own);
      assert.deepEqual(affected(["Pulumi.blue.yaml"], own), own.slice(0, 1));
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("are passed to the workflow, those with access to their cloud separately", async () => {
    const tell = (ready?: string) =>
      run(process.execPath, ["-r", "./boot/loader.js", "ci/changed-stacks.ts"], {
        cwd: REPOSITORY,
        input: "clusters/gke/nodes.ts\nPulumi.eks.yaml\n",
        env: { ...process.env, PREVIEW_STACKS: ready },
      });
    const none = await tell("");
    assert.deepEqual([none.stdout, none.code], ["plans=eks gke\npreviews=[]\n", 0], none.stderr);
    const { stdout } = await tell('["gke", "aks"]');
    assert.equal(stdout, 'plans=eks gke\npreviews=[{"stack":"gke","cloud":"gke"}]\n');
  });

  describe("that cannot be read", () => {
    let tree: string;
    before(() => {
      tree = mkdtempSync(join(tmpdir(), "tree-"));
      for (const part of ["boot", "ci", "lib", "package.json"])
        cpSync(join(REPOSITORY, part), join(tree, part), { recursive: true });
      symlinkSync(join(REPOSITORY, "node_modules"), join(tree, "node_modules"));
    });
    after(() => rmSync(tree, { recursive: true }));

    const errorOf = async (stackFile: string, previews: string): Promise<string> => {
      writeFileSync(join(tree, "Pulumi.gke.yaml"), stackFile);
      const { code, stdout, stderr } = await run(
        process.execPath,
        ["-r", "./boot/loader.js", "ci/changed-stacks.ts"],
        { cwd: tree, input: "index.ts\n", env: { ...process.env, PREVIEW_STACKS: previews } },
      );
      assert.deepEqual([code, stdout], [1, ""]);
      return stderr.replaceAll(`${tree}/`, "");
    };

    it("are reported in one line, by file and reason", async () => {
      assert.match(
        await errorOf("config: {a: 1\nconfig: 2\n", ""),
        /^error: Pulumi\.gke\.yaml is not valid YAML: [^\n]+\n$/,
      );
      assert.equal(
        await errorOf("config: [1]\n", ""),
        "error: Pulumi.gke.yaml: config must be a map of keys to values; nothing was changed.\n",
      );
    });

    it("are reported if the variable is no list", async () => {
      for (const value of ["gke", '"gke"'])
        assert.equal(
          await errorOf("config: {}\n", value),
          `error: The variable PREVIEW_STACKS must be a JSON list of stacks, such as ["gke"]; it is ${value}\n`,
        );
    });
  });
});
