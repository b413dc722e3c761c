/**
 * Proves where a value comes from: the stack overrides the values file, which overrides the defaults; what counts as
 * unset; and that the guide's own values.yaml works as it is.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readConfig, type Config } from "../../stack";
import { BASE, runStack, type StackConfig, valueOf } from "../support/stack";

async function read(config: StackConfig): Promise<Config["ralph"]> {
  const { outputs } = await runStack({
    config: { ...BASE, ...config },
    program: () => ({ ...readConfig() }),
  });
  return outputs.ralph as Config["ralph"];
}

describe("a values file", () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "ralph-values-"))));
  after(() => fs.rmSync(folder, { recursive: true }));

  const file = (text: string): string => {
    const valuesFile = path.join(folder, "values.yaml");
    fs.writeFileSync(valuesFile, text);
    return valuesFile;
  };
  const readWith = (text: string, config: StackConfig = {}) => read({ ...config, valuesFile: file(text) });

  it("overrides the defaults, and is overridden by the stack's configuration, key by key", async () => {
    const { autoscaling } = await readWith("autoscaling: {minReplicas: 2, maxReplicas: 3}", {
      autoscaling: { maxReplicas: 5 },
    });
    assert.deepEqual(
      [autoscaling.minReplicas, autoscaling.maxReplicas, autoscaling.targetCPUUtilizationPercentage],
      [2, 5, 70],
    );
  });

  it("is overridden by a list of the stack as a whole", async () => {
    const text = "tasks: [{name: a, prompt: task.md}, {name: b, prompt: task.md}]";
    const names = async (config?: StackConfig) =>
      (await readWith(text, config)).tasks.map(({ name }) => name);
    assert.deepEqual(await names(), ["a", "b"]);
    assert.deepEqual(await names({ tasks: [{ name: "c", prompt: "task.md" }] }), ["c"]);
    assert.deepEqual(await names({ tasks: [] }), []);
  });

  it("sets no key through `__proto__`, at any depth, and neither does the stack's configuration", async () => {
    const text =
      'networkPolicy: {__proto__: {enabled: false}}\n"__proto__": {namespace: evil}\ntasks: [{name: a, prompt: task.md, __proto__: {agent: q}}]';
    await assert.rejects(readWith(text), (error: Error) => {
      for (const key of ["__proto__", "networkPolicy.__proto__", "tasks[0].__proto__"])
        assert.ok(error.message.includes(`ralph:${key} `), error.message);
      return true;
    });
    const hostile = JSON.parse(
      '{"__proto__": {"cluster": {}}, "config": {"__proto__": {"agent": "q"}}}',
    ) as StackConfig;
    await assert.rejects(
      read(hostile),
      /ralph:__proto__ .*is not a key.*ralph:config\.__proto__ .*is not a key/s,
    );
  });

  it("is quoted as it is written where a number must be text", async () =>
    assert.rejects(readWith("image: {tag: 2.10}"), /image\.tag +must be text.*edit .*: image\.tag: "2\.10"/));

  it("may have anchors and merge keys", async () => {
    const { tasks } = await readWith(
      "tasks: [&a {name: a, prompt: task.md, maxIterations: 7}, {<<: *a, name: b}]",
    );
    assert.deepEqual(
      tasks.map(({ name, maxIterations }) => [name, maxIterations]),
      [
        ["a", 7],
        ["b", 7],
      ],
    );
  });

  const BOMB = Array.from(
    { length: 30 },
    (_, i) => `b${i}: &b${i} [${i ? `*b${i - 1}, *b${i - 1}` : "x"}]\n`,
  );
  const UNREADABLE: [what: string, text: string, problem: RegExp][] = [
    ["several documents", "image: {}\n---\nimage: {}\n", /must be one YAML document/],
    ["a key twice", "image: {}\nimage: {}\n", /is not valid YAML: Map keys must be unique/],
    [
      "aliases that would fill the memory",
      BOMB.join(""),
      /is not valid YAML: its aliases repeat each other too often/,
    ],
  ];
  for (const [what, text, problem] of UNREADABLE)
    it(`is refused with ${what}`, async () => assert.rejects(readWith(text), problem));

  it("leaves empty and null values unset", async () => {
    const { namespace, image, persistence } = await readWith(
      "namespace: ''\nimage: {tag: null, digest: ''}\npersistence: {storageClass: ''}",
    );
    assert.equal(namespace, "ralph-orchestrator");
    assert.equal(image.tag, "v1.0.0");
    assert.equal(image.digest, undefined);
    assert.equal(persistence.storageClass, undefined);
  });

  it("may be empty", async () => {
    assert.equal((await readWith("# Nothing yet.\n")).namespace, "ralph-orchestrator");
  });

  it("is not hidden by the engine's defaults for keys that Pulumi.yaml declares", async () => {
    const { image } = await readWith("image: {tag: v2}", { image: {}, autoscaling: {}, namespace: "" });
    assert.equal(image.tag, "v2");
  });
});

describe("the guide's own values.yaml", () => {
  const guide = { valuesFile: "test/support/values.yaml" };

  it("is accepted as it is", async () => {
    const ralph = await read(guide);
    assert.equal(ralph.replicaCount, 1);
    assert.deepEqual(ralph.image, {
      repository: "ghcr.io/mikeyobrien/ralph-orchestrator",
      tag: "v1.0.0",
      build: false,
      pullPolicy: "IfNotPresent",
    });
    assert.deepEqual(ralph.apiKeys, {});
    assert.deepEqual(ralph.config, {
      agent: "auto",
      maxIterations: 100,
      maxRuntime: 14400,
      checkpointInterval: 5,
      verbose: true,
      enableMetrics: true,
    });
    assert.deepEqual(ralph.resources, {
      requests: { memory: "2Gi", cpu: "1", "ephemeral-storage": "1Gi" },
      limits: { memory: "4Gi", cpu: "2", "ephemeral-storage": "10Gi" },
    });
    assert.equal(ralph.persistence.storageClass, "standard");
    assert.deepEqual([ralph.persistence.workspace.size, ralph.persistence.cache.size], ["10Gi", "5Gi"]);
    assert.deepEqual(ralph.autoscaling, {
      enabled: false,
      by: "cpu",
      serverAddress: "http://prometheus-operated.monitoring.svc:9090",
      minReplicas: 1,
      maxReplicas: 10,
      targetCPUUtilizationPercentage: 80,
      targetMemoryUtilizationPercentage: 80,
    });
    assert.equal(ralph.monitoring.enabled, true);
    assert.deepEqual(ralph.monitoring.serviceMonitor, { enabled: true, interval: "30s" });
    assert.deepEqual(ralph.ingress, {
      enabled: false,
      className: "nginx",
      annotations: {},
      certManager: {},
      hosts: [{ host: "ralph.example.com", paths: [{ path: "/", pathType: "Prefix" }] }],
      tls: [],
      from: { namespaces: [], cidrs: [] },
    });
  });

  it("creates a workload with one replica and no autoscaler", async () => {
    const run = await runStack({ config: { ...BASE, ...guide } });
    assert.equal(run.find("kubernetes:apps/v1:Deployment", "ralph").inputs.spec.replicas, 1);
    assert.deepEqual(run.ofType("kubernetes:autoscaling/v2:HorizontalPodAutoscaler"), []);
  });
});

describe("a secret", () => {
  it("is a secret output from the configuration on", async () => {
    const { apiKeys, imagePullSecrets } = await read({
      apiKeys: { claude: "sk-ant-1" },
      imagePullSecrets: [{ name: "r", server: "ghcr.io", username: "u", password: "p" }],
    });
    for (const [output, value] of [
      [apiKeys.claude, "sk-ant-1"],
      [imagePullSecrets[0]?.password, "p"],
    ] as const) {
      assert.equal(await (output as unknown as { isSecret: Promise<boolean> }).isSecret, true);
      assert.equal(await valueOf(output), value);
    }
  });
});
