/**
 * Proves what the doctor's checks report for states that a simulated node cannot be kept in, or that need a cloud;
 * and that every key in a suggested command is one that the program has. The other checks are tested on a real server,
 * in test/engine/doctor.test.ts.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { commandsFor } from "../../operations/doctor";
import { autoscaling } from "../../operations/doctor/checks/autoscaling";
import { claims } from "../../operations/doctor/checks/claims";
import { externalSecrets } from "../../operations/doctor/checks/external-secrets";
import { jobs } from "../../operations/doctor/checks/jobs";
import { keys } from "../../operations/doctor/checks/keys";
import { namespace } from "../../operations/doctor/checks/namespace";
import { networkPolicy } from "../../operations/doctor/checks/network-policy";
import { nodes } from "../../operations/doctor/checks/nodes";
import { versions } from "../../operations/doctor/checks/versions";
import { workload } from "../../operations/doctor/checks/workload";
import type { Check, Objects } from "../../operations/doctor/types";
import { REPOSITORY } from "../../lib/repository";

const COMMANDS = commandsFor("ralph");
const NOTHING: Objects = {
  namespaces: [],
  deployments: [],
  pods: [],
  jobs: [],
  cronJobs: [],
  events: [],
  claims: [],
  quotas: [],
  autoscalers: [],
  networkPolicies: [],
  configMaps: [],
  secrets: new Map(),
  externalSecrets: [],
  storageClasses: [],
  nodes: [],
  systemPods: [],
  systemDaemonSets: [],
  serverVersion: "v1.36.1",
  metricsApi: true,
};

const node = (...conditions: object[]) => ({ metadata: { name: "n" }, status: { conditions } });
const kubelet = (kubeletVersion: string) => ({
  metadata: { name: "n" },
  status: { nodeInfo: { kubeletVersion } },
});
const proxy = (image: string, name = "kube-proxy") => ({ spec: { containers: [{ name, image }] } });
const hpa = (...conditions: object[]) => ({
  metadata: { name: "ralph-hpa" },
  spec: { maxReplicas: 10 },
  status: { conditions },
});
const policy = {
  metadata: { name: "p" },
  spec: { podSelector: { matchLabels: { app: "ralph-orchestrator" } } },
};
const vpcCni = (...args: string[]) => ({
  metadata: { name: "aws-node" },
  spec: { template: { spec: { containers: [{ name: "aws-eks-nodeagent", args }] } } },
});

/** A Deployment with the program's own Secret, which is empty. */
const withKeys = (data: Record<string, string>, env: readonly string[] = []) => ({
  configMaps: [{ metadata: { name: "ralph-config" }, data }],
  secrets: new Map([["ralph-secrets", {}]]),
  deployments: [
    {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "ralph",
                envFrom: [{ secretRef: { name: "ralph-secrets" } }],
                env: env.map((name) => ({ name })),
              },
            ],
          },
        },
      },
    },
  ],
});

/** A schedule, as the server holds it after a manager has suspended it. */
const suspended = (manager: string, operation: string) => ({
  cronJobs: [
    {
      metadata: {
        name: "ralph-daily",
        managedFields: [{ manager, operation, fieldsV1: { "f:spec": { "f:suspend": {} } } }],
      },
      spec: { suspend: true },
    },
  ],
});

/** As External Secrets 0.16.2 writes it. */
const external = (...conditions: object[]) => ({
  metadata: { name: "ralph-secrets-external" },
  spec: { secretStoreRef: { name: "vault", kind: "ClusterSecretStore" } },
  status: { conditions },
});

