/**
 * Proves what an edit of the configuration touches: exactly the objects listed, and never the data. No edit that
 * keeps the claims and the namespace configured deletes or replaces them; an edit that removes them fails the same
 * check. And on the server: a changed prompt, value or key rolls the worker and replaces nothing, a changed task
 * reruns alone, and the number of replicas keeps its owner.
 */
import assert from "node:assert/strict";

import { type Operation, touched } from "./support/events";
import { everything, get, kubectl, list, type Live } from "./support/kubectl";
import { type Outcome, Stack, type Values } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "edits";
const WORKER = "update Deployment ralph";
const QUOTA = "update ResourceQuota ralph-quota";
const SCHEDULE = "update CronJob ralph-schedule-ralph-daily";
const TASK = "replace Job ralph-task-ralph-task";

interface Edit {
  readonly what: string;
  readonly config: Values;
  /** Operations other than reads. */
  readonly touches: readonly string[];
  readonly warning?: RegExp;
  /** Whether the run fails because the edit cannot work. */
  readonly refused?: true;
  /** Logical names of the data that it deletes, as the configuration requests. */
  readonly givesUp?: readonly string[];
}

const EDITS: readonly Edit[] = [
  {
    what: "the image",
    config: { image: { tag: "v1.0.1" } },
    touches: [WORKER, SCHEDULE],
  },
  {
    what: "the resources",
    config: { resources: { limits: { memory: "8Gi" } } },
    touches: [WORKER, SCHEDULE, QUOTA, "update LimitRange ralph-limits"],
  },
  {
    what: "a pull Secret that exists elsewhere",
    config: { imagePullSecrets: [{ name: "regcred" }] },
    touches: [WORKER, SCHEDULE],
  },
  {
    what: "a git remote whose key is stored elsewhere",
    config: { git: { remote: "git@github.com:owner/results.git", existingSecret: "deploy-key" } },
    touches: [
      ...[WORKER, SCHEDULE, "update ConfigMap ralph-config", "update NetworkPolicy ralph-network-policy"],
      QUOTA, // for the container with the credentials
    ],
  },
  {
    what: "the size of both volumes",
    config: { persistence: { workspace: { size: "20Gi" }, cache: { size: "6Gi" } } },
    touches: ["update PersistentVolumeClaim ralph-workspace", "update PersistentVolumeClaim ralph-cache"],
  },
  {
    what: "the storage class of the workspace",
    config: { persistence: { storageClass: "other" } },
    touches: [],
    warning: /ralph-workspace stays ReadWriteOnce on standard; ReadWriteOnce on other needs a new claim/,
  },
  {
    what: "the storage class of the cache",
    config: { persistence: { cache: { storageClass: "other" } } },
    touches: [],
    warning: /ralph-cache stays ReadWriteMany on standard-rwx; ReadWriteMany on other needs a new claim/,
  },
  {
    what: "the access mode of the workspace",
    config: { persistence: { workspace: { accessMode: "ReadWriteMany" } } },
    touches: [WORKER, SCHEDULE],
    warning:
      /ralph-workspace stays ReadWriteOnce on standard; ReadWriteMany on standard-rwx needs a new claim/,
    refused: true,
  },
  {
    what: "the namespace",
    config: { namespace: "elsewhere" },
    touches: [],
    warning: /Namespace edits cannot be renamed to elsewhere/,
  },
  {
    what: "every optional object, disabled",
    config: {
      autoscaling: { enabled: false },
      networkPolicy: { enabled: false },
      ingress: { enabled: false },
      monitoring: { enabled: false },
      argocd: { enabled: false },
      tasks: [],
      schedules: [],
    },
    touches: [
      WORKER,
      QUOTA,
      "delete HorizontalPodAutoscaler ralph-hpa",
      "delete NetworkPolicy ralph-network-policy",
      "delete Ingress ralph-ingress",
      "delete Service ralph-status",
      "delete ServiceMonitor ralph-servicemonitor",
      "delete PrometheusRule ralph-prometheusrule",
      "delete ConfigMap ralph-dashboard",
      "delete ConfigMap ralph-prometheus-config",
      "delete Application ralph-argocd-application",
      "delete Job ralph-task-ralph-task",
      "delete CronJob ralph-schedule-ralph-daily",
    ],
  },
  {
    what: "one more task and one more schedule",
    config: {
      tasks: [
        { name: "another", prompt: "task.md" },
        { name: "ralph-task", agent: "claude", prompt: "task.md", maxIterations: 50 },
      ],
      schedules: [
        { name: "hourly", schedule: "0 * * * *", prompt: "task.md" },
        { name: "ralph-daily", schedule: "0 2 * * *", suspend: true, agent: "auto", prompt: "daily-task.md" },
      ],
    },
    touches: ["create Job ralph-task-another", "create CronJob ralph-schedule-hourly", QUOTA],
  },
  {
    what: "the namespace of Argo CD",
    config: {
      argocd: {
        enabled: true,
        repoURL: "https://github.com/mikeyobrien/ralph-orchestrator",
        namespace: "cd",
      },
    },
    touches: ["replace Application ralph-argocd-application"],
  },
  {
    what: "persistence, disabled",
    config: { persistence: { enabled: false } },
    touches: [
      WORKER,
      SCHEDULE,
      TASK,
      "delete PersistentVolumeClaim ralph-workspace",
      "delete PersistentVolumeClaim ralph-cache",
    ],
    givesUp: ["ralph-workspace", "ralph-cache"],
  },
  {
    what: "the workspace, to an existing claim",
    config: { persistence: { workspace: { existingClaim: "copied" } } },
    touches: [WORKER, "delete PersistentVolumeClaim ralph-workspace"],
    givesUp: ["ralph-workspace"],
  },
];

