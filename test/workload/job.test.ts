/** Proves the Job of a task as a whole, how a task becomes arguments, and that Ralph ends before its Job. */
import assert from "node:assert/strict";
import type { StackConfig } from "../support/stack";
import { changed, defaults, KIND, manifest } from "../support/workload";

const job = async (config: StackConfig, name: string) =>
  (await changed(config)).find(KIND.job, name).inputs.spec;

describe("Job ralph-task", () => {
  it("is the guide's, restricted like the worker, with a volume of its own", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.job, "ralph-task").inputs,
      manifest(`
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: ralph-task
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
            app.kubernetes.io/component: task
          annotations:
            pulumi.com/waitFor: jsonpath={.metadata.uid}
        spec:
          backoffLimit: 3
          activeDeadlineSeconds: 14400
          podFailurePolicy:
            rules:
              - action: FailJob
                onExitCodes:
                  containerName: ralph
                  operator: In
                  values: [2, 3, 4, 64, 66, 75, 78]
              - action: Ignore
                onPodConditions:
                  - type: DisruptionTarget
                    status: "True"
          template:
            metadata:
              annotations:
                cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
              labels:
                app: ralph-orchestrator
                app.kubernetes.io/name: ralph-orchestrator
                app.kubernetes.io/component: task
            spec:
              serviceAccountName: ralph-sa
              automountServiceAccountToken: false
              enableServiceLinks: false
              restartPolicy: Never
              terminationGracePeriodSeconds: 60
              securityContext:
                runAsNonRoot: true
                runAsUser: 1000
                runAsGroup: 1000
                fsGroup: 1000
                fsGroupChangePolicy: OnRootMismatch
                seccompProfile:
                  type: RuntimeDefault
              containers:
                - name: ralph
                  image: ghcr.io/mikeyobrien/ralph-orchestrator:v1.0.0
                  imagePullPolicy: IfNotPresent
                  args:
                    - --agent=claude
                    - --prompt=/prompts/task.md
                    - --max-iterations=50
                  envFrom:
                    - configMapRef:
                        name: ralph-config
                  env:
                    # The other agents' keys are not in its pod.
                    - name: CLAUDE_API_KEY
                      valueFrom:
                        secretKeyRef: { name: ralph-secrets, key: CLAUDE_API_KEY, optional: true }
                    - name: HOME
                      value: /home/ralph
                    - name: RALPH_MAX_RUNTIME
                      value: "14100"
                  ports:
                    - name: metrics
                      containerPort: 8080
                  resources:
                    requests: { memory: 2Gi, cpu: "1", ephemeral-storage: 1Gi }
                    limits: { memory: 4Gi, cpu: "2", ephemeral-storage: 10Gi }
                  securityContext:
                    allowPrivilegeEscalation: false
                    capabilities:
                      drop: [ALL]
                    readOnlyRootFilesystem: true
                  volumeMounts:
                    - { name: workspace, mountPath: /workspace }
                    - { name: cache, mountPath: /app/.cache }
                    - { name: prompts, mountPath: /prompts, readOnly: true }
                    - { name: keys, mountPath: /etc/ralph/keys, readOnly: true }
                    - { name: home, mountPath: /home/ralph }
                    - { name: tmp, mountPath: /tmp }
                    - { name: output, mountPath: /output }
              volumes:
                # Not the workers' claim: one node mounts it, and that node may be full.
                - name: workspace
                  emptyDir: {}
                - name: cache
                  persistentVolumeClaim:
                    claimName: ralph-cache
                - name: prompts
                  configMap:
                    name: ralph-prompts
                - name: keys
                  secret:
                    secretName: ralph-secrets
                    items: [{ key: CLAUDE_API_KEY, path: CLAUDE_API_KEY }]
                    defaultMode: 0o440
                    optional: true
                - name: home
                  emptyDir: {}
                - name: tmp
                  emptyDir: {}
                - name: output
                  emptyDir: {}
      `),
    );
  });

  const args: [task: StackConfig, args: string[]][] = [
    [{ prompt: "task.md" }, ["--agent=auto", "--prompt=/prompts/task.md"]],
    [
      { prompt: "daily-task.md", agent: "q", maxIterations: 3 },
      ["--agent=q", "--prompt=/prompts/daily-task.md", "--max-iterations=3"],
    ],
  ];
  for (const [task, expected] of args) {
    it(`of ${JSON.stringify(task)} runs with ${expected.join(" ")}`, async () => {
      const { template } = await job({ tasks: [{ name: "a", ...task }] }, "a");
      assert.deepEqual(template.spec.containers[0].args, expected);
    });
  }

  const runtimes: [what: string, config: StackConfig, task: StackConfig, seconds: string][] = [
    ["the configured one where it ends early enough", { maxRuntime: 600 }, {}, "600"],
    ["lowered below the deadline", { maxRuntime: 14400 }, { activeDeadlineSeconds: 3600 }, "3300"],
    ["the task's own", { maxRuntime: 600 }, { maxRuntime: 900 }, "900"],
    ["the task's own at its greatest", {}, { maxRuntime: 14100 }, "14100"],
  ];
  for (const [what, config, task, seconds] of runtimes) {
    it(`has a maximum runtime: ${what}`, async () => {
      const spec = await job({ config, tasks: [{ name: "a", prompt: "task.md", ...task }] }, "a");
      const { env } = spec.template.spec.containers[0];
      assert.deepEqual(env.at(-1), { name: "RALPH_MAX_RUNTIME", value: seconds });
    });
  }

  it("exists once per task, with the task's retries and deadline", async () => {
    const tasks = [
      { name: "a", prompt: "task.md", backoffLimit: 0, activeDeadlineSeconds: 600 },
      { name: "b", prompt: "task.md" },
    ];
    const run = await changed({ tasks });
    assert.deepEqual(
      run
        .ofType(KIND.job)
        .map(({ inputs: { metadata, spec } }) => [
          metadata.name,
          spec.backoffLimit,
          spec.activeDeadlineSeconds,
        ])
        .sort(),
      [
        ["a", 0, 600],
        ["b", 3, 14400],
      ],
    );
    assert.deepEqual((await changed({ tasks: [] })).ofType(KIND.job), []);
  });

  it("has the task's own limit in dollars and hats, which override those of all pods", async () => {
    const own = { agent: "claude", maxCostUsd: 2.5, hats: "builtin:review" };
    const spec = await job(
      { config: { agent: "claude", maxCostUsd: 20 }, tasks: [{ name: "a", prompt: "task.md", ...own }] },
      "a",
    );
    assert.deepEqual(spec.template.spec.containers[0].env.slice(-2), [
      { name: "RALPH_MAX_COST_USD", value: "2.5" },
      { name: "RALPH_HATS", value: "builtin:review" },
    ]);
  });

  it("names its Kueue queue in a label of the Job, of a schedule's Jobs too, and leaves its suspension to Kueue", async () => {
    const run = await changed({
      tasks: [{ name: "a", prompt: "task.md", queue: "team-a" }],
      schedules: [{ name: "b", schedule: "0 2 * * *", prompt: "task.md", queue: "team-b" }],
    });
    const { metadata, spec } = run.find(KIND.job, "a").inputs;
    assert.equal(metadata.labels["kueue.x-k8s.io/queue-name"], "team-a");
    assert.ok(!("suspend" in spec));
    const { jobTemplate } = run.find(KIND.cronJob, "b").inputs.spec;
    assert.equal(jobTemplate.metadata.labels["kueue.x-k8s.io/queue-name"], "team-b");
    assert.ok(!("suspend" in jobTemplate.spec));
  });

  it("shares the workspace if many nodes can mount it", async () => {
    const run = await changed({ persistence: { workspace: { accessMode: "ReadWriteMany" } } });
    assert.deepEqual(run.find(KIND.job, "ralph-task").inputs.spec.template.spec.volumes[0], {
      name: "workspace",
      persistentVolumeClaim: { claimName: "ralph-workspace" },
    });
  });
});
