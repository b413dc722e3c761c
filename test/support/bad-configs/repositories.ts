import { BASE } from "../base";
import { HOST_KEY, KEY, PRIVATE_KEY, REMOTE } from "../git";
import { type BadConfig, type Expected, rm, schedule, setPath, task } from "./case";

const HTTPS = "https://github.com/owner/name.git";
const SSH = { privateKey: PRIVATE_KEY, knownHosts: HOST_KEY };
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const noToken = (reason: string): Expected => ({
  key: "ralph:git.token",
  rule: new RegExp(`^is missing: ${reason} without it$`),
  fix: /^pulumi config set --secret --path ralph:git\.token/,
});

/** The repositories of all runs, and the credentials that they share. */
export const REPOSITORIES: readonly BadConfig[] = [
  {
    name: "a repository over HTTPS without a token",
    config: { ...BASE, source: { repository: HTTPS } },
    expected: [noToken("source\\.repository cannot be pushed to")],
  },
  {
    name: "a task's own repository over HTTPS, where only an SSH key is set",
    config: {
      ...BASE,
      source: { repository: REMOTE },
      git: SSH,
      tasks: [task, { ...task, name: "c", source: { repository: HTTPS } }],
    },
    expected: [noToken("tasks\\[1\\]\\.source\\.repository cannot be pushed to")],
  },
  {
    name: "a schedule's own repository over HTTPS, beside a remote over SSH",
    config: {
      ...BASE,
      git: { remote: REMOTE, ...SSH },
      schedules: [{ ...schedule, source: { repository: HTTPS } }],
    },
    expected: [noToken("schedules\\[0\\]\\.source\\.repository cannot be pushed to")],
  },
  {
    name: "pull requests without a token",
    config: { ...BASE, source: { repository: REMOTE, pullRequest: { enabled: true } }, git: SSH },
    expected: [noToken("source\\.pullRequest cannot be opened")],
  },
  {
    name: "a task's pull request without a token",
    config: {
      ...BASE,
      source: { repository: REMOTE },
      git: SSH,
      tasks: [{ ...task, source: { pullRequest: { enabled: true } } }],
    },
    expected: [noToken("tasks\\[0\\]\\.source\\.pullRequest cannot be opened")],
  },
  {
    name: "a task's repository on another server, whose host key is missing",
    config: {
      ...BASE,
      source: { repository: REMOTE },
      git: SSH,
      tasks: [{ ...task, source: { repository: "ssh://git@git.example.com:2222/o/r.git" } }],
    },
    expected: [
      {
        key: "ralph:git.knownHosts",
        rule: /^must have a key of git\.example\.com, port 2222; it is /,
        fix: setPath(
          "ralph:git.knownHosts",
          String.raw`"\$\(ssh-keyscan github\.com; ssh-keyscan -p 2222 git\.example\.com\)"`,
        ),
      },
    ],
  },
  {
    name: "a task's repository over SSH, where only a token is set",
    config: {
      ...BASE,
      source: { repository: HTTPS },
      git: { token: "github_pat_canary" },
      tasks: [{ ...task, source: { repository: REMOTE } }],
    },
    expected: [
      {
        key: "ralph:git.privateKey",
        rule: /^is missing: tasks\[0\]\.source\.repository cannot be pushed to without it$/,
        fix: /^pulumi config set --secret --path ralph:git\.privateKey < <file>$/,
      },
      {
        key: "ralph:git.knownHosts",
        rule: /^is missing: github\.com cannot be verified without it$/,
        fix: setPath("ralph:git.knownHosts", String.raw`"\$\(ssh-keyscan github\.com\)"`),
      },
    ],
  },
  {
    name: "a task's and a schedule's repositories on servers that the token is not of",
    config: {
      ...BASE,
      source: { repository: HTTPS },
      git: { token: "github_pat_canary", ...SSH, knownHosts: `*${KEY}` },
      tasks: [
        { ...task, source: { repository: "https://git.example.com:8443/o/r.git" } },
        { ...task, name: "b", source: { repository: "https://github.com/owner/other.git" } },
        { ...task, name: "c", source: { repository: "git@git.example.com:o/r.git" } },
      ],
      schedules: [
        {
          ...schedule,
          source: { repository: "git@gitlab.com:o/r.git", pullRequest: { enabled: true } },
        },
      ],
    },
    expected: [
      {
        key: "ralph:tasks[0].source.repository",
        rule: /^must not be set: git\.example\.com gets no token: there is one, for github\.com \(git\.host\)/,
        fix: rm("--path 'ralph:tasks[0].source.repository'"),
      },
      {
        key: "ralph:schedules[0].source.repository",
        rule: /^must not be set: gitlab\.com gets no token/,
        fix: rm("--path 'ralph:schedules[0].source.repository'"),
      },
    ],
  },
  {
    name: "a server of the token that no repository is on",
    config: {
      ...BASE,
      source: { repository: HTTPS },
      git: { token: "github_pat_canary", host: "git.example.com" },
    },
    expected: [
      {
        key: "ralph:git.host",
        rule: /^must be the server of a repository with a token; it is "git\.example\.com"$/,
        fix: setPath("ralph:git.host", "github\\.com"),
      },
    ],
  },
  {
    name: "pull requests on a server whose program is unknown",
    config: {
      ...BASE,
      source: {
        repository: "https://git.example.com/o/r.git",
        pullRequest: { enabled: true },
      },
      git: { existingSecret: "deploy" },
    },
    expected: [
      {
        key: "ralph:git.forge",
        rule: /^is missing: source\.pullRequest needs the program on git\.example\.com, one of github, gitlab, gitea$/,
        fix: setPath("ralph:git.forge", "<program>"),
      },
    ],
  },
  {
    name: "a task's setup and pull request without any repository",
    config: { ...BASE, tasks: [{ ...task, source: { setup: "npm ci", pullRequest: { enabled: true } } }] },
    expected: [
      {
        key: "ralph:tasks[0].source.repository",
        rule: /^is missing: tasks\[0\]\.source\.setup is set, but there is no repository$/,
        fix: setPath("'ralph:tasks[0].source.repository'", "https://<host>/<owner>/<repository>\\.git"),
      },
    ],
  },
  {
    name: "a task's commit without a base for its pull request, and a base without one",
    config: {
      ...BASE,
      source: { repository: HTTPS },
      git: { token: "github_pat_canary" },
      tasks: [{ ...task, source: { ref: COMMIT, pullRequest: { enabled: true } } }],
      schedules: [{ ...schedule, source: { pullRequest: { base: "main" } } }],
    },
    expected: [
      {
        key: "ralph:tasks[0].source.pullRequest.base",
        rule: /^is missing: tasks\[0\]\.source\.ref is a commit, and no branch$/,
        fix: setPath("'ralph:tasks[0].source.pullRequest.base'", "main"),
      },
      {
        key: "ralph:schedules[0].source.pullRequest.base",
        rule: /^must not be set: schedules\[0\]\.source\.pullRequest\.enabled is not true$/,
        fix: rm("--path 'ralph:schedules[0].source.pullRequest.base'"),
      },
    ],
  },
];
