import { BASE } from "../base";
import { type BadConfig, rm, set, setPath } from "./case";

const HIDDEN = "it is not shown, because it looks like a key or a password";
const PUBLIC = "must not contain a user or a password, which everyone could read where the address is used";

/** Secrets at the wrong place, and values that would otherwise fail late or silently. Run at unit level only. */
export const EXPOSED: readonly BadConfig[] = [
  ...[
    "sk-ant-canary-1234",
    "AIzacanary-1234",
    "ghp_canary1234",
    "Abcdefgh1234567890canary",
    "https://u:canary@h",
  ].map((value): BadConfig => ({
    name: `a key in place of an agent, which is not shown: ${value.slice(0, 4)}...`,
    config: { ...BASE, config: { agent: value } },
    expected: [
      {
        key: "ralph:config.agent",
        rule: new RegExp(`^must be one of auto, .*; ${HIDDEN}$`),
        fix: setPath("ralph:config.agent", "auto"),
      },
    ],
  })),
  {
    name: "a key deep in a value of the wrong type, which is not shown",
    config: { ...BASE, tasks: { token: ["ghp_canary1234"] } },
    expected: [
      { key: "ralph:tasks", rule: new RegExp(`^must be a list; ${HIDDEN}$`), fix: rm("ralph:tasks") },
    ],
  },
  {
    name: "an unknown API key in plain text, with one piece of advice",
    config: { ...BASE, apiKeys: { openai: "sk-canary-1234" } },
    secretKeys: [],
    expected: [
      {
        key: "ralph:apiKeys.openai",
        rule: /^unknown key; known are claude, gemini, q, codex, opencode, copilot, amp, existingSecret, externalSecret$/,
        fix: rm("--path ralph:apiKeys.openai"),
      },
    ],
  },
  {
    name: "credentials in addresses",
    config: {
      ...BASE,
      argocd: {
        repoURL: "https://u:canary@example.com/a",
        destinationServer: "https://canary@10.0.0.1",
      },
      monitoring: { chartRepository: "https://u:canary@charts.example.com" },
    },
    expected: ["argocd.repoURL", "argocd.destinationServer", "monitoring.chartRepository"].map((key) => ({
      key: `ralph:${key}`,
      // Of a section that has a secret, no value is shown.
      rule: new RegExp(`^${PUBLIC}${key.startsWith("monitoring") ? "" : `; ${HIDDEN}`}$`),
      fix: setPath(`ralph:${key}`, "<value>"),
    })),
  },
  {
    name: "a password in an SSH address",
    config: { ...BASE, argocd: { repoURL: "ssh://git:canary@example.com/a" } },
    expected: [
      {
        key: "ralph:argocd.repoURL",
        rule: new RegExp(`^${PUBLIC}; ${HIDDEN}$`),
        fix: setPath("ralph:argocd.repoURL", "<value>"),
      },
    ],
  },
  ...["../../x", "k8s/..", "a/../../b"].map((path): BadConfig => ({
    name: `a path that leaves the repository: ${path}`,
    config: { ...BASE, argocd: { path } },
    expected: [
      {
        key: "ralph:argocd.path",
        rule: /^must be a path inside the repository; it is ".*"$/,
        fix: setPath("ralph:argocd.path", "<value>"),
      },
    ],
  })),
  {
    name: "a server that is no address",
    config: { ...BASE, argocd: { destinationServer: "not a url" } },
    expected: [
      {
        key: "ralph:argocd.destinationServer",
        rule: /^must be the address of an API server; it is "not a url"$/,
        fix: setPath("ralph:argocd.destinationServer", "<value>"),
      },
    ],
  },
  ...["10.1.2.3/8", "10.0.0.1/31", "2001:db8::1/64", "fd00::8000/112"].map((range): BadConfig => ({
    name: `a range that does not begin at its first address: ${range}`,
    config: { ...BASE, networkPolicy: { deny: [range] } },
    expected: [
      {
        key: "ralph:networkPolicy.deny[0]",
        rule: /^must begin at the first address of the range, such as 10\.0\.0\.0\/8; it is ".*"$/,
        fix: setPath("'ralph:networkPolicy.deny[0]'", "<value>"),
      },
    ],
  })),
  ...["::ffff:10.0.0.0/104", "::ffff:a00:0/104"].map((range): BadConfig => ({
    name: `a range of IPv4 that is mapped to IPv6: ${range}`,
    config: { ...BASE, networkPolicy: { deny: [range] } },
    expected: [
      {
        key: "ralph:networkPolicy.deny[0]",
        rule: /^must be a range of IPv4 itself, .*; it is "::ffff:.*"$/,
        fix: setPath("'ralph:networkPolicy.deny[0]'", "<value>"),
      },
    ],
  })),
  {
    name: "a host with a scheme",
    config: { ...BASE, networkPolicy: { hosts: ["github.com", "https://packages.example.com"] } },
    expected: [
      {
        key: "ralph:networkPolicy.hosts[1]",
        rule: /^must be a host name, .*; it is "https:\/\/packages\.example\.com"$/,
        fix: setPath("'ralph:networkPolicy.hosts[1]'", "<value>"),
      },
    ],
  },
  {
    name: "hosts by name, twice, beside a closed internet and without a policy",
    config: {
      ...BASE,
      networkPolicy: { enabled: false, internet: false, hosts: ["github.com", "github.com"] },
    },
    expected: [
      {
        key: "ralph:networkPolicy.hosts[1]",
        rule: /^must be unique; "github\.com" is already listed$/,
        fix: rm("--path 'ralph:networkPolicy.hosts[1]'"),
      },
      {
        key: "ralph:networkPolicy.hosts",
        rule: /^must not be set: networkPolicy\.enabled is false, and no host is closed$/,
        fix: rm("--path ralph:networkPolicy.hosts"),
      },
      {
        key: "ralph:networkPolicy.internet",
        rule: /^must be true with networkPolicy\.hosts; it is false$/,
        fix: setPath("ralph:networkPolicy.internet", "true"),
      },
      {
        key: "ralph:networkPolicy.hosts",
        rule: /^must not be set: this cluster's policies know addresses only: set .* proxy\.https to a proxy/,
        fix: rm("--path ralph:networkPolicy.hosts"),
      },
    ],
  },
  {
    name: "Ralph in the namespace of Prometheus",
    config: { ...BASE, namespace: "monitoring" },
    expected: [
      {
        key: "ralph:namespace",
        rule: /^must not be the namespace of Prometheus while monitoring\.enabled is true: /,
        fix: set("ralph:namespace", "ralph-orchestrator"),
      },
    ],
  },
  {
    name: "a values file whose name is a number",
    config: { ...BASE, valuesFile: 5 },
    expected: [
      { key: "ralph:valuesFile", rule: /^5 cannot be read: ENOENT$/, fix: set("ralph:valuesFile", "<file>") },
    ],
  },
  {
    name: "a prompt without a name",
    config: { ...BASE, prompts: { ".md": "x" } },
    expected: [
      {
        key: 'ralph:prompts[".md"]',
        rule: /^must be the name of a Markdown file$/,
        fix: rm(`--path 'ralph:prompts[".md"]'`),
      },
    ],
  },
  {
    name: "a number that is too large",
    config: BASE,
    valuesFile: "replicaCount: 1e400\n",
    expected: [
      {
        key: "ralph:replicaCount",
        rule: /^must be a number; it is Infinity$/,
        fix: /^edit .*: replicaCount: <number>$/,
      },
    ],
  },
  ...["image:\n  tag: {{ .Values.tag }}\n", "{{- if .Values.a }}\nimage: {}\n{{- end }}\n"].map(
    (valuesFile): BadConfig => ({
      name: `a Helm template in place of values: ${valuesFile.split("\n")[0]}`,
      config: BASE,
      valuesFile,
      expected: [
        {
          key: "ralph:valuesFile",
          rule: /^\S+ must not contain a Helm template, \{\{ \.\.\. \}\}: only `helm template` expands it \(line [12]\)$/,
          fix: set("ralph:valuesFile", "<file>"),
        },
      ],
    }),
  ),
];
