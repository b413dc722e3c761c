/**
 * Proves what `lifecycle doctor` says of a workload on a real API server, and that it only reads there. The
 * program is up; then something is broken, each time another thing: where the server, the scheduler and the
 * controllers can bring the trouble about they do, and what only a node, a driver or a registry would report is
 * written into the status as they write it. Each finding is compared with what was there before, whole: nothing
 * is missed and nothing else is found. Also: a role that may read less, no access at all, and no value of a secret.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { type Diagnosis, diagnose, type Patient } from "../../lifecycle/doctor";
import { Unreachable, USER_AGENT } from "../../lifecycle/doctor/server";
import { REPOSITORY } from "../../tools/engine";
import { run, type RunResult } from "../../tools/process";
import { auditEntries, auditMark } from "./support/audit";
import { start } from "./support/children";
import { fixture } from "./support/fixture";
import { get, kubectl, list } from "./support/kubectl";
import { Stack } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "patient";
const CANARY = "sk-canary-9f3c61";
const APP = { app: "ralph-orchestrator" };

type Found = Diagnosis["findings"][number];
/** What is expected of one finding: its check and object, and what the rest must say. */
interface Expected {
  readonly check: string;
  readonly object: string;
  readonly what: RegExp;
  readonly cause: RegExp;
  /** The command that mends it. */
  readonly fix: string;
}

const SECURITY = {
  runAsNonRoot: true,
  runAsUser: 1000,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
/** No scheduler has this name: the pod gets no node, and its status is what is written there. */
const NOBODY = { schedulerName: "nobody" };
const container = (more: object = {}) => ({
  name: "ralph",
  image: "registry.test/ralph:1",
  securityContext: SECURITY,
  ...more,
});
const pod = (spec: object = {}, containers: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "broken", namespace: NAMESPACE, labels: APP },
  spec: { ...NOBODY, containers: [container(containers)], ...spec },
});
const waiting = (reason: string, message = "", more: object = {}) => ({
  phase: "Pending",
  containerStatuses: [
    {
      name: "ralph",
      image: "registry.test/ralph:1",
      imageID: "",
      ready: false,
      restartCount: 0,
      state: { waiting: { reason, message } },
      ...more,
    },
  ],
});
const crashed = (exitCode: number, reason = "Error") =>
  waiting("CrashLoopBackOff", "back-off", {
    restartCount: 7,
    lastState: { terminated: { exitCode, reason } },
  });
const event = (kind: string, name: string, reason: string, message: string) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "broken.1", namespace: NAMESPACE },
  involvedObject: { kind, name, namespace: NAMESPACE, apiVersion: "v1" },
  type: "Warning",
  reason,
  message,
  count: 1,
  lastTimestamp: new Date().toISOString(),
  source: { component: "test" },
});
const claim = (spec: object) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "broken", namespace: NAMESPACE },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const template = (spec: object, labels: object = APP) => ({ metadata: { labels }, spec });
const deployment = (podSpec: object) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "broken", namespace: NAMESPACE },
  spec: { selector: { matchLabels: { x: "broken" } }, template: template(podSpec, { ...APP, x: "broken" }) },
});
const job = (spec: object, podSpec: object = { ...NOBODY, containers: [container()] }) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "broken", namespace: NAMESPACE },
  spec: { backoffLimit: 0, ...spec, template: template({ restartPolicy: "Never", ...podSpec }) },
});

interface Case {
  readonly what: string;
  readonly objects: readonly object[];
  /** Status of the pod `broken`, or of the pod of the Job `broken`. */
  readonly status?: object;
  /** Status of the node `broken`. */
  readonly nodeStatus?: object;
  readonly expected: readonly Expected[];
}

const onPod = (check: string, what: RegExp, cause: RegExp, fix: string): Expected => ({
  check,
  object: "Pod broken",
  what,
  cause,
  fix,
});

