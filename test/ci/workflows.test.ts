/**
 * Proves that every workflow and action of .github/ keeps the rules in support/workflows.ts, and that every rule finds
 * each of its breaches in a copy of a committed file. How GitHub itself reads the files is not proven here: actionlint
 * and zizmor check them in ci.yml.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { CLOUDS } from "../../clusters";
import { REPOSITORY } from "../../lib/repository";
import { RULES } from "../support/workflow-rules";
import { readWorkflow, workflows, type Workflow } from "../support/workflows";

const files = workflows();
const file = (name: string): Workflow => {
  const found = files.find((each) => each.name === name);
  assert.ok(found, `there is no ${name}`);
  return found;
};

describe("the workflows", () => {
  for (const { rule, check, breaches } of RULES) {
    it(rule, () => {
      assert.deepEqual(files.flatMap(check), []);
      assert.notEqual(breaches.length, 0);
      for (const [name, from, to] of breaches) {
        const { text } = file(name);
        const broken = text.replace(from, to);
        assert.notEqual(broken, text, `${name} has no ${from}`);
        assert.notDeepEqual(check(readWorkflow(name, broken)), [], `not found in ${name}: ${from} -> ${to}`);
      }
    });
  }

  it("are the expected ones", () => {
    assert.deepEqual(files.map(({ name }) => name).sort(), [
      "actions/cloud-login",
      "actions/cosign",
      "actions/propose",
      "actions/setup",
      "ci.yml",
      "comment.yml",
      "deploy.yml",
      "drift.yml",
      "ephemeral.yml",
      "image.yml",
      "nightly.yml",
      "preview.yml",
      "reap.yml",
      "render.yml",
    ]);
  });

  it("offer every cloud", () => {
    const { inputs } = file("ephemeral.yml").triggers.workflow_dispatch as {
      inputs: { cloud: { options: string[] } };
    };
    const clouds = CLOUDS.filter((cloud) => cloud !== "existing");
    assert.deepEqual([...inputs.cloud.options].sort(), [...clouds].sort());
    for (const cloud of clouds)
      assert.match(file("actions/cloud-login").text, new RegExp(`cloud == '${cloud}'`));
  });

  it("post the results of the workflow that previews", () => {
    const { workflows } = file("comment.yml").triggers.workflow_run as { workflows: string[] };
    assert.deepEqual(workflows, [/^name: (.*)$/m.exec(file("preview.yml").text)?.[1]]);
  });

  it("have exactly their variables and environments documented in docs/ci.md", () => {
    const doc = readFileSync(join(REPOSITORY, "docs/ci.md"), "utf8");
    const used = new Set(
      files.flatMap(({ text }) => [...text.matchAll(/vars\.(\w+)/g)].map(([, name]) => name)),
    );
    const documented = new Set([...doc.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name]) => name));
    assert.deepEqual([...documented].sort(), [...used].sort());
    const environments = files.flatMap(({ jobs }) =>
      Object.values(jobs).flatMap(({ environment = [] }) => environment),
    );
    for (const each of new Set(environments)) assert.ok(doc.includes(`\`${each.split("${{")[0]}`), each);
  });

  it("pin each action to one commit", () => {
    const pins = new Set(files.flatMap(({ text }) => text.match(/[\w./-]+@[0-9a-f]{40}/g) ?? []));
    const actions = [...pins].map((pin) => pin.split("@")[0]);
    assert.deepEqual(actions.sort(), [...new Set(actions)].sort());
  });
});
