import { BASE } from "../base";
import { APP_KEY, HOST_KEY, PRIVATE_KEY, REMOTE } from "../git";
import { type BadConfig, setPath, setFile, rm } from "./case";

/** Secrets. */
export const SECRETS: readonly BadConfig[] = [
  {
    name: "an API key in plain text",
    config: { ...BASE, apiKeys: { claude: "sk-ant-canary" } },
    secretKeys: [],
    expected: [
      {
        key: "ralph:apiKeys.claude",
        rule: /^is a secret stored in plain text in the stack file$/,
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
        rule: /^is a secret stored in plain text in the stack file$/,
        fix: /^pulumi config set --secret --path 'ralph:imagePullSecrets\[0\]\.password'$/,
      },
    ],
  },
  {
    name: "an SSH key in plain text",
    config: { ...BASE, git: { remote: REMOTE, privateKey: PRIVATE_KEY, knownHosts: HOST_KEY } },
    secretKeys: [],
    expected: [
      {
        key: "ralph:git.privateKey",
        rule: /^is a secret stored in plain text in the stack file$/,
        fix: setFile,
      },
    ],
  },
  {
    name: "a git token in plain text",
    config: {
      ...BASE,
      source: { repository: "https://github.com/owner/name.git" },
      git: { token: "github_pat_canary" },
    },
    secretKeys: [],
    expected: [
      {
        key: "ralph:git.token",
        rule: /^is a secret stored in plain text in the stack file$/,
        fix: /^pulumi config set --secret --path ralph:git\.token$/,
      },
    ],
  },
  {
    name: "a GitHub App's key in plain text",
    config: {
      ...BASE,
      source: { repository: "https://github.com/owner/name.git" },
      git: { githubApp: { id: "Iv23liCanary", privateKey: APP_KEY } },
    },
    secretKeys: [],
    expected: [
      {
        key: "ralph:git.githubApp.privateKey",
        rule: /^is a secret stored in plain text in the stack file$/,
        fix: /^pulumi config set --secret --path ralph:git\.githubApp\.privateKey < <file>$/,
      },
    ],
  },
  {
    name: "a key in the values file, which is never encrypted",
    config: BASE,
    valuesFile: "apiKeys:\n  gemini: AIza-canary\n",
    expected: [
      {
        key: "ralph:apiKeys.gemini",
        rule: /^is a secret stored in plain text in the values file$/,
        fix: /^edit \S*values\.yaml: remove apiKeys\.gemini; pulumi config set --secret --path ralph:apiKeys\.gemini$/,
      },
    ],
  },
  {
    name: "a secret in a section that anyone can read",
    config: { ...BASE, config: { agent: "claude" } },
    secretKeys: ["config"],
    expected: [
      {
        key: "ralph:config",
        rule: /^must be set without --secret: its value ends up in objects that are not secret$/,
        fix: rm("ralph:config"),
      },
    ],
  },
  {
    name: "an invalid value in a section that is set as a secret, which is not shown",
    config: { ...BASE, image: { tag: "canary tag" } },
    secretKeys: ["image"],
    expected: [
      { key: "ralph:image.tag", rule: /^must be an image tag$/, fix: setPath("ralph:image.tag", "<value>") },
      { key: "ralph:image", rule: /^must be set without --secret/, fix: rm("ralph:image") },
    ],
  },
  {
    name: "a key of the wrong type, which is not shown",
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
];
