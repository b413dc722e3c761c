/**
 * Configurations that must be refused, each with all that is wrong with it: at least one for each kind of
 * rule in a schema, in `workload/rules.ts`, in `config/` and in the check of a cluster that exists. It knows
 * of no engine and no mock, so that both can be asked.
 */
import { BASE, type StackConfig } from "./base";
import { HOST_KEY, KEY, PRIVATE_KEY, REMOTE } from "./git";

export interface Expected {
  readonly key: string;
  readonly rule: RegExp;
  readonly fix: RegExp;
}

export interface BadConfig {
  readonly name: string;
  /** Values by top-level key, without the prefix `ralph:`. */
  readonly config: StackConfig;
  /** Top-level keys that hold a secret. By default those of the two sections that must. */
  readonly secretKeys?: readonly string[];
  /** Text of a file named `values.yaml` that `ralph:valuesFile` names. */
  readonly valuesFile?: string;
  /** Every violation, and no other. */
  readonly expected: readonly Expected[];
}

/** The sections that hold secrets: an engine marks them once one value in them is encrypted. */
export const SECRET_KEYS: readonly string[] = ["apiKeys", "imagePullSecrets", "git"];

const task = { name: "a", prompt: "task.md" };
const schedule = { name: "b", prompt: "task.md", schedule: "@daily" };
const set = (key: string, value: string) => new RegExp(`^pulumi config set ${escaped(key)} ${value}$`);
const setPath = (key: string, value: string) => set(`--path ${key}`, value);
const setFile = /^pulumi config set --secret --path ralph:git\.privateKey < <file>$/;
const rm = (key: string) => new RegExp(`^pulumi config rm ${escaped(key)}$`);
const escaped = (text: string) => text.replace(/[[\].*+?^$(){}|]/g, "\\$&");

