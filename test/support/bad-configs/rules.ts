import { BASE } from "../base";
import { type BadConfig, task, schedule, set, setPath, rm } from "./case";

/** Rules between keys. */
export const RULES: readonly BadConfig[] = [
  {
    name: "a limit in dollars with agents that do not report their costs",
    config: { ...BASE, config: { agent: "gemini", maxCostUsd: 5 }, tasks: [{ ...task, agent: "q" }] },
    expected: [
      {
        key: "ralph:config.agent",
        rule: /^must be an agent that reports its costs while config\.maxCostUsd is set; it is "gemini"$/,
        fix: setPath("ralph:config.agent", "claude"),
      },
      {
        key: "ralph:tasks[0].agent",
        rule: /^must be an agent that reports its costs while config\.maxCostUsd is set; it is "q"$/,
        fix: setPath("'ralph:tasks[0].agent'", "claude"),
      },
    ],
  },
  {
    name: "a run's limit in dollars with an agent that does not report its costs",
    config: {
      ...BASE,
      tasks: [{ ...task, agent: "claude", maxCostUsd: 5 }],
      schedules: [{ ...schedule, agent: "gemini", maxCostUsd: 5 }],
    },
    expected: [
      {
        key: "ralph:schedules[0].agent",
        rule: /^must be an agent that reports its costs while its maxCostUsd is set; it is "gemini"$/,
        fix: setPath("'ralph:schedules[0].agent'", "claude"),
      },
    ],
  },
  {
    name: "what a build would add to an image that is not built",
    config: { ...BASE, image: { packages: ["python3"], base: "debian:13" } },
    expected: [
      {
        key: "ralph:image.packages",
        rule: /^must not be set: image\.build is false, and the image is used as it is$/,
        fix: setPath("ralph:image.build", "true"),
      },
      {
        key: "ralph:image.base",
        rule: /^must not be set: image\.build is false, and the image is used as it is$/,
        fix: setPath("ralph:image.build", "true"),
      },
    ],
  },
  {
    name: "workers by the queue without metrics of it",
    config: {
      ...BASE,
      autoscaling: { by: "queue" },
      config: { enableMetrics: false },
      monitoring: { serviceMonitor: { enabled: false } },
    },
    expected: [
      {
        key: "ralph:autoscaling.by",
        rule: /^must be cpu while config\.enableMetrics is false: nothing counts the prompts; it is "queue"$/,
        fix: setPath("ralph:autoscaling.by", "cpu"),
      },
    ],
  },
  {
    name: "a task and a schedule of one name, each with an output",
    config: {
      ...BASE,
      tasks: [{ name: "report", prompt: "task.md", output: {} }],
      schedules: [{ name: "report", schedule: "@daily", prompt: "task.md", output: {} }],
    },
    expected: [
      {
        key: "ralph:schedules[0].name",
        rule: /^must not be a task's name, because both have an output; it is "report"$/,
        fix: setPath("'ralph:schedules[0].name'", "report-1"),
      },
    ],
  },
  {
    name: "minimum replicas above the maximum",
    config: { ...BASE, autoscaling: { minReplicas: 12 } },
    expected: [
      {
        key: "ralph:autoscaling.minReplicas",
        rule: /^must not be above maxReplicas, 10; it is 12$/,
        fix: setPath("ralph:autoscaling.maxReplicas", "12"),
      },
    ],
  },
  {
    name: "requests above their limits, each unit converted",
    config: { ...BASE, resources: { requests: { cpu: "2500m", memory: "5G" }, limits: { memory: "4Gi" } } },
    expected: [
      {
        key: "ralph:resources.requests.cpu",
        rule: /^must not be above the limit, 2; it is "2500m"$/,
        fix: setPath("ralph:resources.limits.cpu", "2500m"),
      },
      {
        key: "ralph:resources.requests.memory",
        rule: /^must not be above the limit, 4Gi; it is "5G"$/,
        fix: setPath("ralph:resources.limits.memory", "5G"),
      },
    ],
  },
  {
    name: "a run that ends too close to its Job's deadline",
    config: {
      ...BASE,
      tasks: [{ ...task, maxRuntime: 3600, activeDeadlineSeconds: 3600 }],
      schedules: [{ ...schedule, maxRuntime: 14400 }],
    },
    expected: [
      {
        key: "ralph:tasks[0].maxRuntime",
        rule: /^must be at least 300 s less than activeDeadlineSeconds, 3600; it is 3600$/,
        fix: setPath("'ralph:tasks[0].maxRuntime'", "3300"),
      },
      {
        key: "ralph:schedules[0].maxRuntime",
        rule: /^must be at least 300 s less than activeDeadlineSeconds, 14400; it is 14400$/,
        fix: setPath("'ralph:schedules[0].maxRuntime'", "14100"),
      },
    ],
  },
  {
    name: "a task with the name of the smoke Job",
    config: { ...BASE, smoke: { enabled: true }, tasks: [{ ...task, name: "ralph-smoke" }] },
    expected: [
      {
        key: "ralph:tasks[0].name",
        rule: /^must not be the name of smoke\.enabled's Job; it is "ralph-smoke"$/,
        fix: setPath("'ralph:tasks[0].name'", "ralph-smoke-task"),
      },
    ],
  },
  {
    name: "prompts that do not exist",
    config: {
      ...BASE,
      prompts: { "more.md": "More." },
      tasks: [{ ...task, prompt: "tusk.md" }],
      schedules: [{ ...schedule, prompt: "more.md" }],
    },
    expected: [
      {
        key: "ralph:tasks[0].prompt",
        rule: /^must be one of .*daily-task\.md.*more\.md; it is "tusk\.md"$/,
        fix: setPath("'ralph:tasks[0].prompt'", "[-.\\w]+\\.md"),
      },
    ],
  },
  {
    name: "more prompts than fit into a ConfigMap",
    config: { ...BASE, prompts: { "big.md": "é".repeat(500_000) } },
    expected: [
      {
        key: "ralph:prompts",
        rule: /^must have at most 1000000 bytes in total, to fit into a ConfigMap; it is \d{7}$/,
        fix: rm("ralph:prompts"),
      },
    ],
  },
  {
    name: "tasks with the same name, schedules with the same name",
    config: { ...BASE, tasks: [task, task], schedules: [schedule, { ...schedule, name: "c" }, schedule] },
    expected: [
      {
        key: "ralph:tasks[1].name",
        rule: /^must be unique; "a" is already listed$/,
        fix: setPath("'ralph:tasks[1].name'", "a-2"),
      },
      {
        key: "ralph:schedules[2].name",
        rule: /^must be unique; "b" is already listed$/,
        fix: setPath("'ralph:schedules[2].name'", "b-3"),
      },
    ],
  },
  {
    name: "shared volumes on a cluster without a storage class for them",
    config: {
      cloud: "existing",
      cluster: { kubeconfig: BASE.cluster.kubeconfig },
      persistence: { workspace: { accessMode: "ReadWriteMany" } },
    },
    expected: [
      {
        key: "ralph:persistence.workspace.accessMode",
        rule: /^must be ReadWriteOnce: the cluster has no storage class for ReadWriteMany; it is "ReadWriteMany"$/,
        fix: setPath("ralph:persistence.workspace.accessMode", "ReadWriteOnce"),
      },
      {
        key: "ralph:persistence.cache.kind",
        rule: /^must be emptyDir: the cluster has no storage class for ReadWriteMany; it is "pvc"$/,
        fix: setPath("ralph:persistence.cache.kind", "emptyDir"),
      },
    ],
  },
  {
    name: "a quota below the stack's own pods",
    config: { ...BASE, quota: { hard: { pods: 11, "requests.cpu": "11500m", "limits.cpu": "24" } } },
    expected: [
      {
        key: "ralph:quota.hard.pods",
        rule: /^must be enough for the stack's own pods, at most 12: 12; it is "11"$/,
        fix: setPath("ralph:quota.hard.pods", "12"),
      },
      {
        key: 'ralph:quota.hard["requests.cpu"]',
        rule: /^must be enough for the stack's own pods, at most 12: 12; it is "11500m"$/,
        fix: setPath("'ralph:quota.hard[\"requests.cpu\"]'", "12"),
      },
    ],
  },
  {
    name: "a quota below the stack's own pods, the smaller ones among them",
    config: {
      ...BASE,
      smoke: { enabled: true },
      backup: { enabled: true, snapshotClass: "csi" },
      quota: { hard: { pods: 13, "requests.cpu": "12500m" } },
    },
    expected: [
      {
        key: "ralph:quota.hard.pods",
        rule: /^must be enough for the stack's own pods, at most 14: 14; it is "13"$/,
        fix: setPath("ralph:quota.hard.pods", "14"),
      },
      {
        key: 'ralph:quota.hard["requests.cpu"]',
        rule: /^must be enough for the stack's own pods, at most 14: 13; it is "12500m"$/,
        fix: setPath("'ralph:quota.hard[\"requests.cpu\"]'", "13"),
      },
    ],
  },
  {
    name: "settings of a Prometheus that is not installed",
    config: {
      ...BASE,
      monitoring: {
        storage: { size: "20Gi" },
        alertmanager: { existingSecret: "receivers" },
        values: { kubelet: { enabled: false } },
      },
    },
    expected: [
      {
        key: "ralph:monitoring.storage.size",
        rule: /^must not be set: monitoring\.install is none, and it is for what is installed$/,
        fix: rm("--path ralph:monitoring.storage.size"),
      },
      {
        key: "ralph:monitoring.values",
        rule: /^must not be set: monitoring\.install is none, and it is for what is installed$/,
        fix: rm("--path ralph:monitoring.values"),
      },
      {
        key: "ralph:monitoring.alertmanager.existingSecret",
        rule: /^must not be set: monitoring\.alertmanager\.enabled is false$/,
        fix: rm("--path ralph:monitoring.alertmanager.existingSecret"),
      },
    ],
  },
  {
    name: "a ServiceMonitor of disabled metrics",
    config: { ...BASE, config: { enableMetrics: false } },
    expected: [
      {
        key: "ralph:monitoring.serviceMonitor.enabled",
        rule: /^must be false while config\.enableMetrics is false: there is nothing to scrape; it is true$/,
        fix: setPath("ralph:monitoring.serviceMonitor.enabled", "false"),
      },
    ],
  },
  {
    name: "Argo CD without a repository",
    config: { ...BASE, argocd: { enabled: true } },
    expected: [
      {
        key: "ralph:argocd.repoURL",
        rule: /^is missing: Argo CD needs the repository that holds the rendered manifests$/,
        fix: setPath("ralph:argocd.repoURL", "https://<host>/<owner>/<repository>"),
      },
    ],
  },
  {
    name: "a workload for a GitOps tool that is not named",
    config: { ...BASE, gitops: { owns: "workload" } },
    expected: [
      {
        key: "ralph:gitops.tool",
        rule: /^is missing: gitops\.owns is workload, which a tool must create$/,
        fix: setPath("ralph:gitops.tool", "flux"),
      },
    ],
  },
  {
    name: "Flux without a repository, and beside Argo CD",
    config: {
      ...BASE,
      gitops: { tool: "flux" },
      argocd: { enabled: true, repoURL: "https://example.com/a/b" },
    },
    expected: [
      {
        key: "ralph:flux.repoURL",
        rule: /^is missing: the tool needs the repository that holds the rendered manifests$/,
        fix: setPath("ralph:flux.repoURL", "https://<host>/<owner>/<repository>"),
      },
      {
        key: "ralph:argocd.enabled",
        rule: /^must be false if gitops\.tool is flux: two tools would apply the same; it is true$/,
        fix: setPath("ralph:argocd.enabled", "false"),
      },
    ],
  },
  {
    name: "a smoke run of a workload that `pulumi up` does not create",
    config: {
      ...BASE,
      gitops: { tool: "argocd", owns: "workload" },
      argocd: { repoURL: "https://example.com/a/b" },
      smoke: { enabled: true },
    },
    expected: [
      {
        key: "ralph:smoke.enabled",
        rule: /^must not be set: gitops\.owns is workload, and `pulumi up` creates no pods/,
        fix: setPath("ralph:smoke.enabled", "false"),
      },
    ],
  },
  {
    name: "forms of Flux's keys",
    config: { ...BASE, flux: { repoURL: "git@example.com:a/b", path: "../k8s", interval: "5 minutes" } },
    expected: [
      {
        key: "ralph:flux.repoURL",
        rule: /^must be the address of a git repository: https:\/\/ or ssh:\/\//,
        fix: setPath("ralph:flux.repoURL", "<value>"),
      },
      {
        key: "ralph:flux.path",
        rule: /^must be a path inside the repository/,
        fix: setPath("ralph:flux.path", "<value>"),
      },
      {
        key: "ralph:flux.interval",
        rule: /^must be a duration such as 1m or 1h30m/,
        fix: setPath("ralph:flux.interval", "<value>"),
      },
    ],
  },
  {
    name: "the namespace of the installed Prometheus",
    config: { ...BASE, namespace: "monitoring", monitoring: { install: "kube-prometheus-stack" } },
    expected: [
      {
        key: "ralph:namespace",
        rule: /^must not be the namespace of Prometheus while monitoring\.enabled is true: .*; it is "monitoring"$/,
        fix: set("ralph:namespace", "ralph-orchestrator"),
      },
    ],
  },
  ...["default", "kube-system"].map((namespace) => ({
    name: `the cluster's own namespace ${namespace}`,
    config: { ...BASE, namespace },
    expected: [
      {
        key: "ralph:namespace",
        rule: /^must not be one of the cluster's own/,
        fix: set("ralph:namespace", "<value>"),
      },
    ],
  })),
];
