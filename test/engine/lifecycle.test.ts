/**
 * Proves the whole life cycle of a stack on the real engine and a real API server: the first preview announces
 * what `up` then creates, nothing is left to do afterwards, an edit of every kind reaches the server in place, and
 * `destroy` leaves nothing behind, neither on the server nor in the state.
 */
import assert from "node:assert/strict";

import { auditEntries, auditMark, byProvider, isWrite } from "./support/audit";
import { changes, type Operation } from "./support/events";
import { everything, get, kubectl, list, type Live } from "./support/kubectl";
import { Stack, type Values } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "lifecycle";

/** Every object of the guide and of the stack's configuration, as kind, namespace, name. */
const OBJECTS = [
  `Namespace  ${NAMESPACE}`,
  `ConfigMap ${NAMESPACE} ralph-config`,
  `ConfigMap ${NAMESPACE} ralph-prompts`,
  `ConfigMap ${NAMESPACE} ralph-dashboard`,
  `Secret ${NAMESPACE} ralph-secrets`,
  `PersistentVolumeClaim ${NAMESPACE} ralph-workspace`,
  `PersistentVolumeClaim ${NAMESPACE} ralph-cache`,
  `ResourceQuota ${NAMESPACE} ralph-quota`,
  `LimitRange ${NAMESPACE} ralph-limits`,
  `ServiceAccount ${NAMESPACE} ralph-sa`,
  `Role ${NAMESPACE} ralph-role`,
  `RoleBinding ${NAMESPACE} ralph-rolebinding`,
  `Deployment ${NAMESPACE} ralph-orchestrator`,
  `PodDisruptionBudget ${NAMESPACE} ralph-pdb`,
  `HorizontalPodAutoscaler ${NAMESPACE} ralph-hpa`,
  `Service ${NAMESPACE} ralph-metrics`,
  `Service ${NAMESPACE} ralph-status`,
  `Ingress ${NAMESPACE} ralph-orchestrator`,
  `ServiceMonitor ${NAMESPACE} ralph-orchestrator`,
  `PrometheusRule ${NAMESPACE} ralph-orchestrator`,
  `NetworkPolicy ${NAMESPACE} ralph-network-policy`,
  `Job ${NAMESPACE} ralph-task`,
  `CronJob ${NAMESPACE} ralph-daily`,
  `ConfigMap monitoring prometheus-config-${NAMESPACE}`,
  `Application argocd ralph-orchestrator-${NAMESPACE}`,
].sort();

/** One edit for each kind that has something to edit, and where the server shows it. */
const EDIT: Values = {
  config: { maxIterations: 7 },
  prompts: { "extra.md": "Extra." },
  persistence: { cache: { size: "6Gi" } },
  serviceAccount: { automountToken: true },
  autoscaling: { maxReplicas: 4 },
  ingress: { enabled: true, hosts: [{ host: "other.example.com" }] },
  monitoring: { serviceMonitor: { interval: "45s" } },
  networkPolicy: { allow: [{ cidr: "0.0.0.0/0", ports: [22] }] },
  schedules: [{ name: "ralph-daily", schedule: "0 3 * * *", prompt: "daily-task.md" }],
  tasks: [{ name: "ralph-task", agent: "claude", prompt: "extra.md" }],
  argocd: { enabled: true, repoURL: "https://git.example.com/ralph/manifests" },
};
const SHOWN: [kind: string, name: string, read: (object: Live) => unknown, expected: unknown][] = [
  ["ConfigMap", "ralph-config", ({ data }) => data.RALPH_MAX_ITERATIONS, "7"],
  ["ConfigMap", "ralph-prompts", ({ data }) => data["extra.md"], "Extra."],
  ["PersistentVolumeClaim", "ralph-cache", ({ spec }) => spec.resources.requests.storage, "6Gi"],
  ["ServiceAccount", "ralph-sa", (account) => account.automountServiceAccountToken, true],
  ["Deployment", "ralph-orchestrator", ({ spec }) => spec.template.spec.automountServiceAccountToken, true],
  ["HorizontalPodAutoscaler", "ralph-hpa", ({ spec }) => spec.maxReplicas, 4],
  ["Ingress", "ralph-orchestrator", ({ spec }) => spec.rules[0].host, "other.example.com"],
  ["ServiceMonitor", "ralph-orchestrator", ({ spec }) => spec.endpoints[0].interval, "45s"],
  ["NetworkPolicy", "ralph-network-policy", ({ spec }) => spec.egress.at(-1).ports[0].port, 22],
  ["CronJob", "ralph-daily", ({ spec }) => spec.schedule, "0 3 * * *"],
  ["Job", "ralph-task", ({ spec }) => spec.template.spec.containers[0].args[1], "--prompt=/prompts/extra.md"],
];

const label = ({ kind, metadata: { namespace = "", name } }: Live): string => `${kind} ${namespace} ${name}`;
const isOurs = ({ metadata }: Live): boolean =>
  metadata.labels?.app === "ralph-orchestrator" && metadata.ownerReferences === undefined;
