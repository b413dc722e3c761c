/**
 * Proves what ephemeral.yml brings up and takes down, by running the script of its first job as it stands there,
 * for each way in which the workflow is started. Needs bash and jq, which GitHub's machines have.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";
import { workflows } from "../support/workflows";

interface Selection {
  readonly name: string;
  readonly up: string[];
  readonly down: string[];
}

describe("what ephemeral.yml selects", () => {
  const script = workflows().find(({ name }) => name === "ephemeral.yml")?.jobs.select?.steps[0]?.run ?? "";
  let dir: string;
  before(async function () {
    if ((await run("jq", ["--version"])).code !== 0) this.skip();
    dir = mkdtempSync(join(tmpdir(), "select-"));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  async function select(env: Record<string, string>): Promise<Selection | string> {
    const output = join(dir, "output");
    writeFileSync(output, "");
    const { code, stdout } = await run("bash", ["-e", "-c", script], {
      env: { PATH: process.env.PATH, GITHUB_OUTPUT: output, GITHUB_RUN_NUMBER: "42", LABELS: "null", ...env },
    });
    if (code !== 0) return stdout.trim();
    const lines = readFileSync(output, "utf8").trim().split("\n");
    const values = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s)));
    return { name: values.name, up: JSON.parse(values.up), down: JSON.parse(values.down) } as Selection;
  }

  const pull = (action: string, labels: string[], clouds = '["gke","eks"]', removed = "") => ({
    NUMBER: "7",
    ACTION: action,
    LABELS: JSON.stringify(labels, undefined, 2),
    REMOVED: removed,
    CLOUDS: clouds,
  });
  const unlabeled = (removed: string, labels: string[]) => pull("unlabeled", labels, undefined, removed);
  const byHand = (cloud: string, keep: boolean) => ({
    CLOUD: cloud,
    KEEP: String(keep),
    CLOUDS: '["gke","eks"]',
  });

  const table: [what: string, env: Record<string, string>, expected: Selection][] = [
    ["a push without a label", pull("synchronize", ["bug"]), { name: "pr-7", up: [], down: [] }],
    [
      "a push with a label",
      pull("synchronize", ["bug", "ephemeral:eks"]),
      { name: "pr-7", up: ["eks"], down: ["eks"] },
    ],
    [
      "two labels",
      pull("labeled", ["ephemeral:gke", "ephemeral:eks"]),
      { name: "pr-7", up: ["gke", "eks"], down: ["gke", "eks"] },
    ],
    [
      "a label of a cloud that is not set up",
      pull("labeled", ["ephemeral:aks"]),
      { name: "pr-7", up: [], down: [] },
    ],
    [
      "a label that is removed, beside another",
      unlabeled("ephemeral:gke", ["ephemeral:eks"]),
      { name: "pr-7", up: [], down: ["gke"] },
    ],
    [
      "a label of something else that is removed",
      unlabeled("bug", ["ephemeral:gke"]),
      { name: "pr-7", up: [], down: [] },
    ],
    [
      "the end of a pull request with a label",
      pull("closed", ["ephemeral:gke"]),
      { name: "pr-7", up: [], down: ["gke"] },
    ],
    ["the end of a pull request without a label", pull("closed", []), { name: "pr-7", up: [], down: [] }],
    [
      "a label that is code",
      unlabeled('"] | halt_error #', ['"; touch injected; "', "$(touch injected)"]),
      { name: "pr-7", up: [], down: [] },
    ],
    [
      "a repository without a cloud",
      pull("labeled", ["ephemeral:gke"], ""),
      { name: "pr-7", up: [], down: [] },
    ],
    ["by hand", byHand("gke", false), { name: "run-42", up: ["gke"], down: ["gke"] }],
    ["by hand, to stay", byHand("gke", true), { name: "run-42", up: ["gke"], down: [] }],
  ];
  for (const [what, env, expected] of table) {
    it(`${what}: up ${expected.up.join() || "nothing"}, down ${expected.down.join() || "nothing"}`, async () => {
      assert.deepEqual(await select(env), expected);
    });
  }

  it("by hand, on a cloud that is not set up: an error that names the variable", async () => {
    assert.equal(
      await select(byHand("aks", false)),
      '::error::aks is not one of the repository\'s variable EPHEMERAL_CLOUDS: ["gke","eks"]',
    );
  });
});
