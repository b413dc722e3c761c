/**
 * Files by which a git server, or a CI service that watches it, runs commands for a pushed branch, often with the
 * repository's secrets. An agent's results are pushed without them unless RALPH_GIT_ALLOW_CI says otherwise.
 */
const CI_DEFINITIONS: readonly string[] = [
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
  ".woodpecker.yml",
  ".woodpecker.yaml",
  ".drone.yml",
  ".drone.yaml",
  ".drone.jsonnet",
  ".drone.star",
  ".travis.yml",
  ".cirrus.yml",
  ".cirrus.star",
  ".appveyor.yml",
  "appveyor.yml",
  ".azure-pipelines/**",
  "azure-pipelines.yml",
  "bitbucket-pipelines.yml",
  "Jenkinsfile",
];

/** Them as pathspecs of git (gitglossary(7)). */
export const CI_PATHSPECS: readonly string[] = CI_DEFINITIONS.map((pattern) => `:(top,glob,icase)${pattern}`);