/** Names of claims and namespaces that an operation would delete. */
const endangered = (operations: readonly Operation[]): string[] =>
  operations
    .filter(({ type }) => /:(PersistentVolumeClaim|Namespace)$/.test(type))
    .filter(({ op }) => !["same", "update"].includes(op))
    .map(({ name }) => name)
    .sort();

describe("an edit", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create({ namespace: NAMESPACE });
    await up();
  });
  after(() => stack.remove());

  async function up(): Promise<Outcome> {
    const outcome = await stack.up();
    assert.equal(outcome.code, 0, outcome.stdout);
    return outcome;
  }

  describe("in a preview: a change of", () => {
    for (const { what, config, touches, warning, refused = false, givesUp = [] } of EDITS) {
      it(`${what} touches ${touches.length} objects${givesUp.length > 0 ? ", data among them" : ""}`, () =>
        stack.configuredAs(config, async () => {
          const { code, stdout, operations, diagnostics } = await stack.preview();
          assert.equal(code !== 0, refused, stdout);
          assert.deepEqual(touched(operations), [...touches].sort());
          assert.deepEqual(endangered(operations), [...givesUp].sort());
          const warnings = diagnostics.filter(({ message }) =>
            / stays | cannot be renamed to /.test(message),
          );
          assert.equal(warnings.length, warning === undefined ? 0 : 1);
          if (warning !== undefined) assert.match(warnings[0]?.message ?? "", warning);
        }));
    }
  });

  /** Uids of all objects except pods and ReplicaSets, which every rollout replaces. */
  async function identities(): Promise<Record<string, string>> {
    const lasting = (await everything(NAMESPACE)).filter(({ kind }) => !["Pod", "ReplicaSet"].includes(kind));
    const home = await get("namespace", NAMESPACE);
    return Object.fromEntries(
      [...lasting, ...(home === undefined ? [] : [home])].map(({ kind, metadata }) => [
        `${kind} ${metadata.name}`,
        metadata.uid,
      ]),
    );
  }
  const deployment = async (): Promise<Live> =>
    (await get("deployment", "ralph-orchestrator", NAMESPACE)) ?? assert.fail("no Deployment");
  const revision = async (): Promise<number> =>
    Number((await deployment()).metadata.annotations?.["deployment.kubernetes.io/revision"]);
  const workers = async (): Promise<string[]> =>
    (await list("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/component=worker")).map(
      ({ metadata }) => metadata.uid,
    );

  describe("on the server", () => {
    const rolls: [what: string, edit: () => unknown, kind: string, name: string][] = [
      ["value", () => stack.configure({ config: { maxIterations: 7 } }), "configmap", "ralph-config"],
      ["API key", () => stack.setSecret("apiKeys.q", "another-key"), "secret", "ralph-secrets"],
    ];
    for (const [what, edit, kind, name] of rolls) {
      it(`a changed ${what} rolls the worker's pods and replaces nothing, not even the task's Job`, async () => {
        const [before, revisionBefore, podsBefore] = [await identities(), await revision(), await workers()];
        const dataBefore = (await get(kind, name, NAMESPACE))?.data;
        await edit();
        await up();
        assert.notDeepEqual((await get(kind, name, NAMESPACE))?.data, dataBefore);
        assert.equal(await revision(), revisionBefore + 1);
        await until("the old pods are gone", async () => {
          const pods = await workers();
          return pods.length === 1 && !podsBefore.some((uid) => pods.includes(uid));
        });
        assert.deepEqual(await identities(), before);
      });
    }

    it("a changed prompt, image, resource or variable ends no run of a worker, and runs no task again", async () => {
      const [before, revisionBefore] = [await identities(), await revision()];
      stack.configure({ prompts: { "task.md": "Another task." } });
      await up();
      assert.equal(await revision(), revisionBefore);
      stack.configure({
        resources: { limits: { memory: "5Gi" } },
        extraEnv: [{ name: "ANTHROPIC_MODEL", value: "claude-sonnet" }],
        tolerations: [{ key: "agents", operator: "Exists" }],
      });
      const { operations } = await up();
      assert.deepEqual(
        touched(operations).filter((each) => each.includes("Job ralph-task")),
        [],
      );
      assert.deepEqual(await identities(), before);
    });

    it("a task of another revision runs again, as the configuration is now", async () => {
      stack.configure({
        tasks: [{ name: "ralph-task", agent: "claude", prompt: "task.md", maxIterations: 50, revision: 2 }],
      });
      const { operations } = await up();
      assert.deepEqual(touched(operations), [TASK]);
      const { template } = (await get("job", "ralph-task", NAMESPACE))?.spec ?? assert.fail("no Job");
      const [container] = template.spec.containers;
      assert.equal(container.resources.limits.memory, "5Gi");
      assert.deepEqual(template.spec.tolerations, [{ key: "agents", operator: "Exists" }]);
    });

    it("a changed task reruns under the same name, and nothing else is touched", async () => {
      const before = await identities();
      stack.configure({
        tasks: [{ name: "ralph-task", agent: "claude", prompt: "task.md", maxIterations: 3 }],
      });
      const { operations } = await up();
      assert.deepEqual(touched(operations), [TASK]);

      const { "Job ralph-task": uid, ...rest } = await identities();
      const { "Job ralph-task": uidBefore, ...restBefore } = before;
      assert.deepEqual(rest, restBefore);
      assert.notEqual(uid, uidBefore);
      const job = await until("the new Job has run", async () => {
        const found = await get("job", "ralph-task", NAMESPACE);
        return found?.status.succeeded === 1 ? found : undefined;
      });
      assert.equal(job.spec.template.spec.containers[0].args.at(-1), "--max-iterations=3");
    });

    it("the server accepts disabling and enabling persistence: the strategy changes with it", async () => {
      const persistence = stack.configured("persistence");
      const strategy = async () => (await get("deployment", "ralph-orchestrator", NAMESPACE))?.spec.strategy;
      stack.configure({ persistence: { enabled: false } });
      await up();
      assert.equal((await strategy())?.type, "RollingUpdate");
      stack.configure({ persistence });
      await up();
      assert.deepEqual(await strategy(), { type: "Recreate" });
    });

    describe("the number of replicas", () => {
      const replicas = async (): Promise<number> => (await deployment()).spec.replicas;
      /** Scales as the HorizontalPodAutoscaler's controller does, under its name. */
      const scale = (count: number): Promise<string> =>
        kubectl(
          ...["patch", "deployment", "ralph-orchestrator", "-n", NAMESPACE, "--subresource=scale"],
          ...[
            "--field-manager=kube-controller-manager",
            "--type=merge",
            "-p",
            `{"spec":{"replicas":${count}}}`,
          ],
        );

      it("belongs to the autoscaler: an up, with changes or without, does not reset it", async () => {
        await scale(3);
        await up();
        assert.equal(await replicas(), 3);
        stack.configure({ prompts: { "task.md": "A third task." } });
        await up();
        assert.equal(await replicas(), 3);
      });

      it("is the configuration's when autoscaling is disabled, whatever the autoscaler wrote", async () => {
        stack.configure({ autoscaling: { enabled: false }, replicaCount: 2 });
        await up();
        assert.equal(await replicas(), 2);
        assert.equal(await get("hpa", "ralph-hpa", NAMESPACE), undefined);
      });

      // The server defaults to 1 once the count is no longer set: it is minReplicas that is kept.
      it("returns to the autoscaler's minimum when autoscaling is enabled again", async () => {
        stack.configure({ autoscaling: { enabled: true, minReplicas: 2 } });
        await up();
        await until("the real autoscaler has seen to it", async () => (await replicas()) === 2);
        const { operations } = await up();
        assert.deepEqual(touched(operations), []);
      });
    });
  });
});
