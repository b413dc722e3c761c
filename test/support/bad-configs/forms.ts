import { BASE } from "../base";
import { type BadConfig, task, schedule, set, setPath, rm } from "./case";

/** Values of the wrong type or format. */
export const FORMS: readonly BadConfig[] = [
  {
    name: "scalars of the wrong type",
    config: {
      ...BASE,
      replicaCount: "two",
      namespace: "Ralph_Orchestrator",
      config: { verbose: "yes", maxIterations: 1.5 },
      image: { tag: 12 },
    },
    expected: [
      {
        key: "ralph:namespace",
        rule: /^must be a DNS-1123 label: .*; it is "Ralph_Orchestrator"$/,
        fix: set("ralph:namespace", "<value>"),
      },
      {
        key: "ralph:replicaCount",
        rule: /^must be a number; it is "two"$/,
        fix: set("ralph:replicaCount", "<number>"),
      },
      {
        key: "ralph:image.tag",
        rule: /^must be text; it is 12$/,
        fix: set("--type string --path ralph:image.tag", "12"),
      },
      {
        key: "ralph:config.maxIterations",
        rule: /^must be a whole number; it is 1\.5$/,
        fix: setPath("ralph:config.maxIterations", "<number>"),
      },
      {
        key: "ralph:config.verbose",
        rule: /^must be true or false; it is "yes"$/,
        fix: setPath("ralph:config.verbose", "<true or false>"),
      },
    ],
  },
  {
    name: "text where a map or a list belongs",
    config: { ...BASE, autoscaling: "on", tasks: "task.md", networkPolicy: { deny: "8.8.8.8/32" } },
    expected: [
      { key: "ralph:autoscaling", rule: /^must be a map of keys; it is "on"$/, fix: rm("ralph:autoscaling") },
      { key: "ralph:tasks", rule: /^must be a list; it is "task\.md"$/, fix: rm("ralph:tasks") },
      {
        key: "ralph:networkPolicy.deny",
        rule: /^must be a list; it is "8\.8\.8\.8\/32"$/,
        fix: rm("--path ralph:networkPolicy.deny"),
      },
    ],
  },
  {
    name: "text that only starts like JSON",
    config: { ...BASE, prompts: "{{ task }}", namespace: "007" },
    expected: [
      {
        key: "ralph:prompts",
        rule: /^must be a map of keys; it is "\{\{ task \}\}"$/,
        fix: rm("ralph:prompts"),
      },
    ],
  },
  {
    name: "null where a map belongs",
    config: { ...BASE, imagePullSecrets: [null], resources: { limits: null } },
    expected: [
      {
        key: "ralph:imagePullSecrets[0]",
        rule: /^must be a map of keys$/,
        fix: rm("--path 'ralph:imagePullSecrets[0]'"),
      },
      {
        key: "ralph:resources.limits",
        rule: /^must be a map of keys; it is null$/,
        fix: rm("--path ralph:resources.limits"),
      },
    ],
  },
  {
    name: "an image whose repository has a tag, and an invalid digest",
    config: {
      ...BASE,
      image: { repository: "ghcr.io/a/b:v1", digest: "sha256:abc", pullPolicy: "Sometimes" },
    },
    expected: [
      {
        key: "ralph:image.repository",
        rule: /^must be an image repository without tag or digest; it is "ghcr\.io\/a\/b:v1"$/,
        fix: setPath("ralph:image.repository", "<value>"),
      },
      {
        key: "ralph:image.digest",
        rule: /^must be a digest: sha256:<64 hex digits>; it is "sha256:abc"$/,
        fix: setPath("ralph:image.digest", "<value>"),
      },
      {
        key: "ralph:image.pullPolicy",
        rule: /^must be one of IfNotPresent, Always, Never; it is "Sometimes"$/,
        fix: setPath("ralph:image.pullPolicy", "IfNotPresent"),
      },
    ],
  },
  {
    name: "invalid or zero quantities",
    config: {
      ...BASE,
      resources: { requests: { cpu: "one" }, limits: { memory: "4GB", "ephemeral-storage": "0" } },
      persistence: { workspace: { size: "-10Gi" } },
    },
    expected: [
      {
        key: "ralph:resources.requests.cpu",
        rule: /^must be a quantity above zero, such as 500m, 2 or 4Gi; it is "one"$/,
        fix: setPath("ralph:resources.requests.cpu", "<value>"),
      },
      {
        key: "ralph:resources.limits.memory",
        rule: /quantity .*; it is "4GB"$/,
        fix: setPath("ralph:resources.limits.memory", "<value>"),
      },
      {
        key: "ralph:resources.limits.ephemeral-storage",
        rule: /quantity .*; it is "0"$/,
        fix: setPath("ralph:resources.limits.ephemeral-storage", "<value>"),
      },
      {
        key: "ralph:persistence.workspace.size",
        rule: /quantity .*; it is "-10Gi"$/,
        fix: setPath("ralph:persistence.workspace.size", "<value>"),
      },
    ],
  },
  {
    name: "a schedule with seconds, an unknown time zone, a name too long for a CronJob",
    config: {
      ...BASE,
      schedules: [
        { ...schedule, schedule: "0 0 2 * * *" },
        { ...schedule, name: "c", timeZone: "Berlin" },
        { ...schedule, name: "n".repeat(53) },
      ],
    },
    expected: [
      {
        key: "ralph:schedules[0].schedule",
        rule: /^must be a cron schedule of five fields such as .*; it is "0 0 2 \* \* \*"$/,
        fix: setPath("'ralph:schedules[0].schedule'", "<value>"),
      },
      {
        key: "ralph:schedules[1].timeZone",
        rule: /^must be a time zone of the IANA database, such as Europe\/Berlin; it is "Berlin"$/,
        fix: setPath("'ralph:schedules[1].timeZone'", "<value>"),
      },
      {
        key: "ralph:schedules[2].name",
        rule: /^must be at most 52 characters long; it is "n+"$/,
        fix: setPath("'ralph:schedules[2].name'", "<value>"),
      },
    ],
  },
  {
    name: "an unknown agent, numbers below their minimum",
    config: {
      ...BASE,
      replicaCount: -1,
      config: { agent: "gpt", maxRuntime: 5 },
      tasks: [{ ...task, backoffLimit: -1, activeDeadlineSeconds: 10 }],
    },
    expected: [
      {
        key: "ralph:replicaCount",
        rule: /^must be at least 0; it is -1$/,
        fix: set("ralph:replicaCount", "0"),
      },
      {
        key: "ralph:config.agent",
        rule: /^must be one of auto, claude, gemini, q, codex, opencode, copilot, amp, smoke; it is "gpt"$/,
        fix: setPath("ralph:config.agent", "auto"),
      },
      {
        key: "ralph:config.maxRuntime",
        rule: /^must be at least 60; it is 5$/,
        fix: setPath("ralph:config.maxRuntime", "60"),
      },
      {
        key: "ralph:tasks[0].activeDeadlineSeconds",
        rule: /^must be at least 360; it is 10$/,
        fix: setPath("'ralph:tasks[0].activeDeadlineSeconds'", "360"),
      },
      {
        key: "ralph:tasks[0].backoffLimit",
        rule: /^must be at least 0; it is -1$/,
        fix: setPath("'ralph:tasks[0].backoffLimit'", "0"),
      },
    ],
  },
  {
    name: "missing required keys of a task, a schedule and a network policy rule",
    config: {
      ...BASE,
      tasks: [{ name: "a" }],
      schedules: [{ name: "b", prompt: "task.md" }],
      networkPolicy: { allow: [{ cidr: "0.0.0.0/0" }] },
    },
    expected: [
      {
        key: "ralph:tasks[0].prompt",
        rule: /^is missing$/,
        fix: setPath("'ralph:tasks[0].prompt'", "<text>"),
      },
      {
        key: "ralph:schedules[0].schedule",
        rule: /^is missing$/,
        fix: setPath("'ralph:schedules[0].schedule'", "<text>"),
      },
      {
        key: "ralph:networkPolicy.allow[0].ports",
        rule: /^is missing$/,
        fix: setPath("'ralph:networkPolicy.allow[0].ports[0]'", "<value>"),
      },
    ],
  },
  {
    name: "registries with a scheme or a tag",
    config: {
      ...BASE,
      policy: { images: "audit", allowedRegistries: ["https://ghcr.io", "ghcr.io/a:1"] },
    },
    expected: [
      {
        key: "ralph:policy.images",
        rule: /^must be one of off, warn, deny; it is "audit"$/,
        fix: setPath("ralph:policy.images", "off"),
      },
      ...["https://ghcr.io", "ghcr.io/a:1"].map((value, i) => ({
        key: `ralph:policy.allowedRegistries[${i}]`,
        rule: new RegExp(`^must be a registry, .*; it is "${value}"$`),
        fix: setPath(`'ralph:policy.allowedRegistries[${i}]'`, "<value>"),
      })),
    ],
  },
  {
    name: "a registry that is allowed twice",
    config: { ...BASE, policy: { allowedRegistries: ["quay.io", "quay.io"] } },
    expected: [
      {
        key: "ralph:policy.allowedRegistries[1]",
        rule: /quay\.io/,
        fix: rm("--path 'ralph:policy.allowedRegistries[1]'"),
      },
    ],
  },
  {
    name: "empty lists, ports out of range, an invalid address range",
    config: {
      ...BASE,
      networkPolicy: {
        allow: [
          { cidr: "0.0.0.0/0", ports: [] },
          { cidr: "1.2.3.4/33", ports: [70000] },
        ],
      },
      ingress: { hosts: [{ host: "a.example.com", paths: [] }] },
    },
    expected: [
      {
        key: "ralph:networkPolicy.allow[0].ports",
        rule: /^must not be empty; it is \[\]$/,
        fix: setPath("'ralph:networkPolicy.allow[0].ports[0]'", "<value>"),
      },
      {
        key: "ralph:networkPolicy.allow[1].cidr",
        rule: /^must be an address range such as .*; it is "1\.2\.3\.4\/33"$/,
        fix: setPath("'ralph:networkPolicy.allow[1].cidr'", "<value>"),
      },
      {
        key: "ralph:networkPolicy.allow[1].ports[0]",
        rule: /^must be at most 65535; it is 70000$/,
        fix: setPath("'ralph:networkPolicy.allow[1].ports[0]'", "65535"),
      },
      {
        key: "ralph:ingress.hosts[0].paths",
        rule: /^must not be empty; it is \[\]$/,
        fix: setPath("'ralph:ingress.hosts[0].paths[0].path'", "<value>"),
      },
    ],
  },
  {
    name: "prompts whose names are not Markdown files, and an empty prompt",
    config: { ...BASE, prompts: { "..md": "x", "../task": "x", "empty.md": "" } },
    expected: [
      {
        key: 'ralph:prompts["..md"]',
        rule: /^must be the name of a Markdown file$/,
        fix: rm(`--path 'ralph:prompts["..md"]'`),
      },
      {
        key: 'ralph:prompts["../task"]',
        rule: /^must be the name of a Markdown file$/,
        fix: rm(`--path 'ralph:prompts["../task"]'`),
      },
      {
        key: 'ralph:prompts["empty.md"]',
        rule: /^must not be empty; it is ""$/,
        fix: setPath(`'ralph:prompts["empty.md"]'`, "<value>"),
      },
    ],
  },
  {
    name: "an interval whose units are in the wrong order",
    config: { ...BASE, monitoring: { serviceMonitor: { interval: "30s1m" } } },
    expected: [
      {
        key: "ralph:monitoring.serviceMonitor.interval",
        rule: /^must be a Prometheus duration, such as 30s or 1m30s$/,
        fix: setPath("ralph:monitoring.serviceMonitor.interval", "<value>"),
      },
    ],
  },
  {
    name: "hosts and paths that an ingress does not accept",
    config: {
      ...BASE,
      ingress: {
        hosts: [
          { host: "https://a.example.com", paths: [{ path: "app", pathType: "Regex" }] },
          { host: "10.0.0.1" },
          { host: `${"a.".repeat(126)}aa` },
        ],
      },
    },
    expected: [
      {
        key: "ralph:ingress.hosts[1].host",
        rule: /^must be a host name, .*; it is "10\.0\.0\.1"$/,
        fix: setPath("'ralph:ingress.hosts[1].host'", "<value>"),
      },
      {
        key: "ralph:ingress.hosts[2].host",
        rule: /^must be at most 253 characters long/,
        fix: setPath("'ralph:ingress.hosts[2].host'", "<value>"),
      },
      {
        key: "ralph:ingress.hosts[0].host",
        rule: /^must be a host name, optionally with a leading '\*\.'; it is "https:\/\/a\.example\.com"$/,
        fix: setPath("'ralph:ingress.hosts[0].host'", "<value>"),
      },
      {
        key: "ralph:ingress.hosts[0].paths[0].path",
        rule: /^must begin with '\/'; it is "app"$/,
        fix: setPath("'ralph:ingress.hosts[0].paths[0].path'", "<value>"),
      },
      {
        key: "ralph:ingress.hosts[0].paths[0].pathType",
        rule: /^must be one of Prefix, Exact, ImplementationSpecific; it is "Regex"$/,
        fix: setPath("'ralph:ingress.hosts[0].paths[0].pathType'", "Prefix"),
      },
    ],
  },
  {
    name: "an Argo CD Application with an invalid repository address and an absolute path",
    config: { ...BASE, argocd: { repoURL: "github.com/a/b", path: "/k8s" } },
    expected: [
      {
        key: "ralph:argocd.repoURL",
        rule: /^must be the address of a git repository; it is "github\.com\/a\/b"$/,
        fix: setPath("ralph:argocd.repoURL", "<value>"),
      },
      {
        key: "ralph:argocd.path",
        rule: /^must be a path inside the repository; it is "\/k8s"$/,
        fix: setPath("ralph:argocd.path", "<value>"),
      },
    ],
  },
];