const CASES: readonly Case[] = [
  {
    what: "an image that is not there",
    objects: [
      pod(),
      event("Pod", "broken", "Failed", 'Failed to pull image "registry.test/ralph:1": manifest unknown'),
    ],
    status: waiting("ImagePullBackOff", 'Back-off pulling image "registry.test/ralph:1"'),
    expected: [
      onPod(
        "images",
        /ImagePullBackOff: registry.test\/ralph:1: .*manifest unknown/,
        /no such image/,
        "pulumi config set --path ralph:image.tag '<tag>' --stack x",
      ),
    ],
  },
  {
    what: "an image that wants credentials",
    objects: [pod()],
    status: waiting("ErrImagePull", "failed to authorize: 401 Unauthorized"),
    expected: [
      onPod(
        "images",
        /401/,
        /credentials/,
        "pulumi config set --secret --path 'ralph:imagePullSecrets[0].password' --stack x",
      ),
    ],
  },
  {
    what: "a registry that cannot be reached",
    objects: [pod()],
    status: waiting("ErrImagePull", "dial tcp 10.0.0.1:443: i/o timeout"),
    expected: [
      onPod(
        "images",
        /i\/o timeout/,
        /do not reach/,
        "pulumi config set --path ralph:image.repository '<repository that the nodes reach>' --stack x",
      ),
    ],
  },
  {
    what: "a pull secret that nobody has made",
    objects: [pod({ imagePullSecrets: [{ name: "absent" }] })],
    expected: [
      {
        check: "pull secrets",
        object: "Secret absent",
        what: /is not there/,
        cause: /password/,
        fix: "pulumi config set --path 'ralph:imagePullSecrets[0].name' absent --stack x",
      },
    ],
  },
  {
    what: "an agent that takes too much memory",
    objects: [pod({}, { resources: { limits: { memory: "4Gi" }, requests: { memory: "1Mi" } } })],
    status: crashed(137, "OOMKilled"),
    expected: [
      onPod(
        "memory",
        /OOMKilled at its limit of 4Gi, 7 restarts/,
        /more memory/,
        "pulumi config set --path ralph:resources.limits.memory 8Gi --stack x",
      ),
    ],
  },
  {
    what: "a pod that its node has put out",
    objects: [pod()],
    status: {
      phase: "Failed",
      reason: "Evicted",
      message: "The node was low on resource: ephemeral-storage.",
    },
    expected: [
      onPod(
        "memory",
        /Evicted/,
        /ran short/,
        "pulumi config set --path ralph:resources.requests.ephemeral-storage 4Gi --stack x",
      ),
    ],
  },
  {
    what: "a container without a key, by the runner's exit code",
    objects: [pod()],
    status: crashed(78),
    expected: [
      onPod(
        "crashes",
        /ended with code 78 after each of 7 restarts/,
        /No API key/,
        "pulumi config set --secret --path ralph:apiKeys.claude --stack x",
      ),
    ],
  },
  {
    what: "an image without the runner",
    objects: [pod()],
    status: waiting("RunContainerError", 'exec: "ralph": executable file not found'),
    expected: [
      onPod("crashes", /RunContainerError: exec/, /log/, `kubectl -n ${NAMESPACE} describe pod broken`),
    ],
  },
  {
    what: "a Secret of the pods that is gone",
    objects: [pod()],
    status: waiting("CreateContainerConfigError", 'secret "ralph-secrets" not found'),
    expected: [onPod("configuration", /not found/, /somebody has deleted/, "pulumi refresh --stack x")],
  },
  {
    what: "a pod that is too large for every node",
    objects: [
      pod(
        { schedulerName: "default-scheduler" },
        { resources: { requests: { cpu: "15500m", memory: "900Gi" } } },
      ),
    ],
    expected: [
      {
        check: "nodes",
        object: "Nodes",
        what: /more memory than any node has: the largest gives pods \d+Gi/,
        cause: /for ever/,
        fix: "pulumi config set --path ralph:cluster.nodes.machineType '<larger>' --stack x",
      },
      onPod(
        "scheduling",
        /0\/\d+ nodes are available/,
        /as much memory left/,
        "pulumi config set --path ralph:resources.requests.memory 1Gi --stack x",
      ),
    ],
  },
  {
    what: "a pod whose claim nobody has made",
    objects: [
      pod({
        schedulerName: "default-scheduler",
        volumes: [{ name: "a", persistentVolumeClaim: { claimName: "none" } }],
      }),
    ],
    expected: [
      onPod("scheduling", /persistentvolumeclaim "none" not found/, /is not there/, "pulumi up --stack x"),
    ],
  },
  {
    what: "a pod that asks for a label that no node has",
    objects: [pod({ schedulerName: "default-scheduler", nodeSelector: { moon: "full" } })],
    expected: [onPod("scheduling", /node affinity\/selector/, /labels/, "kubectl get nodes --show-labels")],
  },
  {
    what: "a Deployment whose pods Pod Security refuses",
    objects: [
      deployment({
        ...NOBODY,
        containers: [{ name: "a", image: "a", securityContext: { privileged: true } }],
      }),
    ],
    expected: [
      {
        check: "creation",
        object: "Deployment broken",
        what: /violates PodSecurity/,
        cause: /refuses the pod/,
        fix: "pulumi up --stack x",
      },
    ],
  },
  {
    what: "a quota that is used up, and the Deployment that it stops",
    objects: [
      {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "broken", namespace: NAMESPACE },
        spec: { hard: { "count/secrets": "1000", "requests.cpu": "10m" } },
      },
      deployment({
        ...NOBODY,
        containers: [container({ resources: { requests: { cpu: "3" }, limits: { cpu: "3" } } })],
      }),
    ],
    expected: [
      {
        check: "creation",
        object: "Deployment broken",
        what: /exceeded quota/,
        cause: /no room/,
        fix: "pulumi config set --path ralph:resources.requests.cpu 500m --stack x",
      },
      {
        check: "quota",
        object: "ResourceQuota broken",
        what: /used up: requests.cpu \S+ of 10m$/,
        cause: /refused/,
        fix: `kubectl -n ${NAMESPACE} edit quota broken`,
      },
    ],
  },
  {
    what: "a claim of a class that is not there",
    objects: [claim({ storageClassName: "moon" })],
    expected: [
      {
        check: "claims",
        object: "PersistentVolumeClaim broken",
        what: /no storage class moon; those here: .*standard/,
        cause: /no class of that name/,
        fix: `kubectl -n ${NAMESPACE} delete pvc broken --wait=false`,
      },
    ],
  },
  {
    what: "a claim that its driver cannot make",
    objects: [
      {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "broken" },
        provisioner: "nobody.test",
        volumeBindingMode: "Immediate",
      },
      claim({ storageClassName: "broken", accessModes: ["ReadWriteMany"] }),
      event(
        "PersistentVolumeClaim",
        "broken",
        "ProvisioningFailed",
        "rpc error: access mode MULTI_NODE_MULTI_WRITER is not supported",
      ),
    ],
    expected: [
      {
        check: "claims",
        object: "PersistentVolumeClaim broken",
        what: /MULTI_NODE/,
        cause: /no volume that many nodes mount/,
        fix: `kubectl -n ${NAMESPACE} describe pvc broken`,
      },
    ],
  },
  {
    what: "a disk that another node still has",
    objects: [pod(), event("Pod", "broken", "FailedAttachVolume", 'Multi-Attach error for volume "pvc-1"')],
    status: { phase: "Pending" },
    expected: [
      onPod(
        "mounts",
        /Multi-Attach/,
        /Another node/,
        "pulumi config set --path ralph:persistence.workspace.accessMode ReadWriteMany --stack x",
      ),
    ],
  },
  {
    what: "a container that answers no probe",
    objects: [
      pod(),
      event(
        "Pod",
        "broken",
        "Unhealthy",
        "Readiness probe failed: dial tcp 10.0.0.9:8080: connect: connection refused",
      ),
    ],
    status: {
      phase: "Running",
      containerStatuses: [
        {
          name: "ralph",
          image: "a",
          imageID: "",
          ready: false,
          restartCount: 0,
          state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
        },
      ],
    },
    expected: [onPod("readiness", /connection refused/, /port 8080/, `kubectl -n ${NAMESPACE} logs broken`)],
  },
  {
    what: "a task that ran out of time",
    objects: [job({ activeDeadlineSeconds: 1 })],
    expected: [
      {
        check: "jobs",
        object: "Job broken",
        what: /DeadlineExceeded/,
        cause: /longer than it may/,
        fix: "pulumi config set --path 'ralph:tasks[0].activeDeadlineSeconds' 28800 --stack x",
      },
    ],
  },
  {
    what: "a task that failed, by the runner's exit code",
    objects: [job({})],
    status: {
      phase: "Failed",
      containerStatuses: [
        {
          name: "ralph",
          image: "a",
          imageID: "",
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: 66, reason: "Error" } },
        },
      ],
    },
    expected: [
      {
        check: "jobs",
        object: "Job broken",
        what: /BackoffLimitExceeded: .* Exit code 66/,
        cause: /prompt is missing/,
        fix: `kubectl -n ${NAMESPACE} logs job/broken`,
      },
    ],
  },
  {
    what: "a task whose pods the server refuses",
    objects: [job({}, { containers: [{ name: "a", image: "a" }] })],
    expected: [
      {
        check: "creation",
        object: "Job broken",
        what: /violates PodSecurity/,
        cause: /refuses the pod/,
        fix: "pulumi up --stack x",
      },
    ],
  },
  {
    what: "a schedule that stands still",
    objects: [
      {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { name: "broken", namespace: NAMESPACE },
        spec: {
          schedule: "0 0 1 1 *",
          suspend: true,
          jobTemplate: {
            spec: { template: template({ restartPolicy: "Never", containers: [container()] }) },
          },
        },
      },
    ],
    expected: [
      {
        check: "jobs",
        object: "CronJob broken",
        what: /suspended/,
        cause: /stopped it/,
        fix: `kubectl -n ${NAMESPACE} patch cronjob broken --patch '{"spec":{"suspend":false}}'`,
      },
    ],
  },
  {
    what: "a node that is short of memory",
    objects: [{ apiVersion: "v1", kind: "Node", metadata: { name: "broken" } }],
    nodeStatus: {
      conditions: [
        { type: "Ready", status: "True" },
        { type: "MemoryPressure", status: "True", message: "kubelet has insufficient memory available" },
      ],
    },
    expected: [
      {
        check: "nodes",
        object: "Node broken",
        what: /MemoryPressure: kubelet has insufficient memory/,
        cause: /no new pods/,
        fix: "kubectl describe node broken",
      },
    ],
  },
  {
    what: "a workload that no node can ever hold",
    objects: [
      job({ suspend: true }, { containers: [container({ resources: { requests: { memory: "900Gi" } } })] }),
    ],
    expected: [
      {
        check: "nodes",
        object: "Nodes",
        what: /more memory than any node has: the largest gives pods \d+Gi/,
        cause: /for ever/,
        fix: "pulumi config set --path ralph:cluster.nodes.machineType '<larger>' --stack x",
      },
    ],
  },
  {
    what: "a load balancer that the cloud does not give",
    objects: [event("Service", "ralph-metrics", "SyncLoadBalancerFailed", "quota of addresses exceeded")],
    expected: [
      {
        check: "events",
        object: "Service ralph-metrics",
        what: /SyncLoadBalancerFailed: quota/,
        cause: /test of the cluster/,
        fix: `kubectl -n ${NAMESPACE} describe service ralph-metrics`,
      },
    ],
  },
  {
    what: "a Secret of others that the pods read and nobody has made",
    objects: [
      job({ suspend: true }, { containers: [container({ envFrom: [{ secretRef: { name: "absent" } }] })] }),
    ],
    expected: [
      {
        check: "API keys",
        object: "Secret absent",
        what: /is not there/,
        cause: /existingSecret/,
        fix: `kubectl -n ${NAMESPACE} create secret generic absent --from-file=CLAUDE_API_KEY=<file>`,
      },
    ],
  },
  {
    what: "API keys that cannot be right",
    objects: [
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "broken", namespace: NAMESPACE },
        stringData: { CLAUDE_API_KEY: `${CANARY}\n`, GEMINI_API_KEY: "your-gemini-key-here" },
      },
      job(
        { suspend: true },
        { containers: [container({ envFrom: [{ secretRef: { name: "broken" } }], args: ["--agent=q"] })] },
      ),
    ],
    // The agents are those of the whole workload: q is to have its key in this Secret too.
    expected: [
      {
        check: "API keys",
        object: "Secret broken",
        what: /has no Q_API_KEY/,
        cause: /agent q/,
        fix: `kubectl -n ${NAMESPACE} edit secret broken`,
      },
      {
        check: "API keys",
        object: "Secret broken",
        what: /CLAUDE_API_KEY has white space/,
        cause: /refuses/,
        fix: `kubectl -n ${NAMESPACE} edit secret broken`,
      },
      {
        check: "API keys",
        object: "Secret broken",
        what: /GEMINI_API_KEY is a placeholder/,
        cause: /refuses/,
        fix: `kubectl -n ${NAMESPACE} edit secret broken`,
      },
    ],
  },
];

