/**
 * Proves what `./ralphctl doctor` reports about a workload on a real API server, and that it only reads. The program is
 * deployed; then each case breaks something. The server, the scheduler and the controllers cause the problem where they
 * can; what only a node, a driver or a registry would report is written into the status as they write it. All findings
 * are compared with those of the intact workload, so nothing is missed and nothing else is found. Also: a role with
 * fewer permissions, no access at all, and that no secret value is printed.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { CHECKS } from "../../operations/doctor/checks";
import { type Diagnosis, diagnose, type DiagnoseOptions } from "../../operations/doctor";
import { Unreachable, USER_AGENT } from "../../operations/cluster/client";
import { REPOSITORY } from "../../lib/repository";
import { run, type RunResult } from "../../lib/process";
import { RALPHCTL } from "../support/ralphctl";
import { CANARY, container, NAMESPACE, pod, template } from "./doctor/case";
import { CLUSTER } from "./doctor/cluster";
import { IMAGES } from "./doctor/images";
import { JOBS } from "./doctor/jobs";
import { PODS } from "./doctor/pods";
import { REFUSALS } from "./doctor/refusals";
import { SECRETS } from "./doctor/secrets";
import { STORAGE } from "./doctor/storage";
import { auditEntries, auditMark } from "./support/audit";
import { start } from "./support/children";
import { fixture } from "./support/fixture";
import { get, kubectl, kubectlWith, list } from "./support/kubectl";
import { Stack } from "./support/stack";
import { until } from "./support/until";

type Found = Diagnosis["findings"][number];

const CASES = [...IMAGES, ...PODS, ...STORAGE, ...REFUSALS, ...JOBS, ...CLUSTER, ...SECRETS];

describe("doctor", () => {
  let stack: Stack | undefined;
  let baseline: readonly Found[];

  const patient = (): DiagnoseOptions => ({
    file: fixture().plane.kubeconfig,
    namespace: NAMESPACE,
    stack: NAMESPACE,
  });
  const apply = (objects: readonly object[]): Promise<string> => kubectlWith(objects, "apply");
  const remove = (objects: readonly object[]): Promise<string> =>
    kubectlWith(
      objects,
      ...["delete", "--ignore-not-found", "--grace-period=0", "--force", "--cascade=foreground"],
    );
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
    start(process.execPath, [...RALPHCTL, "doctor", ...args], {
      cwd: REPOSITORY,
      env,
    }).result;

  before(async () => {
    // The server would refuse pods that are too large before a node could.
    const unlimited = { quota: { enabled: false }, limitRange: { enabled: false } };
    stack = await Stack.create({ namespace: NAMESPACE, config: unlimited });
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

  it("finds what the simulation lacks, and nothing else", async () => {
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

  it("finds nothing if everything exists", async () => {
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
    const report = await cli(["--kubeconfig", fixture().plane.kubeconfig, "--namespace", NAMESPACE]);
    assert.equal(report.code, 0, report.stderr);
    assert.match(report.stdout, /^Namespace patient at https:.*: \d+ checks, no problems\.\n$/);
    await remove(there);
  });

  for (const { what, objects, status, nodeStatus, expected } of CASES) {
    it(`finds ${what}`, async () => {
      try {
        await apply(objects);
        if (nodeStatus !== undefined) await writeStatus("node", "broken", nodeStatus);
        if (status !== undefined) {
          const name = await until(
            "the pod exists",
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
          const { alert } = CHECKS.find(({ name }) => name === wanted.check) ?? {};
          assert.equal(one?.runbook, alert && `docs/monitoring.md#${alert.toLowerCase()}`);
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

  it("finds a policy that blocks the pods, once the program's own is deleted", async () => {
    const deny = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "deny", namespace: NAMESPACE },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    };
    await apply([deny]);
    const shut = async (): Promise<Found[]> =>
      (await diagnose(patient())).findings.filter(({ what }) => /blocks all HTTPS/.test(what));
    assert.deepEqual(await shut(), [], "policies add up");
    await kubectl("delete", "networkpolicy", "ralph-network-policy", "-n", NAMESPACE);
    const [finding] = await shut();
    assert.ok(
      finding?.fix.includes("pulumi config set --path ralph:networkPolicy.enabled true --stack patient"),
    );
    await remove([deny]);
  });

  it("finds the cluster of a stack by its name, and prints no secret", async () => {
    assert.ok(stack);
    const { code, stdout, stderr } = await cli(["--stack", NAMESPACE, "--json"], stack.env);
    const report = JSON.parse(stdout) as Diagnosis;
    const { checks, ...rest } = await diagnose(patient());
    // The stack's cloud is asked as well.
    assert.deepEqual(report, { ...rest, checks: checks + 1 }, stderr);
    assert.equal(code, report.findings.length > 0 ? 2 : 0);
    assert.doesNotMatch(stdout + stderr, new RegExp(CANARY));
  });

  it("only reads", async () => {
    const mark = auditMark();
    await diagnose(patient());
    const own = (await auditEntries(mark)).filter(({ userAgent }) => userAgent === USER_AGENT);
    assert.ok(own.length > 15, `${own.length} requests`);
    assert.deepEqual([...new Set(own.map(({ verb }) => verb))].sort(), ["get", "list"]);
  });

  it("reports what a role may not read, and checks everything else", async () => {
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
    // It reports nothing about network plugins and DNS servers that it may not read.
    const visible = all.filter(({ check }) => !["network policy", "name resolution"].includes(check));
    assert.deepEqual(findings, visible);
    assert.ok(checks > 10, `${checks} checks`);
    assert.deepEqual(unseen.map(({ fix }) => fix).sort(), [
      "kubectl auth can-i create pods/exec -n patient",
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

  it("reports that it could not look: no server, rejected credentials, or no such context", async () => {
    const access: [DiagnoseOptions, RegExp][] = [
      [
        { file: await kubeconfig("away", { token: "x" }, "https://127.0.0.1:1") },
        /https:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/,
      ],
      [{ file: await kubeconfig("stranger", { token: "x" }) }, /does not accept the credentials \(401\)/],
      [{ file: fixture().plane.kubeconfig, context: "moon" }, /has no context "moon"; it has engine-tests/],
      [{ file: join(fixture().dir, "none") }, /none cannot be read: ENOENT/],
    ];
    for (const [where, message] of access) {
      await assert.rejects(
        diagnose(where),
        (error: Error) => error instanceof Unreachable && message.test(error.message),
      );
    }
    const { code, stderr } = await cli(["--kubeconfig", join(fixture().dir, "none")]);
    assert.equal(code, 3);
    assert.match(stderr, /^error: .*none cannot be read: ENOENT\nNothing could be examined\.\n$/);
  });

  it("finds workers whose volume was deleted, and its commands give them a new one", async () => {
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
    assert.deepEqual(found.fix, ["pulumi refresh --stack patient", "pulumi up --stack patient"]);
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

  it("reports a namespace and a Deployment that do not exist", async () => {
    const [namespace] = (await diagnose({ ...patient(), namespace: "nowhere" })).findings;
    assert.deepEqual([namespace?.object, namespace?.what], ["Namespace nowhere", "does not exist"]);
    const { findings } = await diagnose({ ...patient(), namespace: "default" });
    assert.deepEqual(
      findings.slice(0, 2).map(({ object, what }) => [object, what]),
      [
        ["Namespace default", "exists, and no stack created it"],
        ["Deployment ralph-orchestrator", "does not exist in namespace default"],
      ],
    );
  });

  /** A kubeconfig of the control plane for another user. */
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
