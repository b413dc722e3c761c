/**
 * Proves what `verify` concludes where no cluster here can show it: a network policy that holds, one that does not,
 * and one whose test shows nothing; an autoscaler's status in both formats; a registry's and a scheduler's refusals in
 * the words of the cluster; Prometheus's list of targets; and which objects a run creates and deletes, against a server that records the requests.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Deployment, V1Pod } from "@kubernetes/client-node";

import { verifyExitCode } from "../../cli/exit-codes";
import { verifyText } from "../../cli/reports/verify";
import { run } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";
import { type ClusterClient, Refusal } from "../../operations/cluster/client";
import { CHECKS } from "../../operations/verify/checks";
import { isHealthy } from "../../operations/verify/checks/autoscaler";
import { type Experiment, judge } from "../../operations/verify/checks/network";
import { judgeTargets, type Targets } from "../../operations/verify/checks/prometheus";
import { programPod, taskPod } from "../../operations/verify/probe";
import { targets } from "../../operations/verify/programs";
import type { VerifyReport } from "../../operations/verify/report";
import { ProbeFailure, Sandbox } from "../../operations/verify/sandbox";
import { nodeVersions, pluginVersions } from "../../operations/verify/versions";

describe("verify judges a network policy", () => {
  const wanted = "api.example.com:443";
  const forbidden = ["another pod", "the metadata server", "the API server"];
  const all = (result: string) => Object.fromEntries(forbidden.map((name) => [name, result]));
  const open = { [wanted]: "open" };
  const CASES: [what: string, experiment: Pick<Experiment, "ralph" | "control">, result: RegExp][] = [
    [
      "that blocks what another pod reaches",
      { ralph: { ...all("ETIMEDOUT"), ...open }, control: { ...all("open"), ...open } },
      /^passed .* blocked by the policy: another pod, the metadata server, the API server$/,
    ],
    [
      "on a cluster whose metadata server no pod reaches",
      {
        ralph: { ...all("ETIMEDOUT"), ...open },
        control: { ...all("open"), ...open, "the metadata server": "ETIMEDOUT" },
      },
      /^passed .*another pod, the API server; reached by no pod: the metadata server$/,
    ],
    [
      "that is not enforced",
      { ralph: { ...all("open"), ...open }, control: { ...all("open"), ...open } },
      /^failed a pod of Ralph reaches another pod, the metadata server, the API server: /,
    ],
    [
      "that blocks DNS",
      { ralph: { ...all("ETIMEDOUT"), [wanted]: "EAI_AGAIN" }, control: { ...all("open"), ...open } },
      /^failed a pod of Ralph does not resolve the name of .* the policy blocks it$/,
    ],
    [
      "on a cluster without a route to the internet",
      {
        ralph: { ...all("ETIMEDOUT"), [wanted]: "ETIMEDOUT" },
        control: { ...all("open"), [wanted]: "ETIMEDOUT" },
      },
      /^failed a pod does not reach .* with or without the policy: check DNS, NAT and the firewall$/,
    ],
    [
      "whose control shows nothing",
      { ralph: { ...all("ETIMEDOUT"), ...open }, control: { ...all("ETIMEDOUT"), ...open } },
      /^failed .* this shows nothing$/,
    ],
  ];
  for (const [what, experiment, result] of CASES)
    it(what, () => {
      const { outcome, detail } = judge({ wanted, forbidden, ...experiment });
      assert.match(`${outcome} ${detail}`, result);
    });
});

describe("verify reads the autoscaler's status", () => {
  // https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/clusterstate/api/types.go
  const CASES: [what: string, status: string, healthy: boolean][] = [
    ["in YAML", "autoscalerStatus: Running\nclusterWide:\n  health:\n    status: Healthy\n", true],
    [
      "in YAML, of a cluster with too many unready nodes",
      "clusterWide:\n  health:\n    status: Unhealthy\nnodeGroups:\n- health:\n    status: Healthy\n",
      false,
    ],
    ["as text", "Cluster-wide:\n  Health:      Healthy (ready=3 unready=0)\n", true],
    ["while it starts", "autoscalerStatus: Initializing\n", false],
  ];
  for (const [what, status, healthy] of CASES) it(what, () => assert.equal(isHealthy(status), healthy));
});

describe("verify asks Prometheus for its targets", () => {
  const pool = "serviceMonitor/ralph/ralph-orchestrator/0";
  const target = (health: string, lastError = "", scrapePool = pool) => ({ health, lastError, scrapePool });
  // https://prometheus.io/docs/prometheus/latest/querying/api/#targets
  const CASES: [what: string, targets: object[], result: RegExp][] = [
    [
      "one of which is up",
      [target("up"), target("down", "refused"), target("down", "x", "serviceMonitor/other/a/0")],
      /^passed 1 of 2 targets are up$/,
    ],
    [
      "which it cannot reach",
      [target("down", "context deadline exceeded")],
      /^failed Prometheus reads none of 1 targets: context deadline exceeded$/,
    ],
    [
      "of which none is the stack's",
      [target("up", "", "serviceMonitor/other/ralph-orchestrator/0")],
      /^failed Prometheus has no target of the stack: it does not select its ServiceMonitor$/,
    ],
  ];
  for (const [what, activeTargets, result] of CASES)
    it(what, async () => {
      const server = createServer((_, answer) => answer.end(JSON.stringify({ data: { activeTargets } })));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const dir = mkdtempSync(join(tmpdir(), "targets-"));
      try {
        const log = join(dir, "log");
        const { port } = server.address() as AddressInfo;
        const env = {
          URL: `http://127.0.0.1:${port}/api/v1/targets`,
          POOL: "serviceMonitor/ralph/ralph-orchestrator/",
          PATIENCE: "10",
        };
        const text = targets.replaceAll("/dev/termination-log", log);
        const { code, stderr } = await run(process.execPath, ["-e", text], { env });
        assert.equal(code, 0, stderr);
        const { outcome, detail } = judgeTargets(JSON.parse(readFileSync(log, "utf8")) as Targets);
        assert.match(`${outcome} ${detail}`, result);
      } finally {
        server.close();
        rmSync(dir, { recursive: true });
      }
    });
});

const WORKERS: V1Deployment = {
  spec: {
    selector: {},
    template: {
      spec: {
        serviceAccountName: "ralph-sa",
        nodeSelector: { pool: "spot" },
        tolerations: [{ key: "spot", operator: "Exists" }],
        securityContext: { runAsUser: 1000, fsGroup: 1000 },
        containers: [
          {
            name: "ralph",
            image: "ralph:1",
            envFrom: [{ secretRef: { name: "ralph-secrets" } }, { configMapRef: { name: "ralph-config" } }],
            env: [{ name: "HOME", value: "/home/ralph" }],
            volumeMounts: [
              { name: "workspace", mountPath: "/workspace" },
              { name: "git", mountPath: "/etc/ralph/ssh" },
            ],
          },
        ],
        volumes: [
          { name: "workspace", persistentVolumeClaim: { claimName: "ralph-workspace" } },
          { name: "git", secret: { secretName: "ralph-git" } },
        ],
      },
    },
  },
};

describe("verify's pods", () => {
  const task = taskPod(WORKERS, { args: ["--agent=smoke"], env: {}, output: "/output" });
  const program = programPod(WORKERS, { program: "done()" });

  it("run where the workers run, with their restrictions", () => {
    for (const { nodeSelector, tolerations, securityContext } of [task, program])
      assert.deepEqual(
        { nodeSelector, tolerations, securityContext },
        {
          nodeSelector: { pool: "spot" },
          tolerations: [{ key: "spot", operator: "Exists" }],
          securityContext: { runAsUser: 1000, fsGroup: 1000 },
        },
      );
  });

  it("have no key, no setting and no volume of the workers, and no token", () => {
    for (const pod of [task, program]) {
      assert.doesNotMatch(JSON.stringify(pod), /ralph-secrets|ralph-config|ralph-workspace|ralph-git/);
      assert.equal(pod.automountServiceAccountToken, false);
    }
  });
});

/** A server that has one pod for each Job, and records what is created and deleted. */
function server(pod: V1Pod["status"], events: object[] = []) {
  const calls: string[] = [];
  const client: ClusterClient = {
    address: "https://server",
    get: () => Promise.reject(new Refusal(404, {})),
    list: <T>(path: string) =>
      Promise.resolve(
        (path.includes("/events") ? events : path.includes("/pods") ? [{ status: pod }] : []) as T[],
      ),
    patch: () => Promise.reject(new Refusal(405, {})),
    create: <T>(path: string, object: object) => {
      calls.push(`POST ${path}`);
      return Promise.resolve({
        ...object,
        metadata: { ...(object as V1Pod).metadata, uid: "u", creationTimestamp: "2026-11-30T00:00:00Z" },
      } as T);
    },
    delete: (path: string) => {
      calls.push(`DELETE ${path}`);
      return Promise.resolve();
    },
  };
  return { calls, sandbox: new Sandbox(client, "ralph", "abc", 1) };
}

