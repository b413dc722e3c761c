/**
 * Files by which a git server, or a CI service that watches it, runs commands for a pushed branch, often with the
 * repository's secrets. An agent's results are pushed without them unless RALPH_GIT_ALLOW_CI says otherwise.
 */
const CI_DEFINITIONS = [
  ".github/workflows/**",
  ".github/actions/**",
  ".forgejo/**",
  ".gitea/**",
  ".gitlab-ci.yml",
  ".gitlab/ci/**",
  ".circleci/**",
  ".buildkite/**",
  ".semaphore/**",
  ".tekton/**",
  ".woodpecker/**",
  ".woodpecker.{yml,yaml}",
  ".drone.{yml,yaml,jsonnet,star}",
  ".travis.yml",
  ".cirrus.{yml,star}",
  ".appveyor.yml",
  "appveyor.yml",
  ".azure-pipelines/**",
  "azure-pipelines.yml",
  "bitbucket-pipelines.yml",
  "Jenkinsfile",
] as const;

/** Them as pathspecs of git, which knows no braces (gitglossary(7)). */
export const CI_PATHSPECS: readonly string[] = CI_DEFINITIONS.flatMap((pattern) => {
  const [, head, choices, tail] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  const spelled = choices?.split(",").map((choice) => `${head}${choice}${tail}`) ?? [pattern];
  return spelled.map((each) => `:(top,glob,icase)${each}`);
});
