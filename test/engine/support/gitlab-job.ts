/** Jobs of docs/ci/gitlab-ci.yml as a runner of GitLab runs them: one script with bash, on a machine of its own. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { gitlabFile, gitlabJobs, withoutInstall } from "../../support/gitlab";
import { type Claims, token } from "../../support/oidc";
import type { Newcomer } from "./newcomer";

type Variables = Readonly<Record<string, string>>;

export interface GitlabOptions {
  readonly job: string;
  readonly machine: Newcomer;
  /** Variables of the project and of the environment. */
  readonly variables: Variables;
  readonly claims: (audience: string) => Claims;
}

/** Runs a job, and fails with its output if it fails. */
export async function runGitlabJob({ job: name, machine, variables, claims }: GitlabOptions): Promise<void> {
  const job = gitlabJobs(gitlabFile()).get(name);
  if (job === undefined) throw new Error(`there is no job ${name}`);
  // The folder for temporary files of a machine that runs one job after the other.
  const temporary = join(machine.dir, "job-tmp");
  mkdirSync(temporary);
  symlinkSync(join(machine.dir, "pulumi-home"), join(machine.tree, ".pulumi"));
  const predefined = {
    CI_PROJECT_DIR: machine.tree,
    CI_JOB_ID: "17",
    CI_MERGE_REQUEST_IID: "7",
    TMPDIR: temporary,
    ...variables,
  };
  // GitLab expands variables in variables.
  const expand = (text: string): string =>
    text.replaceAll(/\$(\w+)/g, (_, key: string) => (predefined as Variables)[key] ?? "");
  const expanded = (values: Variables): Variables =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, expand(value)]));
  const tokens = Object.fromEntries(
    Object.entries(job.id_tokens ?? {}).map(([key, { aud }]) => [key, token(claims(expand(aud)))]),
  );
  machine.install();
  const lines = withoutInstall([...job.before, ...job.script]);
  const env = { ...expanded(job.variables ?? {}), ...predefined, ...tokens };
  // https://docs.gitlab.com/runner/shells/
  const { code, stdout, stderr } = await machine.script(lines.join("\n"), env, "-eo pipefail");
  await machine.script(job.after.join("\n"), env, "-eo pipefail");
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${lines.join("\n")}\n${stdout}${stderr}`);
  assert.deepEqual(
    readdirSync(temporary).filter((each) => each.startsWith("job-")),
    [],
    `${name} leaves files`,
  );
}