const CASES: [what: string, check: Check, objects: object, seen: RegExp | undefined, fix?: string][] = [
  ["a schedule that the stack suspends", jobs, suspended("pulumi-kubernetes-1a2b", "Apply"), undefined],
  ["one that Flux's folder suspends", jobs, suspended("kustomize-controller", "Apply"), undefined],
  [
    "one that kubectl suspends",
    jobs,
    suspended("kubectl-patch", "Update"),
    /^is suspended/,
    `kubectl -n ralph patch cronjob ralph-daily --patch '{"spec":{"suspend":false}}'`,
  ],
  [
    "a Secret from a store that has arrived",
    externalSecrets,
    { externalSecrets: [external({ type: "Ready", status: "True", reason: "SecretSynced" })] },
    undefined,
  ],
  [
    "one that the store refuses",
    externalSecrets,
    {
      externalSecrets: [
        external({
          type: "Ready",
          status: "False",
          reason: "SecretSyncedError",
          message: "could not get secret data from provider",
        }),
      ],
    },
    /SecretSyncedError: could not get secret data from provider/,
    "kubectl -n ralph describe externalsecret ralph-secrets-external",
  ],
  [
    "one that no controller has read",
    externalSecrets,
    { externalSecrets: [external()] },
    /has no status/,
    "kubectl get pods -A -l app.kubernetes.io/name=external-secrets",
  ],
  [
    "a cluster without nodes",
    nodes,
    {},
    /has no nodes/,
    "pulumi config set --path ralph:cluster.nodes.count 3",
  ],
  ["no API key", keys, withKeys({ RALPH_AGENT: "claude" }), /^has no CLAUDE_API_KEY/],
  ["no API key of any agent", keys, withKeys({}), /^has none of CLAUDE_API_KEY/],
  [
    "an agent that logs in by its pod's identity",
    keys,
    withKeys({ RALPH_AGENT: "claude", CLAUDE_CODE_USE_BEDROCK: "1" }),
    undefined,
  ],
  ["any agent, one of which does", keys, withKeys({ GOOGLE_GENAI_USE_VERTEXAI: "true" }), undefined],
  [
    "an agent that does not",
    keys,
    withKeys({ RALPH_AGENT: "gemini", CLAUDE_CODE_USE_BEDROCK: "1" }),
    /GEMINI_API_KEY/,
  ],
  ["a key of a gateway", keys, withKeys({ RALPH_AGENT: "claude" }, ["ANTHROPIC_AUTH_TOKEN"]), undefined],
  [
    "a node whose kubelet reports an error",
    nodes,
    { nodes: [node({ type: "Ready", status: "False", message: "runtime network not ready" })] },
    /NotReady: runtime network not ready/,
    "kubectl describe node n",
  ],
  [
    "a node that stopped reporting",
    nodes,
    { nodes: [node({ type: "Ready", status: "Unknown", message: "Kubelet stopped posting node status." })] },
    /stopped posting/,
    "kubectl delete node n",
  ],
  ["a healthy node", nodes, { nodes: [node({ type: "Ready", status: "True" })] }, undefined],
  [
    "a node that is a minor version behind",
    versions,
    { nodes: [kubelet("v1.35.4-gke.100"), kubelet("v1.36.0-eks-1a2b3c")] },
    /^v1\.35\.4-gke\.100 is 1 minor version behind the API server, v1\.36\.1$/,
    "pulumi up",
  ],
  [
    "nodes that Kubernetes no longer supports",
    versions,
    { nodes: [kubelet("v1.32.0"), kubelet("v1.32.0")] },
    /^v1\.32\.0 is 4 minor versions behind/,
  ],
  [
    "a node that was upgraded before the API server",
    versions,
    { nodes: [kubelet("v1.37.0")] },
    /^v1\.37\.0 is 1 minor version ahead of the API server/,
  ],
  [
    "a kube-proxy that did not follow an upgrade",
    versions,
    { systemPods: [proxy("602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1.34.1-eksbuild.2")] },
    /^v1\.34\.1-eksbuild\.2 is 2 minor versions behind/,
    "pulumi up",
  ],
  [
    "nodes and a kube-proxy of the server's version, and CoreDNS of its own",
    versions,
    {
      nodes: [kubelet("v1.36.0"), kubelet("simulated")],
      systemPods: [proxy("r/kube-proxy:v1.36.0@sha256:a"), proxy("r/coredns:v1.11.4", "coredns")],
    },
    undefined,
  ],
  [
    "an autoscaler without the metrics of its pods",
    autoscaling,
    {
      autoscalers: [
        hpa({
          type: "ScalingActive",
          status: "False",
          reason: "FailedGetResourceMetric",
          message: "no metrics",
        }),
      ],
    },
    /FailedGetResourceMetric: no metrics/,
    "kubectl -n ralph top pods",
  ],
  [
    "an autoscaler whose target is scaled to zero",
    autoscaling,
    { autoscalers: [hpa({ type: "ScalingActive", status: "False", reason: "ScalingDisabled" })] },
    undefined,
  ],
  [
    "an autoscaler that cannot find its target",
    autoscaling,
    {
      autoscalers: [
        hpa({ type: "AbleToScale", status: "False", reason: "FailedGetScale", message: "not found" }),
      ],
    },
    /FailedGetScale: not found/,
    "pulumi up",
  ],
  [
    "an autoscaler at its maximum",
    autoscaling,
    { autoscalers: [hpa({ type: "ScalingLimited", status: "True", reason: "TooManyReplicas" })] },
    /at its maximum of 10 workers/,
    "pulumi config set --path ralph:autoscaling.maxReplicas 20",
  ],
  [
    "an autoscaler at its minimum",
    autoscaling,
    { autoscalers: [hpa({ type: "ScalingLimited", status: "True", reason: "TooFewReplicas" })] },
    undefined,
  ],
  [
    "a claim whose volume no longer exists",
    claims,
    {
      claims: [
        { metadata: { name: "ralph-workspace" }, spec: { volumeName: "pv-1" }, status: { phase: "Lost" } },
      ],
    },
    /volume pv-1 no longer exists/,
    "kubectl -n ralph delete pvc ralph-workspace --wait=false",
  ],
  [
    "a claim that waits for its first pod",
    claims,
    {
      claims: [{ metadata: { name: "c" }, spec: { storageClassName: "s" }, status: { phase: "Pending" } }],
      storageClasses: [
        { metadata: { name: "s" }, provisioner: "x", volumeBindingMode: "WaitForFirstConsumer" },
      ],
    },
    undefined,
  ],
  [
    "a claim without a class on a cluster without a default",
    claims,
    {
      claims: [
        {
          metadata: { name: "ralph-cache" },
          spec: { accessModes: ["ReadWriteMany"] },
          status: { phase: "Pending" },
        },
      ],
      storageClasses: [{ metadata: { name: "s" }, provisioner: "x" }],
    },
    /names no storage class, and the cluster has no default/,
    "pulumi config set --path ralph:persistence.cache.kind emptyDir",
  ],
  [
    "the VPC CNI with policies disabled",
    networkPolicy,
    { networkPolicies: [policy], systemDaemonSets: [vpcCni("--enable-network-policy=false")] },
    /not enforced/,
    "pulumi config set --path ralph:cluster.networkPolicy.enforced false",
  ],
  [
    "the VPC CNI with policies enabled",
    networkPolicy,
    { networkPolicies: [policy], systemDaemonSets: [vpcCni("--enable-network-policy=true")] },
    undefined,
  ],
  [
    "a namespace that the guide's first command created",
    namespace,
    { namespaces: [{ metadata: { name: "ralph" } }] },
    /exists, and no stack created it/,
    "PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true pulumi up",
  ],
  [
    "a namespace of a stack",
    namespace,
    { namespaces: [{ metadata: { name: "ralph", labels: { "ralph-orchestrator/stack": "team-a" } } }] },
    undefined,
  ],
  [
    "a namespace that is stuck",
    workload,
    {
      namespaces: [
        {
          metadata: { name: "ralph" },
          status: {
            phase: "Terminating",
            conditions: [
              { type: "NamespaceContentRemaining", status: "True", message: "Some resources are remaining" },
            ],
          },
        },
      ],
    },
    /being deleted/,
    "kubectl get namespace ralph -o yaml",
  ],
  [
    "a Deployment that makes no progress",
    workload,
    {
      namespaces: [{ metadata: { name: "ralph" } }],
      deployments: [
        {
          metadata: { name: "ralph-orchestrator", labels: { app: "ralph-orchestrator" } },
          status: {
            conditions: [
              {
                type: "Progressing",
                status: "False",
                reason: "ProgressDeadlineExceeded",
                message: "timed out",
              },
            ],
          },
        },
      ],
    },
    /ProgressDeadlineExceeded: timed out/,
    "kubectl -n ralph describe deployment ralph-orchestrator",
  ],
];

