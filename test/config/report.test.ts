/** Proves how paths are spelled, which the engine reads back, and how an error is laid out. */
import assert from "node:assert/strict";
import { propertyPath, valueAt } from "../../config/path";
import { report } from "../../config/problems";

describe("a path", () => {
  const cases: [path: (string | number)[], spelled: string][] = [
    [["namespace"], "ralph:namespace"],
    [["config", "maxIterations"], "ralph:config.maxIterations"],
    [["resources", "limits", "ephemeral-storage"], "ralph:resources.limits.ephemeral-storage"],
    [["tasks", 0, "name"], "ralph:tasks[0].name"],
    [["prompts", "task.md"], 'ralph:prompts["task.md"]'],
    [["prompts", 'say "hi".md'], 'ralph:prompts["say \\"hi\\".md"]'],
    [["ingress", "annotations", "a/b"], 'ralph:ingress.annotations["a/b"]'],
  ];
  for (const [path, spelled] of cases)
    it(`is spelled ${spelled}`, () => assert.equal(propertyPath(path), spelled));

  it("leads to a value, or to undefined if there is none", () => {
    const root = { a: [{ b: null }], c: "text" };
    assert.equal(valueAt(root, ["a", 0, "b"]), null);
    assert.deepEqual(valueAt(root, []), root);
    for (const path of [
      ["a", 1, "b"],
      ["a", 0, "b", "c"],
      ["c", "length", "x"],
      ["d", "e"],
    ]) {
      assert.equal(valueAt(root, path), undefined);
    }
  });
});

describe("a report", () => {
  it("aligns its columns, the key first and the command last", () => {
    assert.equal(
      report("the configuration of stack gke", [
        {
          key: "ralph:autoscaling",
          rule: "minReplicas 12 is above maxReplicas 10",
          fix: "pulumi config set x 12",
        },
        { key: "gcp:project", rule: "is missing", fix: "pulumi config set gcp:project <project>" },
      ]),
      [
        "2 problems in the configuration of stack gke; nothing was changed.",
        "  ralph:autoscaling  minReplicas 12 is above maxReplicas 10  pulumi config set x 12",
        "  gcp:project        is missing                              pulumi config set gcp:project <project>",
      ].join("\n"),
    );
  });

  it("counts one problem as one", () => {
    assert.match(
      report("the configuration of stack s", [{ key: "k", rule: "r", fix: "f" }]),
      /^1 problem in the configuration of stack s;/,
    );
  });
});
