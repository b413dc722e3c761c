/** Proves the CronJob of a schedule as a whole; its pods are a Job's, which job.test.ts asserts in full. */
import assert from "node:assert/strict";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

describe("CronJob ralph-daily", () => {
  it("is the guide's, one run at a time", async () => {
    const run = await defaults();
    const { inputs } = run.find(KIND.cronJob, "ralph-daily");
    // The pod of a task, except for the arguments, the component label, and the keys of every agent as variables only.
    const pod = structuredClone(run.find(KIND.job, "ralph-task").inputs.spec.template);
    pod.metadata.labels["app.kubernetes.io/component"] = "schedule";
    const [container] = pod.spec.containers;
    container.args = ["--agent=auto", "--prompt=/prompts/daily-task.md"];
    container.envFrom.push({ secretRef: { name: "ralph-secrets" } });
    container.env.shift();
    for (const list of [pod.spec.volumes, container.volumeMounts])
      list.splice(
        list.findIndex(({ name }: { name: string }) => name === "keys"),
        1,
      );
    const rest = structuredClone(inputs);
    delete rest.spec.jobTemplate.spec.template;
    assert.deepEqual(podOf({ inputs }), pod);
    assert.deepEqual(
      rest,
      manifest(`
        apiVersion: batch/v1
        kind: CronJob
        metadata:
          name: ralph-daily
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
            app.kubernetes.io/component: schedule
        spec:
          schedule: "0 2 * * *"
          suspend: true
          concurrencyPolicy: Forbid
          startingDeadlineSeconds: 3600
          successfulJobsHistoryLimit: 3
          failedJobsHistoryLimit: 3
          jobTemplate:
            metadata:
              labels:
                app: ralph-orchestrator
                app.kubernetes.io/name: ralph-orchestrator
                app.kubernetes.io/component: schedule
            spec:
              backoffLimit: 3
              activeDeadlineSeconds: 14400
              podFailurePolicy:
                rules:
                  - action: FailJob
                    onExitCodes: { containerName: ralph, operator: In, values: [2, 3, 4, 64, 66, 75, 78] }
                  - action: Ignore
                    onPodConditions: [{ type: DisruptionTarget, status: "True" }]
      `),
    );
  });

  it("exists once per schedule, with its time zone, limits and arguments", async () => {
    const schedules = [
      {
        name: "hourly",
        schedule: "@hourly",
        timeZone: "Europe/Berlin",
        suspend: false,
        agent: "gemini",
        prompt: "task.md",
        maxIterations: 5,
        activeDeadlineSeconds: 900,
        backoffLimit: 1,
      },
    ];
    const run = await changed({ schedules });
    assert.equal(run.ofType(KIND.cronJob).length, 1);
    const { schedule, timeZone, suspend, jobTemplate } = run.find(KIND.cronJob, "hourly").inputs.spec;
    assert.deepEqual([schedule, timeZone, suspend], ["@hourly", "Europe/Berlin", false]);
    assert.deepEqual([jobTemplate.spec.activeDeadlineSeconds, jobTemplate.spec.backoffLimit], [900, 1]);
    const [{ args, env }] = jobTemplate.spec.template.spec.containers;
    assert.deepEqual(args, ["--agent=gemini", "--prompt=/prompts/task.md", "--max-iterations=5"]);
    assert.deepEqual(env.at(-1), { name: "RALPH_MAX_RUNTIME", value: "600" });
    assert.deepEqual((await changed({ schedules: [] })).ofType(KIND.cronJob), []);
  });
});
