import { BASE } from "../base";
import { HOST_KEY, KEY, PRIVATE_KEY, REMOTE } from "../git";
import { type BadConfig, task, schedule, set, setPath, setFile, rm, excluded } from "./case";

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
    name: "an existing Secret beside keys",
    config: { ...BASE, apiKeys: { existingSecret: "vault", claude: "sk-ant-canary", q: "canary" } },
    expected: [excluded("apiKeys.claude", "vault"), excluded("apiKeys.q", "vault")],
  },
  {
    name: "a password in the address of the git remote, a public key, an invalid branch prefix, an invalid host key",
    config: {
      ...BASE,
      git: {
        remote: "https://user:canary@example.com/o/r.git",
        privateKey: "ssh-ed25519 AAAAcanary",
        branchPrefix: "ralph..",
        knownHosts: `${HOST_KEY}\ncanary`,
      },
    },
    expected: [
      {
        key: "ralph:git.remote",
        rule: /^must be an address such as https:\/\/github\.com\/owner\/name\.git or git@github\.com:owner\/name\.git$/,
        fix: setPath("ralph:git.remote", "<value>"),
      },
      {
        key: "ralph:git.privateKey",
        rule: /^must be a private SSH key without a passphrase$/,
        fix: setFile,
      },
      {
        key: "ralph:git.branchPrefix",
        rule: /^must be words of letters, digits, '_' and '-', separated by '\/'$/,
        fix: setPath("ralph:git.branchPrefix", "<value>"),
      },
      {
        key: "ralph:git.knownHosts",
        rule: /^must be lines of a known_hosts file: host, type and key$/,
        fix: setPath("ralph:git.knownHosts", "<value>"),
      },
    ],
  },
  {
    name: "a git remote without a key",
    config: { ...BASE, git: { remote: "ssh://git@git.example.com:2222/o/r.git" } },
    expected: [
      {
        key: "ralph:git.privateKey",
        rule: /^is missing: git\.remote cannot be pushed to without it$/,
        fix: setFile,
      },
      {
        key: "ralph:git.knownHosts",
        rule: /^is missing: git\.example\.com cannot be verified without it$/,
        fix: setPath("ralph:git.knownHosts", String.raw`"\$\(ssh-keyscan -p 2222 git\.example\.com\)"`),
      },
    ],
  },
  {
    name: "host keys of another host or port",
    config: {
      ...BASE,
      git: { remote: REMOTE, privateKey: PRIVATE_KEY, knownHosts: `[github.com]:2222${KEY}` },
    },
    expected: [
      {
        key: "ralph:git.knownHosts",
        rule: /^must have a key of github\.com; it is "\[github\.com\]:2222 .*\.\.\.$/,
        fix: setPath("ralph:git.knownHosts", String.raw`"\$\(ssh-keyscan github\.com\)"`),
      },
    ],
  },
  {
    name: "a git key without a remote",
    config: { ...BASE, git: { privateKey: PRIVATE_KEY, knownHosts: HOST_KEY } },
    expected: [
      {
        key: "ralph:git.remote",
        rule: /^is missing: git\.privateKey is set, but there is nowhere to push to$/,
        fix: setPath("ralph:git.remote", "git@<host>:<owner>/<repository>.git"),
      },
    ],
  },
  {
    name: "an existing Secret beside the key that it contains, and a pull Secret with a name that the program uses",
    config: {
      ...BASE,
      git: { remote: REMOTE, existingSecret: "deploy", privateKey: PRIVATE_KEY, knownHosts: HOST_KEY },
      imagePullSecrets: [{ name: "ralph-git" }],
    },
    expected: [
      excluded("git.privateKey", "deploy"),
      excluded("git.knownHosts", "deploy"),
      {
        key: "ralph:imagePullSecrets[0].name",
        rule: /^must not be the name of the Secret with the SSH key; it is "ralph-git"$/,
        fix: setPath("'ralph:imagePullSecrets[0].name'", "regcred"),
      },
    ],
  },
  {
    name: "a pull Secret with a server but without credentials",
    config: { ...BASE, imagePullSecrets: [{ name: "regcred", server: "ghcr.io" }] },
    expected: [
      {
        key: "ralph:imagePullSecrets[0].username",
        rule: /^is missing: server, username and password are set together, or none of them for an existing Secret$/,
        fix: setPath("'ralph:imagePullSecrets[0].username'", "<username>"),
      },
      {
        key: "ralph:imagePullSecrets[0].password",
        rule: /^is missing: server/,
        fix: /^pulumi config set --secret --path 'ralph:imagePullSecrets\[0\]\.password'$/,
      },
    ],
  },
  {
    name: "pull Secrets with the same name, and one with the name of the API keys' Secret",
    config: { ...BASE, imagePullSecrets: [{ name: "a" }, { name: "a" }, { name: "ralph-secrets" }] },
    expected: [
      {
        key: "ralph:imagePullSecrets[1].name",
        rule: /^must be unique; "a" is already listed$/,
        fix: setPath("'ralph:imagePullSecrets[1].name'", "a-2"),
      },
      {
        key: "ralph:imagePullSecrets[2].name",
        rule: /^must not be the name of the Secret with the API keys; it is "ralph-secrets"$/,
        fix: setPath("'ralph:imagePullSecrets[2].name'", "regcred"),
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
    name: "an ingress without a host",
    config: { ...BASE, ingress: { enabled: true } },
    expected: [
      {
        key: "ralph:ingress.hosts",
        rule: /^is missing: ingress\.enabled needs at least one host$/,
        fix: setPath("'ralph:ingress.hosts[0].host'", "ralph.example.com"),
      },
    ],
  },
  {
    name: "a certificate for a host that is not served",
    config: { ...BASE, ingress: { hosts: [{ host: "a.example.com" }], tls: [{ hosts: ["b.example.com"] }] } },
    expected: [
      {
        key: "ralph:ingress.tls[0].hosts[0]",
        rule: /^must be one of ingress\.hosts; it is "b\.example\.com"$/,
        fix: setPath("'ralph:ingress.tls[0].hosts[0]'", "a.example.com"),
      },
    ],
  },
  {
    name: "a route without a Gateway",
    config: { ...BASE, gateway: { enabled: true } },
    expected: [
      {
        key: "ralph:gateway.parentRefs",
        rule: /^is missing: gateway\.enabled needs at least one Gateway$/,
        fix: setPath("'ralph:gateway.parentRefs[0].name'", "<Gateway>"),
      },
    ],
  },
  {
    name: "cert-manager without a certificate to issue, and with two issuers",
    config: {
      ...BASE,
      ingress: { hosts: [{ host: "a.example.com" }], certManager: { clusterIssuer: "a", issuer: "b" } },
    },
    expected: [
      {
        key: "ralph:ingress.certManager.issuer",
        rule: /^must not be set: only one of clusterIssuer and issuer can issue a certificate$/,
        fix: rm("--path ralph:ingress.certManager.issuer"),
      },
      {
        key: "ralph:ingress.tls",
        rule: /^is missing: cert-manager issues the certificates that it names$/,
        fix: setPath("'ralph:ingress.tls[0].hosts[0]'", "<host>"),
      },
    ],
  },
  {
    name: "cert-manager with nowhere to write the certificate",
    config: {
      ...BASE,
      ingress: {
        hosts: [{ host: "a.example.com" }],
        tls: [{ hosts: ["a.example.com"] }],
        certManager: { clusterIssuer: "letsencrypt" },
      },
    },
    expected: [
      {
        key: "ralph:ingress.tls[0].secretName",
        rule: /^is missing: cert-manager writes the certificate into that Secret$/,
        fix: setPath("'ralph:ingress.tls[0].secretName'", "ralph-tls"),
      },
    ],
  },
  {
    name: "a login without an issuer, a client, users and a way to it",
    config: { ...BASE, login: { enabled: true } },
    expected: [
      {
        key: "ralph:login.issuer",
        rule: /^is missing: it is who asks for the login$/,
        fix: setPath("ralph:login.issuer", "https://<issuer>"),
      },
      {
        key: "ralph:login.clientId",
        rule: /^is missing: the issuer knows clients only$/,
        fix: setPath("ralph:login.clientId", "<client ID>"),
      },
      {
        key: "ralph:login.clientSecret",
        rule: /^is missing: or existingSecret, with the same$/,
        fix: /^pulumi config set --secret --path ralph:login\.clientSecret$/,
      },
      {
        key: "ralph:login.emailDomains",
        rule: /^is missing: without it no one is let in$/,
        fix: setPath("'ralph:login.emailDomains[0]'", "example.com"),
      },
      {
        key: "ralph:ingress.enabled",
        rule: /^is missing: a login needs an Ingress, or a route, that leads to it$/,
        fix: setPath("ralph:ingress.enabled", "true"),
      },
    ],
  },
  {
    name: "a login with two secrets",
    config: { ...BASE, login: { clientSecret: "one", existingSecret: "oidc" } },
    expected: [
      {
        key: "ralph:login.clientSecret",
        rule: /^must not be set: existingSecret "oidc" contains it$/,
        fix: rm("--path ralph:login.clientSecret"),
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
    name: "paths that the server rejects",
    config: {
      ...BASE,
      ingress: {
        enabled: true,
        hosts: [
          {
            host: "a.example.com",
            paths: ["/a//b", "/a/../b", "/a/.", "/a%2Fb", "/.well-known/a..b"].map((path) => ({ path })),
          },
          { host: "b.example.com", paths: [{ path: "/a//b", pathType: "ImplementationSpecific" }] },
        ],
      },
    },
    expected: [0, 1, 2, 3].map((i) => ({
      key: `ralph:ingress.hosts[0].paths[${i}].path`,
      rule: /^must not contain .*, because its type is Prefix; it is "\/a/,
      fix: setPath(`'ralph:ingress.hosts[0].paths[${i}].path'`, "<path>"),
    })),
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
