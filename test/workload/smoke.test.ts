/** Proves that ralph-smoke is a task's Job except for its agent and for `up` waiting for it, and when it is rejected. */
import assert from "node:assert/strict";
import { OWNS_ITS_FIELDS } from "../../lib/field-owner";
import { type RalphConfig, rules } from "../../workload/keys";
import { changed, defaults, KIND } from "../support/workload";

describe("Job ralph-smoke", () => {
  it("exists only if requested", async () => {
    const names = (await defaults()).ofType(KIND.job).map(({ inputs }) => inputs.metadata.name as string);
    assert.deepEqual(names, ["ralph-task"]);
  });

  it("differs from the Job of a task in its agent, its limits and in what `up` waits for, and in nothing else", async () => {
    const run = await changed({ smoke: { enabled: true } });
    const [smoke, task] = ["ralph-smoke", "ralph-task"].map((name) => run.find(KIND.job, name).inputs);
    const { metadata, spec } = smoke;
    assert.deepEqual(metadata.annotations, { "pulumi.com/replaceUnready": "true", ...OWNS_ITS_FIELDS });
    assert.equal(metadata.labels["app.kubernetes.io/component"], "smoke");
    assert.deepEqual([spec.activeDeadlineSeconds, spec.backoffLimit], [900, 1]);
    const { args, env } = spec.template.spec.containers[0];
    assert.deepEqual(args, ["--agent=smoke", "--prompt=/prompts/daily-task.md", "--max-iterations=3"]);
    assert.deepEqual(env.at(-1), { name: "RALPH_MAX_RUNTIME", value: "600" });

    const same = structuredClone(smoke);
    same.metadata = task.metadata;
    same.spec.activeDeadlineSeconds = task.spec.activeDeadlineSeconds;
    same.spec.backoffLimit = task.spec.backoffLimit;
    same.spec.template.metadata = task.spec.template.metadata;
    same.spec.template.spec.containers[0].args = task.spec.template.spec.containers[0].args;
    same.spec.template.spec.containers[0].env = task.spec.template.spec.containers[0].env;
    // The smoke agent has no key.
    const { volumes, containers } = task.spec.template.spec;
    for (const list of [volumes, containers[0].volumeMounts])
      list.splice(
        list.findIndex(({ name }: { name: string }) => name === "keys"),
        1,
      );
    assert.deepEqual(same, task);
  });

  it("is rejected if there is no prompt to run", () => {
    const config = { smoke: { enabled: true }, tasks: [], prompts: {} } as unknown as RalphConfig;
    const rule = rules.find(({ sections }) => sections.includes("smoke") && sections.includes("prompts"));
    assert.deepEqual(rule?.check(config, {} as never), [
      {
        at: ["smoke", "enabled"],
        rule: "must be false: there is no prompt to run; it is true",
        set: { value: "false" },
      },
    ]);
  });

  it("needs no key, so there is no warning about one", async () => {
    const keyless = { config: { agent: "smoke" }, tasks: [], schedules: [], apiKeys: undefined };
    const { warnings } = await changed({ ...keyless, smoke: { enabled: true } });
    assert.deepEqual(
      warnings.filter((text) => text.includes("API key")),
      [],
    );
  });
});