describe("the doctor", () => {
  for (const [owner, seen] of [
    ["team-a", []],
    ["team-b", ["belongs to stack team-b"]],
  ] as const)
    it(`reports to team-a of a namespace of ${owner}: ${seen.join() || "nothing"}`, () => {
      const labels = { "ralph-orchestrator/stack": owner };
      const objects = { ...NOTHING, namespaces: [{ metadata: { name: "ralph", labels } }] };
      const findings = namespace.look(objects, commandsFor("ralph", "team-a"));
      assert.deepEqual(
        findings.map(({ what }) => what),
        seen,
      );
    });

  for (const [what, { look }, objects, seen, fix] of CASES) {
    it(`${seen === undefined ? "reports nothing about" : "finds"} ${what}`, () => {
      const found = look({ ...NOTHING, ...objects }, COMMANDS);
      assert.equal(found.length, seen === undefined ? 0 : 1, JSON.stringify(found));
      const [finding] = found;
      if (seen !== undefined) assert.match(finding?.what ?? "", seen);
      if (fix !== undefined) assert.ok(finding?.fix.includes(fix), finding?.fix.join("\n"));
    });
  }

  it("suggests only keys that the program has", () => {
    const folder = join(REPOSITORY, "operations/doctor/checks");
    const source = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("\n");
    const named = [...source.matchAll(/\b(?:set|setSecret|unset)\(\s*(["'`])(.+?)\1/g)].map(
      ([, , path = ""]) => path,
    );
    const documented = new Set(
      [...readFileSync(join(REPOSITORY, "docs/config.md"), "utf8").matchAll(/^\| `([^`]+)`/gm)].map(
        ([, key]) => key,
      ),
    );
    const known = (path: string): boolean => {
      const key = path.replace(/\[\d+\]/g, "[]");
      // Agents and resources are variables of the checks; a prompt can have any name, a list entry any index.
      const alternatives = key.includes("${")
        ? [...documented].filter((each) => each?.startsWith(key.replace(/(\[")?\$\{.*/, "")))
        : [key, key.replace(/\[\]$/, ""), key.replace(/\["[^"]*"\]$/, "")];
      return alternatives.some((each) => documented.has(each));
    };
    assert.ok(named.length > 30, `${named.length}`);
    assert.deepEqual(
      named.filter((path) => !known(path)),
      [],
    );
    assert.ok(!known("resources.limits.memories"));
  });
});