const kubernetesKinds = (operations: readonly Operation[]): string[] =>
  operations
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ type }) => type.slice(type.lastIndexOf(":") + 1))
    .sort();

/** The stack's objects on the server, without those that controllers created. */
async function held(): Promise<Live[]> {
  const elsewhere = await Promise.all([
    get("namespace", NAMESPACE),
    get("configmap", `prometheus-config-${NAMESPACE}`, "monitoring"),
    get("applications.argoproj.io", `ralph-orchestrator-${NAMESPACE}`, "argocd"),
  ]);
  // The endpoints controller copies its Service's labels onto the objects that it creates.
  const inside = (await everything(NAMESPACE)).filter(
    (object) => isOurs(object) && object.kind !== "Endpoints",
  );
  return [...inside, ...elsewhere.filter((object) => object !== undefined)];
}

const volumes = async (): Promise<Live[]> =>
  (await list("persistentvolumes")).filter(({ spec }) => spec.claimRef?.namespace === NAMESPACE);

describe("the life cycle of a stack", () => {
  let stack: Stack;
  before(async () => (stack = await Stack.create({ namespace: NAMESPACE })));
  after(() => stack.remove());

  it("starts with a preview that announces only creations, one for each object", async () => {
    const { code, stderr, operations } = await stack.preview();
    assert.equal(code, 0, stderr);
    assert.deepEqual(new Set(operations.map(({ op }) => op)), new Set(["create"]));
    assert.deepEqual(
      kubernetesKinds(operations),
      OBJECTS.map((object) => object.split(" ")[0]),
    );
    assert.equal(await get("namespace", NAMESPACE), undefined);
  });

  it("up creates these objects and no other", async () => {
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.deepEqual((await held()).map(label).sort(), OBJECTS);
    assert.equal((await volumes()).length, 2);
  });

  for (const command of ["preview", "up", "refresh"] as const) {
    it(`${command} then has nothing to do, and writes nothing`, async () => {
      const mark = auditMark();
      const { code, stdout, summary, operations } = await stack[command]("--expect-no-changes");
      assert.equal(code, 0, stdout);
      assert.deepEqual(changes(operations), []);
      assert.deepEqual(Object.keys(summary ?? {}), ["same"]);
      assert.deepEqual((await auditEntries(mark)).filter(byProvider).filter(isWrite), []);
    });
  }

  it("an edit of every kind reaches the server in place; only the task is rerun", async () => {
    const before = await held();
    stack.configure(EDIT);
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);

    const after = await held();
    for (const [kind, name, read, expected] of SHOWN) {
      const object = after.find((each) => each.kind === kind && each.metadata.name === name);
      assert.deepEqual(object && read(object), expected, `${kind} ${name}`);
    }
    const uids = new Set(before.map(({ metadata }) => metadata.uid));
    assert.deepEqual(after.filter(({ metadata }) => !uids.has(metadata.uid)).map(label), [
      `Job ${NAMESPACE} ralph-task`,
    ]);
    assert.deepEqual(after.map(label).sort(), OBJECTS);
  });

  it("again there is nothing to do", async () => {
    const { code, stdout } = await stack.up("--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("a larger workspace grows the existing claim", async () => {
    const before = await get("pvc", "ralph-workspace", NAMESPACE);
    stack.configure({ persistence: { workspace: { size: "11Gi" }, cache: { size: "6Gi" } } });
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    const after = await get("pvc", "ralph-workspace", NAMESPACE);
    assert.equal(after?.metadata.uid, before?.metadata.uid);
    assert.equal(after?.spec.resources.requests.storage, "11Gi");
  });

  it("another stack cannot have its namespace, and deletes nothing in it", async () => {
    const before = (await held()).map(({ metadata }) => metadata.uid);
    const config = { monitoring: { enabled: false }, argocd: { enabled: false } };
    const other = await Stack.create({ namespace: `${NAMESPACE}-other`, config });
    try {
      other.configure({ namespace: NAMESPACE });
      const { code, stdout, stderr } = await other.up();
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /conflict.*\.metadata\.labels\.ralph-orchestrator\/stack/s);
      assert.equal((await other.destroy()).code, 0);
    } finally {
      await other.remove();
    }
    assert.deepEqual(
      (await held()).map(({ metadata }) => metadata.uid),
      before,
    );
  });

  it("destroy leaves nothing on the server and nothing in the state", async () => {
    const { code, stdout } = await stack.destroy();
    assert.equal(code, 0, stdout);
    assert.deepEqual(stack.resources, []);
    assert.deepEqual(await held(), []);
    await until("the volumes are gone", async () => (await volumes()).length === 0);
    // A stack that still contained something would reject this.
    await stack.pulumi(["stack", "rm", NAMESPACE, "--yes", "--preserve-config"]);
    await kubectl("create", "namespace", NAMESPACE); // its name is free immediately
    await kubectl("delete", "namespace", NAMESPACE);
  });
});