describe("doctor", () => {
  let stack: Stack | undefined;
  let baseline: readonly Found[];

  const patient = (): Patient => ({ file: fixture().plane.kubeconfig, namespace: NAMESPACE, stack: "x" });
  const apply = async (objects: readonly object[]): Promise<void> => {
    const file = join(fixture().dir, "doctor.yaml");
    writeFileSync(file, objects.map((object) => stringify(object)).join("---\n"));
    await kubectl("apply", "-f", file);
  };
  const remove = (objects: readonly object[]): Promise<string> => {
    writeFileSync(
      join(fixture().dir, "doctor.yaml"),
      objects.map((object) => stringify(object)).join("---\n"),
    );
    return kubectl(
      "delete",
      "-f",
      join(fixture().dir, "doctor.yaml"),
      "--ignore-not-found",
      "--grace-period=0",
      "--force",
      "--cascade=foreground",
    );
  };
  const writeStatus = (kind: string, name: string, status: object): Promise<string> =>
    kubectl(
      "patch",
      kind,
      name,
      "-n",
      NAMESPACE,
      "--subresource=status",
      "--type=merge",
      "-p",
      JSON.stringify({ status }),
    );
  const cli = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<RunResult> =>
    start(process.execPath, ["-r", "./program/loader.js", "lifecycle/cli.ts", "doctor", ...args], {
      cwd: REPOSITORY,
      env,
    }).result;

  before(async () => {
    stack = await Stack.create({ namespace: NAMESPACE });
    await stack.setSecret("apiKeys.claude", CANARY);
    await stack.setSecret("apiKeys.gemini", CANARY);
    await stack.setSecret("apiKeys.q", CANARY);
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    await until("the task is done", async () =>
      (await list("jobs", "-n", NAMESPACE)).every(({ status }) => status.succeeded === 1),
    );
    baseline = (await diagnose(patient())).findings;
  });
  after(async () => {
    await stack?.remove();
  });

  it("finds what the simulation really lacks, and nothing else", async () => {
    const { findings, unseen, namespace } = await diagnose(patient());
    assert.deepEqual(
      findings.map(({ check, object }) => `${check}: ${object}`),
      [
        "autoscaling: HorizontalPodAutoscaler ralph-hpa",
        "network policy: NetworkPolicy ralph-network-policy",
        "name resolution: NetworkPolicy ralph-network-policy",
      ],
    );
    assert.deepEqual([unseen, namespace], [[], NAMESPACE]);
  });

  it("finds nothing where everything is there", async () => {
    const selector = { matchLabels: { x: "cilium" } };
    const resolver = {
      ...pod(),
      metadata: { name: "resolver", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
    };
    const there = [
      {
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        metadata: { name: "cilium", namespace: "kube-system" },
        spec: {
          selector,
          template: template(
            { containers: [container()], nodeSelector: { no: "node" } },
            selector.matchLabels,
          ),
        },
      },
      resolver,
    ];
    await apply(there);
    await kubectl("delete", "hpa", "ralph-hpa", "-n", NAMESPACE);
    const { findings, unseen } = await diagnose(patient());
    assert.deepEqual([findings, unseen], [[], []]);
    const told = await cli(["--kubeconfig", fixture().plane.kubeconfig, "--namespace", NAMESPACE]);
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stdout, /^Namespace patient at https:.*: \d+ checks, no finding\.\n$/);
    await remove(there);
  });

  for (const { what, objects, status, nodeStatus, expected } of CASES) {
    it(`finds ${what}`, async () => {
      try {
        await apply(objects);
        if (nodeStatus !== undefined) await writeStatus("node", "broken", nodeStatus);
        if (status !== undefined) {
          const name = await until(
            "the pod is there",
            async () =>
              (await list("pods", "-n", NAMESPACE)).find(({ metadata }) => metadata.name.startsWith("broken"))
                ?.metadata.name,
          );
          await writeStatus("pod", name, status);
        }
        let last: Found[] = [];
        const found = await until(
          `${expected.length} more findings`,
          async () => {
            const { findings } = await diagnose(patient());
            last = findings.filter(
              (one) => !baseline.some((old) => old.check === one.check && old.object === one.object),
            );
            return last.length >= expected.length && last;
          },
          15_000,
        ).catch((error: unknown) => {
          throw new Error(`${String(error)}; found: ${JSON.stringify(last, undefined, 2)}`);
        });
        assert.deepEqual(
          found.map(({ check, object }) => ({ check, object })),
          expected.map(({ check, object }) => ({ check, object })),
          JSON.stringify(found, undefined, 2),
        );
        expected.forEach((wanted, i) => {
          const one = found[i];
          assert.match(one?.what ?? "", wanted.what);
          assert.match(one?.cause ?? "", wanted.cause);
          assert.ok(one?.fix.includes(wanted.fix), `${one?.fix.join("\n")}\n  has not: ${wanted.fix}`);
        });
        assert.doesNotMatch(JSON.stringify(found), new RegExp(CANARY));
      } finally {
        await remove(objects);
        // Events stay for an hour, those of the real controllers too.
        await kubectl("delete", "events", "--all", "-n", NAMESPACE);
        await until("it is gone", async () =>
          (await list("pods,jobs,replicasets", "-n", NAMESPACE)).every(
            ({ metadata }) => !metadata.name.startsWith("broken"),
          ),
        );
      }
    });
  }

  it("finds a policy that closes the pods in, once the program's own is gone", async () => {
    const deny = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "deny", namespace: NAMESPACE },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    };
    await apply([deny]);
    const shut = async (): Promise<Found[]> =>
      (await diagnose(patient())).findings.filter(({ what }) => /nobody by HTTPS/.test(what));
    assert.deepEqual(await shut(), [], "policies add up");
    await kubectl("delete", "networkpolicy", "ralph-network-policy", "-n", NAMESPACE);
    const [finding] = await shut();
    assert.ok(finding?.fix.includes("pulumi config set --path ralph:networkPolicy.enabled true --stack x"));
    await remove([deny]);
  });

  it("finds the stack by its name, and tells no secret", async () => {
    assert.ok(stack);
    const { code, stdout, stderr } = await cli(["--stack", NAMESPACE, "--json"], stack.env);
    const told = JSON.parse(stdout) as Diagnosis;
    assert.deepEqual(told, await diagnose({ ...patient(), stack: NAMESPACE }), stderr);
    assert.equal(code, told.findings.length > 0 ? 2 : 0);
    assert.doesNotMatch(stdout + stderr, new RegExp(CANARY));
  });

  it("only reads", async () => {
    const mark = auditMark();
    await diagnose(patient());
    const own = (await auditEntries(mark)).filter(({ userAgent }) => userAgent === USER_AGENT);
    assert.ok(own.length > 15, `${own.length} requests`);
    assert.deepEqual([...new Set(own.map(({ verb }) => verb))].sort(), ["get", "list"]);
  });

  it("says what a role that may see less may not, and looks at the rest", async () => {
    await kubectl("create", "serviceaccount", "viewer", "-n", NAMESPACE);
    await kubectl(
      "create",
      "rolebinding",
      "viewer",
      "-n",
      NAMESPACE,
      "--clusterrole=view",
      `--serviceaccount=${NAMESPACE}:viewer`,
    );
    const token = (await kubectl("create", "token", "viewer", "-n", NAMESPACE)).trim();
    const file = await kubeconfig("viewer", { token });
    const { findings, unseen, checks } = await diagnose({ file, namespace: NAMESPACE });
    const all = (await diagnose({ ...patient(), stack: undefined })).findings;
    // Of a data plane and resolvers that it may not look at it says nothing.
    const visible = all.filter(({ check }) => !["network policy", "name resolution"].includes(check));
    assert.deepEqual(findings, visible);
    assert.ok(checks > 10, `${checks} checks`);
    assert.deepEqual(unseen.map(({ fix }) => fix).sort(), [
      "kubectl auth can-i get secrets -n patient",
      "kubectl auth can-i list daemonsets.apps -n kube-system",
      "kubectl auth can-i list nodes",
      "kubectl auth can-i list pods -n kube-system",
      "kubectl auth can-i list storageclasses.storage.k8s.io",
    ]);
    assert.ok(unseen.every(({ reason }) => /^403 .*forbidden/.test(reason)));
    const { code, stdout, stderr } = await cli(["--kubeconfig", file, "--namespace", NAMESPACE]);
    assert.equal(code, visible.length > 0 ? 2 : 3, stderr);
    assert.match(stdout, /not seen: secrets \(for: pull secrets, API keys\)\n {2}403 /);
  });

  it("says that it could not look: at a server that is not there, refuses the client, or is not in the kubeconfig", async () => {
    const access: [Patient, RegExp][] = [
      [
        { file: await kubeconfig("away", { token: "x" }, "https://127.0.0.1:1") },
        /https:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/,
      ],
      [{ file: await kubeconfig("stranger", { token: "x" }) }, /does not accept the credentials \(401\)/],
      [{ file: fixture().plane.kubeconfig, context: "moon" }, /has no context "moon"; it has engine-tests/],
      [{ file: join(fixture().dir, "none") }, /no such file/],
    ];
    for (const [where, message] of access) {
      await assert.rejects(
        diagnose(where),
        (error: Error) => error instanceof Unreachable && message.test(error.message),
      );
    }
    const { code, stderr } = await cli(["--kubeconfig", join(fixture().dir, "none")]);
    assert.equal(code, 3);
    assert.match(stderr, /^error: .*no such file.*\nNothing could be looked at\.\n$/);
  });

  it("finds the workers of a volume that is gone, and its commands bring them a new one", async () => {
    assert.ok(stack);
    const uid = async (): Promise<string | undefined> =>
      (await get("pvc", "ralph-workspace", NAMESPACE))?.metadata.uid;
    const before = await uid();
    await kubectl("delete", "pvc", "ralph-workspace", "-n", NAMESPACE, "--wait=false");
    await kubectl("delete", "pods", "-l", "app.kubernetes.io/component=worker", "-n", NAMESPACE);
    const found = await until("the new pod has no volume", async () =>
      (await diagnose(patient())).findings.find(
        ({ check, what }) => check === "scheduling" && /persistentvolumeclaim/.test(what),
      ),
    );
    assert.deepEqual(found.fix, ["pulumi refresh --stack x", "pulumi up --stack x"]);
    for (const { code, stdout, stderr } of [await stack.refresh(), await stack.up()])
      assert.equal(code, 0, stdout + stderr);
    await kubectl(
      "wait",
      "deployment/ralph-orchestrator",
      "-n",
      NAMESPACE,
      "--for=condition=Available",
      "--timeout=60s",
    );
    const after = await uid();
    assert.ok(after !== undefined && after !== before);
    assert.deepEqual(
      (await diagnose(patient())).findings.filter(({ check }) => ["scheduling", "claims"].includes(check)),
      [],
    );
  });

  it("says that nothing is there, where nothing is", async () => {
    const [namespace] = (await diagnose({ ...patient(), namespace: "nowhere" })).findings;
    assert.deepEqual([namespace?.object, namespace?.what], ["Namespace nowhere", "is not there"]);
    const [workload] = (await diagnose({ ...patient(), namespace: "default" })).findings;
    assert.deepEqual(
      [workload?.object, workload?.what],
      ["Deployment ralph-orchestrator", "is not in namespace default"],
    );
  });

  /** A kubeconfig of the control plane, as somebody else. */
  async function kubeconfig(name: string, user: object, server = fixture().plane.server): Promise<string> {
    const file = join(fixture().dir, `kubeconfig-${name}`);
    const { toolchain, plane } = fixture();
    const { stdout } = await run(toolchain.paths.kubectl, [
      "--kubeconfig",
      plane.kubeconfig,
      "config",
      "view",
      "--raw",
      "-o",
      "jsonpath={.clusters[0].cluster.certificate-authority-data}",
    ]);
    writeFileSync(
      file,
      stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": name,
        contexts: [{ name, context: { cluster: name, user: name } }],
        clusters: [{ name, cluster: { server, "certificate-authority-data": stdout } }],
        users: [{ name, user }],
      }),
    );
    return file;
  }
});
