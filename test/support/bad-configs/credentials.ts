import { BASE } from "../base";
import { HOST_KEY, KEY, PRIVATE_KEY, REMOTE } from "../git";
import { type BadConfig, setPath, setFile, excluded } from "./case";

/** Rules about Secrets of the user's, the git remote and pull Secrets. */
export const CREDENTIALS: readonly BadConfig[] = [
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
];
