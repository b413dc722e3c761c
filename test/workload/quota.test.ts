/**
 * Proves the ResourceQuota and the LimitRange: their manifests, how they follow the configuration, what switches them off, and
 * that no configuration makes a quota that stops the stack's own pods. That the server enforces them is in
 * test/engine/enforcement.test.ts.
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";

import { parseQuantity } from "../../config/quantity";
import { anyConfig } from "../support/arbitrary";
import { runStack, type StackConfig, type StackRun } from "../support/stack";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

const hard = async (config: StackConfig): Promise<Record<string, string> | undefined> =>
  (await changed(config)).ofType(KIND.quota)[0]?.inputs.spec.hard;

describe("ResourceQuota ralph-quota", () => {
  it("has room for twice the pods that may run, and two more, each with a container that others add", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.quota, "ralph-quota").inputs,
      // Ten workers, a task and a schedule: 26 pods of 1 + 0.1 CPU, of 2Gi + 128Mi, of 1Gi + 64Mi.
      manifest(`
        apiVersion: v1
        kind: ResourceQuota
        metadata:
          name: ralph-quota
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          hard:
            pods: "26"
            requests.cpu: 28600m
            requests.memory: 56576Mi
            requests.ephemeral-storage: 28288Mi
            limits.cpu: "104"
            limits.memory: 208Gi
      `),
    );
  });

  const small: StackConfig = { autoscaling: { enabled: false }, replicaCount: 1, tasks: [], schedules: [] };
  const limits = { cpu: "2", memory: "4Gi" };
  const cases: [what: string, config: StackConfig, expected: Record<string, string>][] = [
    ["one worker", {}, { pods: "4", "requests.cpu": "4400m", "limits.memory": "32Gi" }],
    ["a smoke test", { smoke: { enabled: true } }, { pods: "6" }],
    [
      "a sidecar without resources, which gets the defaults",
      { sidecars: [{ name: "proxy", image: "envoy" }] },
      { "requests.cpu": "4800m", "limits.cpu": "24" },
    ],
    [
      "an init container whose limit is its request",
      { initContainers: [{ name: "clone", image: "git", resources: { limits } }] },
      { "requests.cpu": "12400m", "limits.cpu": "24" },
    ],
    ["what a sandbox adds", { runtimeClassName: "kata" }, { "requests.cpu": "6400m", "limits.cpu": "18" }],
    [
      "a limit of the user's",
      { quota: { hard: { pods: 3, "requests.storage": "1Ti" } } },
      { pods: "3", "requests.storage": "1Ti" },
    ],
  ];
  for (const [what, config, expected] of cases)
    it(`counts ${what}`, async () => {
      const found = await hard({ ...small, ...config });
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, found?.[key]])), expected);
    });

  it("counts pods only without the LimitRange, and does not exist if it is disabled", async () => {
    assert.deepEqual(await hard({ ...small, limitRange: { enabled: false } }), { pods: "4" });
    assert.equal(await hard({ quota: { enabled: false } }), undefined);
  });

  it("exists before the pods that it counts", async () => {
    const run = await defaults();
    const { urn } = run.find(KIND.quota, "ralph-quota");
    for (const type of [KIND.deployment, KIND.job, KIND.cronJob])
      for (const { name, dependencies } of run.ofType(type)) assert.ok(dependencies.includes(urn), name);
  });

  it("never stops the stack's own pods, however it is configured", async function () {
    this.timeout("60s");
    await fc.assert(
      fc.asyncProperty(anyConfig, async (config) => admits(await runStack({ config }))),
      { numRuns: 15 },
    );
  });
});

describe("LimitRange ralph-limits", () => {
  it("gives containers without limits those of Ralph, and small requests", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.limitRange, "ralph-limits").inputs,
      manifest(`
        apiVersion: v1
        kind: LimitRange
        metadata:
          name: ralph-limits
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          limits:
            - type: Container
              default: { cpu: "2", memory: 4Gi, ephemeral-storage: 10Gi }
              defaultRequest: { cpu: 100m, memory: 128Mi, ephemeral-storage: 64Mi }
      `),
    );
  });

  it("gives no container a limit below its request", async () => {
    const resources = { requests: { memory: "6Gi" } };
    const run = await changed({ sidecars: [{ name: "cache", image: "redis", resources }] });
    const [{ default: byDefault }] = run.find(KIND.limitRange, "ralph-limits").inputs.spec.limits;
    assert.deepEqual(byDefault, { cpu: "2", memory: "6Gi", "ephemeral-storage": "10Gi" });
    assert.deepEqual((await changed({ limitRange: { enabled: false } })).ofType(KIND.limitRange), []);
  });
});

/** Every worker, task and schedule at once fits, as the server adds them up. */
function admits(run: StackRun): void {
  const [quota] = run.ofType(KIND.quota);
  if (quota === undefined) return;
  const [scaler] = run.ofType(KIND.hpa);
  const [range] = run.ofType(KIND.limitRange);
  const used: Record<string, number> = {};
  for (const owner of [KIND.deployment, KIND.job, KIND.cronJob].flatMap(run.ofType)) {
    const workers = owner.type === KIND.deployment && owner.name === "ralph";
    const count = (workers ? scaler?.inputs.spec.maxReplicas : undefined) ?? owner.inputs.spec.replicas ?? 1;
    const { containers, initContainers = [] } = podOf(owner).spec;
    const add = (resource: string, amount: number) =>
      (used[resource] = (used[resource] ?? 0) + count * amount);
    add("pods", 1);
    for (const { resources = {} } of [...containers, ...initContainers])
      for (const kind of ["cpu", "memory", "ephemeral-storage"]) {
        const { default: limits, defaultRequest } = range?.inputs.spec.limits[0] ?? {
          default: {},
          defaultRequest: {},
        };
        const value = (...texts: (string | undefined)[]) =>
          parseQuantity(texts.find((text) => text) ?? "0") ?? 0;
        add(
          `requests.${kind}`,
          value(resources.requests?.[kind], resources.limits?.[kind], defaultRequest[kind]),
        );
        add(`limits.${kind}`, value(resources.limits?.[kind], limits[kind]));
      }
  }
  for (const [resource, limit] of Object.entries(quota.inputs.spec.hard as Record<string, string>))
    assert.ok(
      (used[resource] ?? 0) <= (parseQuantity(limit) ?? 0),
      `${resource}: ${used[resource]} of ${limit}`,
    );
}
