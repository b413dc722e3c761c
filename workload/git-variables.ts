import { MOUNTS, type Variables } from "../runner/src/contract";
import { repositoriesOf, tokenHost } from "./git-server";
import type { RalphConfig } from "./keys";
import type { SourceConfig } from "./keys/source";

/** The runner's variables for the repository that results are pushed to, and for the one that Ralph works on. */
export function gitVariables(config: RalphConfig): Record<string, string> {
  if (repositoriesOf(config).length === 0) return {};
  const { git, source } = config;
  const { githubApp, forge, api, allowCI } = git;
  return {
    ...(git.remote === undefined ? {} : { RALPH_GIT_REMOTE: git.remote }),
    RALPH_GIT_BRANCH_PREFIX: git.branchPrefix,
    RALPH_GIT_SSH: MOUNTS.ssh,
    RALPH_GIT_SOCKET: `${MOUNTS.socket}/git.sock`,
    RALPH_GIT_HOST: tokenHost(config),
    ...(allowCI ? { RALPH_GIT_ALLOW_CI: "true" } : {}),
    ...(forge === undefined ? {} : { RALPH_GIT_FORGE: forge }),
    ...(api === undefined ? {} : { RALPH_GIT_API: api }),
    ...(githubApp === undefined ? {} : { RALPH_GITHUB_APP: githubApp.id }),
    ...sourceVariables(source),
    ...(source.prompts === undefined ? {} : { RALPH_SOURCE_PROMPTS: source.prompts }),
  } satisfies Variables;
}

export function sourceVariables({ repository, ref, directory, setup, pullRequest }: SourceConfig): Variables {
  const { enabled, draft, base } = pullRequest;
  return {
    ...(repository === undefined ? {} : { RALPH_SOURCE_REPOSITORY: repository }),
    ...(ref === undefined ? {} : { RALPH_SOURCE_REF: ref }),
    ...(directory === undefined ? {} : { RALPH_SOURCE_DIRECTORY: directory }),
    ...(setup === undefined ? {} : { RALPH_SOURCE_SETUP: setup }),
    ...(enabled === undefined
      ? {}
      : { RALPH_PULL_REQUEST: enabled ? (draft === true ? "draft" : "ready") : "none" }),
    ...(base === undefined ? {} : { RALPH_PULL_REQUEST_BASE: base }),
  };
}