export const BAD_CONFIGS: readonly BadConfig[] = [
  // The cluster
  {
    name: "nothing set at all",
    config: {},
    expected: [{ key: "ralph:cloud", rule: /^is missing$/, fix: /^pulumi config set ralph:cloud [a-z]+$/ }],
  },
  {
    name: "a cloud that does not exist",
    config: { ...BASE, cloud: "../secrets" },
    expected: [
      {
        key: "ralph:cloud",
        rule: /^must be one of .*existing.*; it is "\.\.\/secrets"$/,
        fix: /^pulumi config set ralph:cloud [a-z]+$/,
      },
    ],
  },
  {
    name: "no file where the kubeconfig should be",
    config: { ...BASE, cluster: { ...BASE.cluster, kubeconfig: "test/support/none.yaml" } },
    expected: [
      {
        key: "ralph:cluster.kubeconfig",
        rule: /^test\/support\/none\.yaml cannot be read: ENOENT$/,
        fix: setPath("ralph:cluster.kubeconfig", "<kubeconfig>"),
      },
    ],
  },
  {
    name: "a kubeconfig that is none",
    config: { ...BASE, cluster: { ...BASE.cluster, kubeconfig: "package.json" } },
    expected: [
      {
        key: "ralph:cluster.kubeconfig",
        rule: /^package\.json is no kubeconfig$/,
        fix: setPath("ralph:cluster.kubeconfig", "<kubeconfig>"),
      },
    ],
  },
  {
    name: "a context that the kubeconfig does not have",
    config: { ...BASE, cluster: { ...BASE.cluster, context: "prod" } },
    expected: [
      {
        key: "ralph:cluster.context",
        rule: /has no context "prod"; it has ralph-test, other, without-cluster, without-user$/,
        fix: setPath("ralph:cluster.context", "<context>"),
      },
    ],
  },
  {
    name: "a context whose user is gone",
    config: { ...BASE, cluster: { ...BASE.cluster, context: "without-user" } },
    expected: [
      {
        key: "ralph:cluster.kubeconfig",
        rule: /has no user "nobody"$/,
        fix: setPath("ralph:cluster.kubeconfig", "<kubeconfig>"),
      },
    ],
  },
  {
    name: "a resolver that is no range, and an unknown key of the cluster",
    config: {
      ...BASE,
      cluster: { ...BASE.cluster, networkPolicy: { dnsCidrs: ["10.0.0.10"] }, storageClas: "fast" },
    },
    expected: [
      {
        key: "ralph:cluster.networkPolicy.dnsCidrs[0]",
        rule: /^must be an address range such as 10\.0\.0\.0\/8; it is "10\.0\.0\.10"$/,
        fix: setPath("'ralph:cluster.networkPolicy.dnsCidrs[0]'", "<value>"),
      },
      {
        key: "ralph:cluster.storageClas",
        rule: /^unknown key, did you mean "storageClass"\?$/,
        fix: rm("--path ralph:cluster.storageClas"),
      },
    ],
  },

  // Unknown keys
  {
    name: "an unknown top-level key",
    config: { ...BASE, presistence: { enabled: false } },
    expected: [
      {
        key: "ralph:presistence",
        rule: /^unknown key, did you mean "persistence"\?$/,
        fix: rm("ralph:presistence"),
      },
    ],
  },
  {
    name: "an unknown key that is like no other",
    config: { ...BASE, xyzzyplugh: 1 },
    expected: [{ key: "ralph:xyzzyplugh", rule: /^unknown key$/, fix: rm("ralph:xyzzyplugh") }],
  },
  {
    name: "unknown keys below maps and lists",
    config: {
      ...BASE,
      persistence: { cache: { siz: "1Gi" } },
      tasks: [{ ...task, promt: "task.md" }],
      ingress: { hosts: [{ host: "a.example.com", paths: [{ pathtype: "Exact" }] }] },
    },
    expected: [
      {
        key: "ralph:persistence.cache.siz",
        rule: /^unknown key, did you mean "size"\?$/,
        fix: rm("--path ralph:persistence.cache.siz"),
      },
      {
        key: "ralph:tasks[0].promt",
        rule: /^unknown key, did you mean "prompt"\?$/,
        fix: rm("--path 'ralph:tasks[0].promt'"),
      },
      {
        key: "ralph:ingress.hosts[0].paths[0].pathtype",
        rule: /^unknown key, did you mean "pathType"\?$/,
        fix: rm("--path 'ralph:ingress.hosts[0].paths[0].pathtype'"),
      },
    ],
  },
  {
    name: "a key set without --path",
    config: { ...BASE, "autoscaling.maxReplicas": 3 },
    expected: [
      {
        key: "ralph:autoscaling.maxReplicas",
        rule: /^is one key with a dot in it, set without --path$/,
        fix: /^pulumi config rm ralph:autoscaling\.maxReplicas && pulumi config set --path ralph:autoscaling\.maxReplicas <value>$/,
      },
    ],
  },
  {
    name: "an API key set without --path",
    config: { ...BASE, "apiKeys.claude": "sk-ant-canary" },
    expected: [
      {
        key: "ralph:apiKeys.claude",
        rule: /^is one key with a dot in it, set without --path$/,
        fix: /&& pulumi config set --secret --path ralph:apiKeys\.claude$/,
      },
    ],
  },

  // Values of the wrong type or form
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
    name: "text that only begins like JSON",
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
    name: "an image whose repository has a tag, a digest that is none",
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
    name: "quantities that are none, or nothing",
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
    name: "a schedule with seconds, a zone that is none, a name too long for a CronJob",
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
        rule: /^must be a cron schedule of five fields, .*; it is "0 0 2 \* \* \*"$/,
        fix: setPath("'ralph:schedules[0].schedule'", "<value>"),
      },
      {
        key: "ralph:schedules[1].timeZone",
        rule: /^must be a time zone of the IANA list, such as Europe\/Berlin; it is "Berlin"$/,
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
    name: "an agent nobody knows, numbers below their least",
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
        rule: /^must be one of auto, claude, gemini, q, smoke; it is "gpt"$/,
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
    name: "keys that a task, a schedule and a rule of the network policy must have",
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
    name: "empty lists, ports out of range, a range that is none",
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
    name: "prompts with names that are no Markdown files, and an empty one",
    config: { ...BASE, prompts: { "../task": "x", "empty.md": "" } },
    expected: [
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
    name: "an interval whose units stand in the wrong order",
    config: { ...BASE, monitoring: { serviceMonitor: { interval: "30s1m" } } },
    expected: [
      {
        key: "ralph:monitoring.serviceMonitor.interval",
        rule: /^must be a Prometheus duration, such as 30s or 1m30s; it is "30s1m"$/,
        fix: setPath("ralph:monitoring.serviceMonitor.interval", "<value>"),
      },
    ],
  },
  {
    name: "hosts and paths that no ingress takes",
    config: {
      ...BASE,
      ingress: { hosts: [{ host: "https://a.example.com", paths: [{ path: "app", pathType: "Regex" }] }] },
    },
    expected: [
      {
        key: "ralph:ingress.hosts[0].host",
        rule: /^must be a host name, with at most a leading '\*\.'; it is "https:\/\/a\.example\.com"$/,
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
    name: "an Argo CD Application of no repository address and a path from the root",
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

  // Secrets
  {
    name: "an API key in plain text",
    config: { ...BASE, apiKeys: { claude: "sk-ant-canary" } },
    secretKeys: [],
    expected: [
      {
        key: "ralph:apiKeys.claude",
        rule: /^is a secret that stands in plain text in the stack file$/,
        fix: /^pulumi config set --secret --path ralph:apiKeys\.claude$/,
      },
    ],
  },
  {
    name: "a registry password in plain text",
    config: {
      ...BASE,
      imagePullSecrets: [{ name: "regcred", server: "ghcr.io", username: "u", password: "canary-password" }],
    },
    secretKeys: [],
    expected: [
      {
        key: "ralph:imagePullSecrets[0].password",
        rule: /^is a secret that stands in plain text in the stack file$/,
        fix: /^pulumi config set --secret --path 'ralph:imagePullSecrets\[0\]\.password'$/,
      },
    ],
  },
  {
    name: "a key that pushes, in plain text",
    config: { ...BASE, git: { remote: REMOTE, privateKey: PRIVATE_KEY, knownHosts: HOST_KEY } },
    secretKeys: [],
    expected: [
      {
        key: "ralph:git.privateKey",
        rule: /^is a secret that stands in plain text in the stack file$/,
        fix: setFile,
      },
    ],
  },
  {
    name: "a key of the values file, which is never encrypted",
    config: BASE,
    valuesFile: "apiKeys:\n  gemini: AIza-canary\n",
    expected: [
      {
        key: "ralph:apiKeys.gemini",
        rule: /^is a secret that stands in plain text in the values file$/,
        fix: /^edit \S*values\.yaml: remove apiKeys\.gemini; pulumi config set --secret --path ralph:apiKeys\.gemini$/,
      },
    ],
  },
  {
    name: "secrets where everybody can read",
    config: { ...BASE, config: { agent: "claude" } },
    secretKeys: ["config"],
    expected: [
      {
        key: "ralph:config",
        rule: /^is set as a secret, but reaches objects that anyone can read: set it without --secret$/,
        fix: rm("ralph:config"),
      },
    ],
  },
  {
    name: "what is believed to be secret is not shown, even where it is wrong",
    config: { ...BASE, image: { tag: "canary tag" } },
    secretKeys: ["image"],
    expected: [
      { key: "ralph:image.tag", rule: /^must be an image tag$/, fix: setPath("ralph:image.tag", "<value>") },
      { key: "ralph:image", rule: /^is set as a secret/, fix: rm("ralph:image") },
    ],
  },
  {
    name: "a key of the wrong type, and not shown",
    config: { ...BASE, apiKeys: { claude: 123456, q: "" } },
    expected: [
      {
        key: "ralph:apiKeys.claude",
        rule: /^must be text$/,
        fix: /^pulumi config set --secret --type string --path ralph:apiKeys\.claude$/,
      },
      {
        key: "ralph:apiKeys.q",
        rule: /^must not be empty$/,
        fix: /^pulumi config set --secret --path ralph:apiKeys\.q$/,
      },
    ],
  },

  // Rules between keys
  {
    name: "fewer replicas at most than at least",
    config: { ...BASE, autoscaling: { minReplicas: 12 } },
    expected: [
      {
        key: "ralph:autoscaling",
        rule: /^minReplicas 12 is above maxReplicas 10$/,
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
        rule: /^request 2500m is above the limit 2$/,
        fix: setPath("ralph:resources.limits.cpu", "2500m"),
      },
      {
        key: "ralph:resources.requests.memory",
        rule: /^request 5G is above the limit 4Gi$/,
        fix: setPath("ralph:resources.limits.memory", "5G"),
      },
    ],
  },
  {
    name: "an existing Secret beside keys",
    config: { ...BASE, apiKeys: { existingSecret: "vault", claude: "sk-ant-canary", q: "canary" } },
    expected: [
      {
        key: "ralph:apiKeys.claude",
        rule: /^excludes existingSecret "vault": keep one$/,
        fix: rm("--path ralph:apiKeys.claude"),
      },
      {
        key: "ralph:apiKeys.q",
        rule: /^excludes existingSecret "vault": keep one$/,
        fix: rm("--path ralph:apiKeys.q"),
      },
    ],
  },
  {
    name: "a password in the address of the git remote, a public key, a prefix that no branch has, no host's key",
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
        rule: /^must be an SSH address such as git@github\.com:owner\/name\.git$/,
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
    name: "a git remote and nothing to push with",
    config: { ...BASE, git: { remote: "ssh://git@git.example.com:2222/o/r.git" } },
    expected: [
      {
        key: "ralph:git.privateKey",
        rule: /^is missing: nothing can be pushed to git\.remote without$/,
        fix: setFile,
      },
      {
        key: "ralph:git.knownHosts",
        rule: /^is missing: nobody else says that it is git\.example\.com that answers$/,
        fix: setPath("ralph:git.knownHosts", String.raw`"\$\(ssh-keyscan -p 2222 git\.example\.com\)"`),
      },
    ],
  },
  {
    name: "the keys of another host, or of another port",
    config: {
      ...BASE,
      git: { remote: REMOTE, privateKey: PRIVATE_KEY, knownHosts: `[github.com]:2222${KEY}` },
    },
    expected: [
      {
        key: "ralph:git.knownHosts",
        rule: /^has no key of github\.com$/,
        fix: setPath("ralph:git.knownHosts", String.raw`"\$\(ssh-keyscan github\.com\)"`),
      },
    ],
  },
  {
    name: "a key that pushes nowhere",
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
    name: "an existing Secret beside the key that it holds, and a pull Secret of the name of ours",
    config: {
      ...BASE,
      git: { remote: REMOTE, existingSecret: "deploy", privateKey: PRIVATE_KEY, knownHosts: HOST_KEY },
      imagePullSecrets: [{ name: "ralph-git" }],
    },
    expected: [
      {
        key: "ralph:git.privateKey",
        rule: /^excludes existingSecret "deploy": keep one$/,
        fix: rm("--path ralph:git.privateKey"),
      },
      {
        key: "ralph:git.knownHosts",
        rule: /^excludes existingSecret "deploy": keep one$/,
        fix: rm("--path ralph:git.knownHosts"),
      },
      {
        key: "ralph:imagePullSecrets[0].name",
        rule: /^"ralph-git" is the Secret of the key that pushes$/,
        fix: setPath("'ralph:imagePullSecrets[0].name'", "regcred"),
      },
    ],
  },
  {
    name: "a pull Secret of a server without credentials",
    config: { ...BASE, imagePullSecrets: [{ name: "regcred", server: "ghcr.io" }] },
    expected: [
      {
        key: "ralph:imagePullSecrets[0].username",
        rule: /^is missing: server, username and password make a Secret, none of them names one$/,
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
    name: "pull Secrets of one name, and one with the name of the API keys' own",
    config: { ...BASE, imagePullSecrets: [{ name: "a" }, { name: "a" }, { name: "ralph-secrets" }] },
    expected: [
      {
        key: "ralph:imagePullSecrets[1].name",
        rule: /^"a" is taken by an earlier entry$/,
        fix: setPath("'ralph:imagePullSecrets[1].name'", "a-2"),
      },
      {
        key: "ralph:imagePullSecrets[2].name",
        rule: /^"ralph-secrets" is the Secret of the API keys$/,
        fix: setPath("'ralph:imagePullSecrets[2].name'", "regcred"),
      },
    ],
  },
  {
    name: "a run that goes on until its Job is ended",
    config: {
      ...BASE,
      tasks: [{ ...task, maxRuntime: 3600, activeDeadlineSeconds: 3600 }],
      schedules: [{ ...schedule, maxRuntime: 14400 }],
    },
    expected: [
      {
        key: "ralph:tasks[0].maxRuntime",
        rule: /^3600 s does not end 300 s before the deadline of 3600 s$/,
        fix: setPath("'ralph:tasks[0].maxRuntime'", "3300"),
      },
      {
        key: "ralph:schedules[0].maxRuntime",
        rule: /^14400 s does not end 300 s before the deadline of 14400 s$/,
        fix: setPath("'ralph:schedules[0].maxRuntime'", "14100"),
      },
    ],
  },
  {
    name: "a task by the name of the smoke Job",
    config: { ...BASE, smoke: { enabled: true }, tasks: [{ ...task, name: "ralph-smoke" }] },
    expected: [
      {
        key: "ralph:tasks[0].name",
        rule: /^"ralph-smoke" is the Job of smoke\.enabled$/,
        fix: setPath("'ralph:tasks[0].name'", "ralph-smoke-task"),
      },
    ],
  },
  {
    name: "prompts that nobody wrote",
    config: {
      ...BASE,
      prompts: { "more.md": "More." },
      tasks: [{ ...task, prompt: "tusk.md" }],
      schedules: [{ ...schedule, prompt: "more.md" }],
    },
    expected: [
      {
        key: "ralph:tasks[0].prompt",
        rule: /^no prompt "tusk\.md"; there is .*daily-task\.md.*more\.md/,
        fix: setPath("'ralph:tasks[0].prompt'", "[-.\\w]+\\.md"),
      },
    ],
  },
  {
    name: "more prompts than a ConfigMap holds",
    config: { ...BASE, prompts: { "big.md": "é".repeat(500_000) } },
    expected: [
      {
        key: "ralph:prompts",
        rule: /^\d{7} bytes of prompts; a ConfigMap holds 1000000$/,
        fix: rm("ralph:prompts"),
      },
    ],
  },
  {
    name: "tasks of one name, schedules of one name",
    config: { ...BASE, tasks: [task, task], schedules: [schedule, { ...schedule, name: "c" }, schedule] },
    expected: [
      {
        key: "ralph:tasks[1].name",
        rule: /^"a" is taken by an earlier entry$/,
        fix: setPath("'ralph:tasks[1].name'", "a-2"),
      },
      {
        key: "ralph:schedules[2].name",
        rule: /^"b" is taken by an earlier entry$/,
        fix: setPath("'ralph:schedules[2].name'", "b-3"),
      },
    ],
  },
  {
    name: "shared volumes on a cluster that has no class for them",
    config: {
      cloud: "existing",
      cluster: { kubeconfig: BASE.cluster.kubeconfig },
      persistence: { workspace: { accessMode: "ReadWriteMany" } },
    },
    expected: [
      {
        key: "ralph:persistence.workspace.accessMode",
        rule: /^ReadWriteMany, but the cluster has no class for it$/,
        fix: setPath("ralph:persistence.workspace.accessMode", "ReadWriteOnce"),
      },
      {
        key: "ralph:persistence.cache.kind",
        rule: /^pvc is a ReadWriteMany claim, but the cluster has no class for it$/,
        fix: setPath("ralph:persistence.cache.kind", "emptyDir"),
      },
    ],
  },
  {
    name: "a monitor of metrics that are off",
    config: { ...BASE, config: { enableMetrics: false } },
    expected: [
      {
        key: "ralph:monitoring.serviceMonitor.enabled",
        rule: /^a ServiceMonitor, but config\.enableMetrics is false: nothing to scrape$/,
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
        rule: /^is empty, but ingress\.enabled is true$/,
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
        rule: /^"b\.example\.com" is none of ingress\.hosts$/,
        fix: setPath("'ralph:ingress.tls[0].hosts[0]'", "a.example.com"),
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

  // The values file
  {
    name: "a values file that is not there",
    config: { ...BASE, valuesFile: "test/support/no-values.yaml" },
    expected: [
      {
        key: "ralph:valuesFile",
        rule: /^test\/support\/no-values\.yaml cannot be read: ENOENT$/,
        fix: set("ralph:valuesFile", "<file>"),
      },
    ],
  },
  {
    name: "a values file that is no YAML",
    config: BASE,
    valuesFile: "image: {tag: v1\n",
    expected: [
      { key: "ralph:valuesFile", rule: /values\.yaml is no YAML: /, fix: set("ralph:valuesFile", "<file>") },
    ],
  },
  {
    name: "a values file of something else",
    config: BASE,
    valuesFile: "- a\n- b\n",
    expected: [
      {
        key: "ralph:valuesFile",
        rule: /values\.yaml holds no mapping of keys to values$/,
        fix: set("ralph:valuesFile", "<file>"),
      },
    ],
  },
  {
    name: "what the values file says is mended there, what the stack says with a command",
    config: { ...BASE, persistence: { workspace: { size: "much" } } },
    valuesFile: [
      "persistence: {cache: {size: lots}}",
      "image: {tag: 7, pullpolicy: Always}",
      "tasks: [{name: a}]",
      "autoscaling: {minReplicas: 20}",
      "ingres: {}",
    ].join("\n"),
    expected: [
      {
        key: "ralph:image.tag",
        rule: /^must be text; it is 7$/,
        fix: /^edit \S*values\.yaml: image\.tag: "7"$/,
      },
      {
        key: "ralph:image.pullpolicy",
        rule: /^unknown key, did you mean "pullPolicy"\?$/,
        fix: /^edit \S*values\.yaml: remove image\.pullpolicy$/,
      },
      {
        key: "ralph:persistence.workspace.size",
        rule: /^must be a quantity/,
        fix: setPath("ralph:persistence.workspace.size", "<value>"),
      },
      {
        key: "ralph:persistence.cache.size",
        rule: /^must be a quantity/,
        fix: /^edit \S*values\.yaml: persistence\.cache\.size: <value>$/,
      },
      {
        key: "ralph:tasks[0].prompt",
        rule: /^is missing$/,
        fix: /^edit \S*values\.yaml: tasks\[0\]\.prompt: <text>$/,
      },
      {
        key: "ralph:ingres",
        rule: /^unknown key, did you mean "ingress"\?$/,
        fix: /^edit \S*values\.yaml: remove ingres$/,
      },
      {
        key: "ralph:autoscaling",
        rule: /^minReplicas 20 is above maxReplicas 10$/,
        fix: /^edit \S*values\.yaml: autoscaling\.maxReplicas: 20$/,
      },
    ],
  },

  // A stack that lives for hours
  {
    name: "a life of no length, of no end and of an owner that is no label",
    config: {
      ...BASE,
      ephemeral: { enabled: true, ttl: "8d", expires: "2026-02-30T08:00:00Z", owner: "Jo Doe" },
    },
    expected: [
      {
        key: "ralph:ephemeral.ttl",
        rule: /^must be a duration of days, hours and minutes from 15m to 7d, .*; it is "8d"$/,
        fix: setPath("ralph:ephemeral.ttl", "<value>"),
      },
      {
        key: "ralph:ephemeral.expires",
        rule: /^must be a moment in UTC such as 2026-11-25T08:00:00Z; it is "2026-02-30T08:00:00Z"$/,
        fix: setPath("ralph:ephemeral.expires", "<value>"),
      },
      {
        key: "ralph:ephemeral.owner",
        rule: /^must be 1 to 63 lower-case letters, .*; it is "Jo Doe"$/,
        fix: setPath("ralph:ephemeral.owner", "<value>"),
      },
    ],
  },
  {
    name: "a life that never ends",
    config: { ...BASE, ephemeral: { enabled: true } },
    expected: [
      {
        key: "ralph:ephemeral.expires",
        rule: /^is missing: `ephemeral up` sets it/,
        fix: /^pulumi config set --path ralph:ephemeral\.expires \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      },
    ],
  },
  {
    name: "an end of what is to stay",
    config: { ...BASE, ephemeral: { expires: "2026-11-25T08:00:00Z" } },
    expected: [
      {
        key: "ralph:ephemeral.expires",
        rule: /^is set, but ephemeral\.enabled is false/,
        fix: rm("--path ralph:ephemeral.expires"),
      },
    ],
  },

  // All at once
  {
    name: "one error for everything: the cluster, an unknown key, a type, a secret, two rules",
    config: {
      ...BASE,
      cluster: { ...BASE.cluster, context: "prod" },
      presistence: {},
      replicaCount: "two",
      apiKeys: { claude: "sk-ant-canary" },
      autoscaling: { minReplicas: 12 },
      argocd: { enabled: true },
    },
    secretKeys: [],
    expected: [
      { key: "ralph:replicaCount", rule: /^must be a number/, fix: set("ralph:replicaCount", "<number>") },
      { key: "ralph:presistence", rule: /^unknown key/, fix: rm("ralph:presistence") },
      { key: "ralph:apiKeys.claude", rule: /plain text/, fix: /--secret --path ralph:apiKeys\.claude$/ },
      {
        key: "ralph:cluster.context",
        rule: /has no context/,
        fix: setPath("ralph:cluster.context", "<context>"),
      },
      {
        key: "ralph:autoscaling",
        rule: /above/,
        fix: setPath("ralph:autoscaling.maxReplicas", "12"),
      },
      {
        key: "ralph:argocd.repoURL",
        rule: /^is missing/,
        fix: /^pulumi config set --path ralph:argocd\.repoURL/,
      },
    ],
  },
  {
    name: "rules between keys are told even where the cluster is wrong",
    config: { ...BASE, cluster: { storageClass: "fast" }, autoscaling: { minReplicas: 12 } },
    expected: [
      {
        key: "ralph:cluster.storageClass",
        rule: /^must be a map of keys; it is "fast"$/,
        fix: rm("--path ralph:cluster.storageClass"),
      },
      { key: "ralph:autoscaling", rule: /above/, fix: setPath("ralph:autoscaling.maxReplicas", "12") },
    ],
  },
];