const waiting = (reason: string, message: string) => ({
  phase: "Pending",
  containerStatuses: [{ name: "probe", state: { waiting: { reason, message } } }],
});

describe("verify's sandbox", () => {
  const pod = { containers: [] };

  const REFUSALS: [what: string, status: object, events: object[], message: RegExp][] = [
    [
      "an image that cannot be pulled, at once",
      waiting("ImagePullBackOff", 'Back-off pulling image "r/ralph:1": 403 Forbidden'),
      [],
      /^ImagePullBackOff: .*403 Forbidden$/,
    ],
    [
      "a pod without a node",
      {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }],
      },
      [],
      /^the end of the pod did not happen within 0 s: 0\/3 nodes are available$/,
    ],
    [
      "a volume that cannot be mounted",
      waiting("ContainerCreating", ""),
      [{ type: "Warning", message: "MountVolume.SetUp failed: access denied" }],
      /: MountVolume\.SetUp failed: access denied$/,
    ],
  ];
  for (const [what, status, events, message] of REFUSALS)
    it(`reports ${what}, in the cluster's words`, async () => {
      const { sandbox } = server(status as V1Pod["status"], events);
      const job = await sandbox.start({ what: "a", deadline: 60, pod });
      await assert.rejects(
        sandbox.ended(job, 0),
        (error: Error) => error instanceof ProbeFailure && message.test(error.message),
      );
    });

  it("deletes what it created, in reverse, and nothing twice", async () => {
    const { sandbox, calls } = server({});
    const job = await sandbox.start({ what: "a", deadline: 60, pod });
    await sandbox.claim("c", job, {});
    await sandbox.start({ what: "m", namespace: "monitoring", deadline: 60, pod });
    assert.deepEqual(await sandbox.close({ wait: true }), []);
    await sandbox.close({ wait: true });
    const jobs = (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/jobs`;
    const claims = "/api/v1/namespaces/ralph/persistentvolumeclaims";
    const background = "?propagationPolicy=Background";
    assert.deepEqual(calls, [
      `POST ${jobs("ralph")}`,
      `POST ${claims}`,
      `POST ${jobs("monitoring")}`,
      `DELETE ${jobs("monitoring")}/ralph-verify-abc-m${background}`,
      `DELETE ${claims}/ralph-verify-abc-c${background}`,
      `DELETE ${jobs("ralph")}/ralph-verify-abc-a${background}`,
    ]);
  });
});

describe("verify's report", () => {
  const base = { name: "a", shows: "b", detail: "d", seconds: 1 };
  const report = (...checks: VerifyReport["checks"]): VerifyReport => ({
    stack: "gke",
    cloud: "gke",
    at: "2026-11-30T06:00:00.000Z",
    seconds: 90,
    versions: {
      ralphctl: "0.1.0",
      node: "v24.0.0",
      pulumi: "v3.248.0",
      plugins: pluginVersions([
        { urn: "", type: "pulumi:providers:gcp", inputs: { version: "9.5.0" } },
        { urn: "", type: "pulumi:providers:kubernetes", outputs: { version: "4.34.2" } },
        { urn: "", type: "kubernetes:core/v1:Secret" },
      ]),
      kubernetes: "v1.35.2-gke.100",
      nodes: nodeVersions([1, 2].map(() => ({ status: { nodeInfo: NODE } }))),
    },
    checks,
  });
  const NODE = {
    kubeletVersion: "v1.35.1",
    containerRuntimeVersion: "containerd://2.0.1",
    osImage: "COS",
    kernelVersion: "6.6",
    architecture: "amd64",
    bootID: "b",
    machineID: "m",
    systemUUID: "s",
    kubeProxyVersion: "",
    operatingSystem: "linux",
  };

  it("has an exit code: 2 if something failed, 3 if something could not be tried, 0 if the rest does not exist", () => {
    const failed = { ...base, outcome: "failed", next: ["fix"] } as const;
    const blind = { ...base, outcome: "skipped", next: ["make up NODE=real"] } as const;
    const absent = { ...base, outcome: "skipped", next: [] } as const;
    assert.deepEqual(
      [report(failed, blind), report(blind, absent), report(absent)].map(verifyExitCode),
      [2, 3, 0],
    );
  });

  it("is text for people, with alike nodes counted", () => {
    const text = verifyText(report({ ...base, outcome: "failed", next: ["./ralphctl doctor --stack gke"] }));
    assert.equal(
      text,
      [
        "ralphctl 0.1.0",
        "node v24.0.0",
        "pulumi v3.248.0",
        "plugin gcp 9.5.0",
        "plugin kubernetes 4.34.2",
        "kubernetes v1.35.2-gke.100",
        "2 x node: v1.35.1, containerd://2.0.1, COS, 6.6, amd64",
        "",
        "failed  a     1 s  d",
        "        ./ralphctl doctor --stack gke",
        "",
        "Stack gke on gke: 0 passed, 1 failed, 0 skipped, in 90 s.",
      ].join("\n"),
    );
  });

  it("has the checks of docs/operations.md, in the same order", () => {
    const section = readFileSync(join(REPOSITORY, "docs/operations.md"), "utf8").split(/^## /m)[1] ?? "";
    assert.deepEqual(
      [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name),
      [...CHECKS.map(({ name }) => name), "clean-up"],
    );
  });
});
