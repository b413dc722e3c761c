/**
 * Proves the worker's Deployment as a whole, what each switch changes in it, and that its pods restart if and only if
 * something they read has changed.
 */
import assert from "node:assert/strict";
import type { StackConfig } from "../support/stack";
import { changed, CANARIES, defaults, KIND, manifest, podOf } from "../support/workload";

const deployment = async (config: StackConfig, cluster?: StackConfig) =>
  (await changed(config, cluster)).find(KIND.deployment, "ralph-orchestrator").inputs;

describe("Deployment ralph-orchestrator", () => {
  it("is the guide's, restricted, on the node of its disk, with probes that can fail", async () => {
    const { inputs } = (await defaults()).find(KIND.deployment, "ralph-orchestrator");
    const sums = inputs.spec.template.metadata.annotations;
    assert.deepEqual(Object.keys(sums).sort(), ["checksum/config", "checksum/secrets"]);
    for (const sum of Object.values(sums)) assert.match(String(sum), /^[0-9a-f]{64}$/);
    assert.deepEqual(
      { ...inputs, spec: { ...inputs.spec, template: withoutAnnotations(inputs.spec.template) } },
      manifest(`
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: ralph-orchestrator
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
            app.kubernetes.io/component: worker
        spec:
          # No replicas: the autoscaler writes them.
          selector:
            matchLabels:
              app: ralph-orchestrator
              app.kubernetes.io/component: worker
          strategy:
            type: Recreate
          template:
            metadata:
              labels:
                app: ralph-orchestrator
                app.kubernetes.io/name: ralph-orchestrator
                app.kubernetes.io/component: worker
            spec:
              serviceAccountName: ralph-sa
              automountServiceAccountToken: false
              enableServiceLinks: false
              terminationGracePeriodSeconds: 60
              securityContext:
                runAsNonRoot: true
                runAsUser: 1000
                runAsGroup: 1000
                fsGroup: 1000
                fsGroupChangePolicy: OnRootMismatch
                seccompProfile:
                  type: RuntimeDefault
              affinity:
                podAffinity:
                  requiredDuringSchedulingIgnoredDuringExecution:
                    - topologyKey: kubernetes.io/hostname
                      labelSelector:
                        matchLabels:
                          app: ralph-orchestrator
                          app.kubernetes.io/component: worker
              containers:
                - name: ralph
                  image: ghcr.io/mikeyobrien/ralph-orchestrator:v1.0.0
                  imagePullPolicy: IfNotPresent
                  envFrom:
                    - configMapRef:
                        name: ralph-config
                    - secretRef:
                        name: ralph-secrets
                  env:
                    - name: HOME
                      value: /home/ralph
                    - name: RALPH_SKIP_PROMPTS
                      value: task.md,daily-task.md
                  ports:
                    - name: metrics
                      containerPort: 8080
                  livenessProbe:
                    httpGet: { path: /healthz, port: 8080 }
                    initialDelaySeconds: 30
                    periodSeconds: 30
                  readinessProbe:
                    httpGet: { path: /readyz, port: 8080 }
                    initialDelaySeconds: 10
                    periodSeconds: 10
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
                    - { name: home, mountPath: /home/ralph }
                    - { name: tmp, mountPath: /tmp }
              volumes:
                - name: workspace
                  persistentVolumeClaim:
                    claimName: ralph-workspace
                - name: cache
                  persistentVolumeClaim:
                    claimName: ralph-cache
                - name: prompts
                  configMap:
                    name: ralph-prompts
                - name: home
                  emptyDir: {}
                - name: tmp
                  emptyDir: {}
      `),
    );
  });

  it("runs the image by its digest if configured, else by its tag", async () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const image = { repository: "registry.example.com:5000/team/ralph", tag: "v2", pullPolicy: "Always" };
    const [byTag] = (await deployment({ image })).spec.template.spec.containers;
    assert.equal(byTag.image, "registry.example.com:5000/team/ralph:v2");
    assert.equal(byTag.imagePullPolicy, "Always");
    const [byDigest] = (await deployment({ image: { ...image, digest } })).spec.template.spec.containers;
    assert.equal(byDigest.image, `registry.example.com:5000/team/ralph@${digest}`);
  });

  it("has the configured number of replicas only without an autoscaler", async () => {
    const off = await deployment({ replicaCount: 3, autoscaling: { enabled: false } });
    assert.equal(off.spec.replicas, 3);
    const on = await deployment({ replicaCount: 3 });
    assert.equal("replicas" in on.spec, false);
  });

  it("has the configured resources, numbers as text", async () => {
    const resources = { requests: { cpu: 1.5 }, limits: { cpu: 4, memory: "8Gi" } };
    const [container] = (await deployment({ resources })).spec.template.spec.containers;
    assert.deepEqual(container.resources, {
      requests: { cpu: "1.5", memory: "2Gi", "ephemeral-storage": "1Gi" },
      limits: { cpu: "4", memory: "8Gi", "ephemeral-storage": "10Gi" },
    });
  });

  describe("has volumes, strategy and placement", () => {
    const beside = "beside its disk";
    const spread = "spread";
    const cases: [persistence: StackConfig, strategy: string, place: string, volumes: string[]][] = [
      [{}, "Recreate", beside, ["ralph-workspace", "ralph-cache"]],
      [{ enabled: false }, "RollingUpdate", spread, ["emptyDir", "emptyDir"]],
      [{ cache: { kind: "emptyDir" } }, "Recreate", beside, ["ralph-workspace", "emptyDir"]],
      [
        { workspace: { accessMode: "ReadWriteMany" } },
        "RollingUpdate",
        spread,
        ["ralph-workspace", "ralph-cache"],
      ],
      [{ workspace: { existingClaim: "w" }, cache: { existingClaim: "c" } }, "Recreate", beside, ["w", "c"]],
    ];
    for (const [persistence, strategy, place, volumes] of cases) {
      it(`for ${JSON.stringify(persistence)}: ${strategy}, ${place}, ${volumes.join(" and ")}`, async () => {
        const { spec } = await deployment({ persistence });
        assert.equal(spec.strategy.type, strategy);
        assert.equal("rollingUpdate" in spec.strategy, strategy === "RollingUpdate");
        const pod = spec.template.spec;
        assert.equal(pod.affinity !== undefined, place === beside);
        assert.deepEqual(
          pod.topologySpreadConstraints,
          place === beside
            ? undefined
            : manifest(`
                - maxSkew: 1
                  topologyKey: topology.kubernetes.io/zone
                  whenUnsatisfiable: ScheduleAnyway
                  labelSelector:
                    matchLabels: { app: ralph-orchestrator, app.kubernetes.io/component: worker }
                - maxSkew: 1
                  topologyKey: kubernetes.io/hostname
                  whenUnsatisfiable: ScheduleAnyway
                  labelSelector:
                    matchLabels: { app: ralph-orchestrator, app.kubernetes.io/component: worker }
              `),
        );
        assert.deepEqual(
          pod.volumes
            .slice(0, 2)
            .map((volume: Volume) => volume.persistentVolumeClaim?.claimName ?? Object.keys(volume)[0]),
          volumes,
        );
      });
    }
  });

  it("skips the prompts of tasks and schedules, each listed once; none if there are neither", async () => {
    const skipped = async (config: StackConfig): Promise<unknown> => {
      const { spec } = await deployment(config);
      const env = spec.template.spec.containers[0].env as { name: string; value: string }[];
      return env.find(({ name }) => name === "RALPH_SKIP_PROMPTS")?.value;
    };
    const task = { name: "t", prompt: "task.md" };
    const schedule = { name: "s", prompt: "task.md", schedule: "0 2 * * *" };
    assert.equal(await skipped({ tasks: [task], schedules: [schedule] }), "task.md");
    assert.equal(await skipped({ tasks: [], schedules: [] }), undefined);
  });

  describe("restarts its pods", () => {
    const sums = async (config: StackConfig) =>
      podOf({ inputs: await deployment(config) }).metadata.annotations;
    const cases: [change: string, config: StackConfig, changed: string[]][] = [
      ["a value of ralph-config", { config: { maxIterations: 7 } }, ["checksum/config"]],
      ["a prompt, which they find themselves", { prompts: { "task.md": "Another.", "new.md": "New." } }, []],
      [
        "an API key",
        { apiKeys: { claude: CANARIES.claude, gemini: CANARIES.gemini, q: "other" } },
        ["checksum/secrets"],
      ],
      [
        "nothing that they read",
        { autoscaling: { maxReplicas: 3 }, ingress: { annotations: { a: "b" } } },
        [],
      ],
    ];
    for (const [change, config, expected] of cases) {
      it(`on a change of ${change}: ${expected.join() || "no"}`, async () => {
        const before = podOf((await defaults()).find(KIND.deployment, "ralph")).metadata.annotations;
        const after = await sums(config);
        assert.deepEqual(
          Object.keys(before).filter((key) => before[key] !== after[key]),
          expected,
        );
      });
    }

    it("and not those of a Job or CronJob, which a change would replace", async () => {
      const before = await defaults();
      const after = await changed({
        config: { maxIterations: 7 },
        prompts: { "task.md": "Another." },
        apiKeys: { claude: "other", gemini: CANARIES.gemini, q: CANARIES.q },
      });
      for (const [kind, name] of [
        [KIND.job, "ralph-task"],
        [KIND.cronJob, "ralph-daily"],
      ] as const) {
        assert.deepEqual(after.find(kind, name).inputs, before.find(kind, name).inputs);
      }
    });
  });

  const LATE: [what: string, config: StackConfig, late: boolean, waits: boolean][] = [
    ["a cluster that applies policies late", {}, true, true],
    ["one that applies them at once", {}, false, false],
    ["one without the policy", { networkPolicy: { enabled: false } }, true, false],
    [
      "one whose policy may open that address",
      { networkPolicy: { allow: [{ cidr: "10.96.0.0/12", ports: [443] }] } },
      true,
      false,
    ],
  ];
  for (const [what, config, late, waits] of LATE) {
    it(`${waits ? "waits" : "does not wait"} for the policy on ${what}`, async () => {
      const run = await changed(config, { networkPolicy: { late } });
      for (const kind of [KIND.deployment, KIND.job, KIND.cronJob]) {
        const [{ env }] = podOf(run.ofType(kind)[0] ?? assert.fail(kind)).spec.containers;
        const address = env.find(({ name }: { name: string }) => name === "RALPH_CLOSED_ADDRESS");
        assert.equal(
          address?.value,
          waits ? "$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)" : undefined,
        );
      }
    });
  }
});

interface Volume {
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

const withoutAnnotations = (template: { metadata: Record<string, unknown> }): unknown => {
  const metadata = Object.entries(template.metadata).filter(([key]) => key !== "annotations");
  return { ...template, metadata: Object.fromEntries(metadata) };
};
