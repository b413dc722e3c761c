/**
 * Proves what controllers do with the objects: which pods the autoscaler counts; that the task and the schedule
 * complete in pods like all others; that the Service selects the worker; that the volumes are bound and mounted;
 * and that a refresh and an `up` restore what was deleted or edited by hand.
 */
import assert from "node:assert/strict";

import { touched } from "./support/events";
import { get, kubectl, list, type Live } from "./support/kubectl";
import { meaning, type Normal } from "./support/normal";
import { Stack } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "behaving";

describe("on the server", () => {
  let stack: Stack | undefined;
  let created: Map<string, Normal>;
  let worker: Live;

  before(async () => {
    stack = await Stack.create({ namespace: NAMESPACE });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    created = await meaning(NAMESPACE);
    // It becomes due while the other tests run.
    await kubectl(
      "patch",
      "cronjob/ralph-daily",
      "-n",
      NAMESPACE,
      "-p",
      '{"spec":{"schedule":"* * * * *","suspend":false}}',
    );
    [worker] = (await pods("app.kubernetes.io/component=worker")) as [Live];
  });
  after(() => stack?.remove());

  const pods = (selector: string) => list("pods", "-n", NAMESPACE, "-l", selector);
  const named = (objects: readonly Live[]) => objects.map(({ metadata }) => metadata.name).sort();
  const completed = (name: string) =>
    until(`Job ${name} is complete`, async () => {
      const job = await get("job", name, NAMESPACE);
      const conditions: { type: string; status: string }[] = job?.status.conditions ?? [];
      return conditions.some(({ type, status }) => type === "Complete" && status === "True") && job;
    });

  it("the task completes in one pod, which has the common labels", async () => {
    const job = await completed("ralph-task");
    assert.equal(job.status.succeeded, 1);
    const [pod, ...more] = await pods("batch.kubernetes.io/job-name=ralph-task");
    assert.deepEqual(more, []);
    assert.equal(pod?.metadata.labels?.app, "ralph-orchestrator");
    assert.equal(pod.metadata.labels["app.kubernetes.io/component"], "task");
  });

  it("the autoscaler counts the worker but not the task", async () => {
    const hpa = await get("hpa", "ralph-hpa", NAMESPACE);
    assert.deepEqual(hpa?.spec.scaleTargetRef, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      name: "ralph-orchestrator",
    });
    const scale = JSON.parse(
      await kubectl(
        "get",
        "--raw",
        `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/ralph-orchestrator/scale`,
      ),
    ) as { status: { selector: string } };
    assert.deepEqual(named(await pods(scale.status.selector)), [worker.metadata.name]);
    const all = named(await pods("app=ralph-orchestrator"));
    assert.ok(
      all.some((name) => name.startsWith("ralph-task-")),
      `no task among ${all.join(", ")}`,
    );
  });

  it("the Service selects only the worker, at its metrics port", async () => {
    const slices = await until("the Service has an endpoint that is ready", async () => {
      const found = await list(
        "endpointslices",
        "-n",
        NAMESPACE,
        "-l",
        "kubernetes.io/service-name=ralph-metrics",
      );
      return found.some(({ endpoints }) => endpoints?.length > 0) && found;
    });
    const endpoints = slices
      .flatMap(
        ({ endpoints: each }) =>
          each as { addresses: string[]; conditions: object; targetRef?: { name: string } }[],
      )
      // A run of the schedule is scraped as well while it lasts, and becomes due at any time.
      .filter(({ targetRef }) => targetRef?.name.startsWith("ralph-daily-") !== true);
    assert.deepEqual(
      endpoints.map(({ addresses, conditions }) => ({ addresses, conditions })),
      [{ addresses: [worker.status.podIP], conditions: { ready: true, serving: true, terminating: false } }],
    );
    assert.deepEqual(slices[0]?.ports, [{ name: "metrics", port: 8080, protocol: "TCP" }]);
  });

  const claims: [volume: string, claim: string, path: string, accessMode: string, size: string][] = [
    ["workspace", "ralph-workspace", "/workspace", "ReadWriteOnce", "10Gi"],
    ["cache", "ralph-cache", "/app/.cache", "ReadWriteMany", "5Gi"],
  ];
  for (const [volume, name, path, accessMode, size] of claims) {
    it(`the worker has ${name} mounted at ${path}, backed by a volume`, async () => {
      const { volumes, containers } = worker.spec;
      const mounted = volumes.find((each: { name: string }) => each.name === volume);
      assert.deepEqual(mounted.persistentVolumeClaim, { claimName: name });
      const mount = containers[0].volumeMounts.find((each: { name: string }) => each.name === volume);
      assert.equal(mount.mountPath, path);

      const claim = await get("pvc", name, NAMESPACE);
      assert.equal(claim?.status.phase, "Bound");
      const disk = await get("pv", claim.spec.volumeName);
      assert.deepEqual(disk?.spec.accessModes, [accessMode]);
      assert.equal(disk.spec.capacity.storage, size);
      assert.equal(disk.spec.claimRef.uid, claim.metadata.uid);
    });
  }

  it("the schedule becomes due, and its Job completes in a pod like the task's", async () => {
    const owned = await until(
      "a Job of ralph-daily",
      async () =>
        (await list("jobs", "-n", NAMESPACE)).find(({ metadata }) =>
          metadata.ownerReferences?.some(({ kind, name }) => kind === "CronJob" && name === "ralph-daily"),
        ),
      75_000,
    );
    const job = await completed(owned.metadata.name);
    assert.equal(job.status.succeeded, 1);
    const [pod] = await pods(`batch.kubernetes.io/job-name=${job.metadata.name}`);
    assert.equal(pod?.metadata.labels?.app, "ralph-orchestrator");
    assert.equal(pod.metadata.labels["app.kubernetes.io/component"], "schedule");
    assert.deepEqual(pod.spec.containers[0].args, ["--agent=auto", "--prompt=/prompts/daily-task.md"]);
  });

  it("a refresh and an up restore what was deleted or edited by hand", async () => {
    assert.ok(stack);
    const service = await get("service", "ralph-metrics", NAMESPACE);
    await kubectl("delete", "service/ralph-metrics", "networkpolicy/ralph-network-policy", "-n", NAMESPACE);
    assert.equal((await stack.refresh()).code, 0);
    const { code, summary, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    // The Service and the policy; and the schedule, which an earlier test changed.
    assert.deepEqual(
      [summary?.create, summary?.update, summary?.delete, summary?.replace],
      [2, 1, undefined, undefined],
    );
    assert.deepEqual(await meaning(NAMESPACE), created);
    assert.notEqual((await get("service", "ralph-metrics", NAMESPACE))?.metadata.uid, service?.metadata.uid);
    assert.deepEqual(named(await pods("app.kubernetes.io/component=worker")), [worker.metadata.name]);
  });

  describe("after changes of the same fields by others", () => {
    const workers = ["deployment/ralph-orchestrator", "-n", NAMESPACE] as const;
    const patch = (object: string, manager: string, value: object) =>
      kubectl(
        "patch",
        object,
        "-n",
        NAMESPACE,
        `--field-manager=${manager}`,
        "--type=merge",
        "-p",
        JSON.stringify(value),
      );
    const memory = async () =>
      (await get("deployment", "ralph-orchestrator", NAMESPACE))?.spec.template.spec.containers[0].resources
        .limits.memory;

    before(async () => {
      await kubectl("set", "resources", ...workers, "--limits=memory=8Gi");
      await kubectl("rollout", "restart", ...workers);
      await kubectl("scale", ...workers, "--replicas=2");
      await patch("configmap/ralph-config", "kubectl-edit", { data: { RALPH_MAX_ITERATIONS: "3" } });
      // A restore from a backup, and a controller that applies its own version.
      await patch("cronjob/ralph-daily", "velero-server", { spec: { schedule: "5 5 * * *" } });
      await patch("hpa/ralph-hpa", "some-controller", { spec: { maxReplicas: 2 } });
    });

    it("nothing is planned before the configuration changes", async () => {
      assert.ok(stack);
      const { code, stdout } = await stack.preview("--expect-no-changes");
      assert.equal(code, 0, stdout);
      assert.equal(await memory(), "8Gi");
    });

    it("a preview of a change plans what up then does, and the fields are the program's again", async () => {
      assert.ok(stack);
      stack.configure({
        resources: { limits: { memory: "6Gi" } },
        config: { maxIterations: 7 },
        autoscaling: { maxReplicas: 4 },
        schedules: [{ name: "ralph-daily", schedule: "0 3 * * *", prompt: "daily-task.md" }],
      });
      const preview = await stack.preview();
      assert.equal(preview.code, 0, preview.stdout + preview.stderr);
      const up = await stack.up();
      assert.equal(up.code, 0, up.stdout + up.stderr);
      assert.deepEqual(touched(preview.operations), touched(up.operations));

      assert.equal(await memory(), "6Gi");
      assert.equal((await get("configmap", "ralph-config", NAMESPACE))?.data.RALPH_MAX_ITERATIONS, "7");
      assert.equal((await get("cronjob", "ralph-daily", NAMESPACE))?.spec.schedule, "0 3 * * *");
      assert.equal((await get("hpa", "ralph-hpa", NAMESPACE))?.spec.maxReplicas, 4);
    });

    it("the number of workers is the autoscaler's, and the configuration's without one", async () => {
      assert.ok(stack);
      const replicas = async () => (await get("deployment", "ralph-orchestrator", NAMESPACE))?.spec.replicas;
      assert.equal(await replicas(), 2);
      stack.configure({ autoscaling: { enabled: false }, replicaCount: 1 });
      for (const run of [stack.preview, stack.up]) {
        const { code, stdout, stderr } = await run();
        assert.equal(code, 0, stdout + stderr);
      }
      assert.equal(await replicas(), 1);
    });
  });
});
