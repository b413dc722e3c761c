/** Proves where the prompts come from: the files of the repository, and the configuration, which overrides them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { changed, defaults, KIND, manifest } from "../support/workload";

const files = readdirSync("prompts").filter((name) => name.endsWith(".md"));
const texts = Object.fromEntries(files.map((name) => [name, readFileSync(`prompts/${name}`, "utf8")]));

describe("ConfigMap ralph-prompts", () => {
  it("has every prompt of the folder, including the guide's two", async () => {
    assert.ok(files.includes("task.md") && files.includes("daily-task.md"));
    assert.deepEqual((await defaults()).find(KIND.configMap, "ralph-prompts").inputs, {
      ...manifest(`
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: ralph-prompts
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
      `),
      data: texts,
    });
  });

  it("has additional prompts from the configuration, which override files", async () => {
    const run = await changed({ prompts: { "task.md": "Mine.", "more.md": "More." } });
    assert.deepEqual(run.find(KIND.configMap, "ralph-prompts").inputs.data, {
      ...texts,
      "task.md": "Mine.",
      "more.md": "More.",
    });
  });
});
