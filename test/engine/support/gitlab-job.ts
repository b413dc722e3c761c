/** Jobs of docs/ci/gitlab-ci.yml as a runner of GitLab runs them: one script with bash, on a machine of its own. */
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { REPOSITORY } from "../../../lib/repository";
import { type Claims, token } from "../../support/oidc";
import type { Newcomer } from "./newcomer";

type Variables = Readonly<Record<string, string>>;
type Script = readonly (string | Script)[];

interface Job {
  readonly extends?: string | readonly string[];
  readonly before_script?: Script;
  readonly script?: Script;
  readonly variables?: Variables;
  readonly id_tokens?: Readonly<Record<string, { readonly aud: string }>>;
}

const FILE = "docs/ci/gitlab-ci.yml";

/** A job with everything that it extends and refers to. */
function read(name: string): Job & { readonly globals: Variables } {
  const text = readFileSync(join(REPOSITORY, FILE), "utf8");
  const all = parse(text, { customTags: [{ tag: "!reference", collection: "seq" }] }) as Record<string, Job>;
  const whole = (each: string): Job => {
    const job = all[each] ?? {};
    return Object.assign({}, ...[job.extends ?? []].flat().map(whole), job) as Job;
  };
  const job = whole(name);
  // `!reference [default, before_script]` is a list of two names, in place of the lines that they name.
  const lines = (script: Script = []): string[] =>
    script.flatMap((each) => {
      if (typeof each === "string") return [each];
      const [from = "", key = ""] = each as readonly string[];
      return lines((all[from] as Readonly<Record<string, Script>>)[key]);
    });
  const { default: fallback, variables } = all as Record<string, Job & Variables>;
  return {
    ...job,
    before_script: lines(job.before_script ?? fallback?.before_script),
    script: lines(job.script),
    globals: variables ?? {},
  };
}

export interface GitlabOptions {
  readonly job: string;
  readonly machine: Newcomer;
  /** Variables of the project and of the environment. */
  readonly variables: Variables;
  readonly claims: (audience: string) => Claims;
}

/** Runs a job, and fails with its output if it fails. */
export async function runGitlabJob({ job: name, machine, variables, claims }: GitlabOptions): Promise<void> {
  const { before_script = [], script = [], id_tokens = {}, globals, ...job } = read(name);
  const builds = join(machine.dir, "builds");
  mkdirSync(builds);
  symlinkSync(join(machine.dir, "pulumi-home"), join(machine.tree, ".pulumi"));
  const predefined = {
    CI_PROJECT_DIR: machine.tree,
    CI_BUILDS_DIR: builds,
    CI_JOB_ID: "17",
    CI_MERGE_REQUEST_IID: "7",
    ...variables,
  };
  // GitLab expands variables in variables.
  const expand = (text: string): string =>
    text.replaceAll(/\$(\w+)/g, (_, key: string) => (predefined as Variables)[key] ?? "");
  const expanded = (values: Variables): Variables =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, expand(value)]));
  const tokens = Object.fromEntries(
    Object.entries(id_tokens).map(([key, { aud }]) => [key, token(claims(expand(aud)))]),
  );
  machine.install();
  const lines = [...before_script, ...script].filter((line) => !String(line).startsWith("npm ci "));
  // https://docs.gitlab.com/runner/shells/
  const { code, stdout, stderr } = await machine.script(
    lines.join("\n"),
    { ...expanded(globals), ...expanded(job.variables ?? {}), ...predefined, ...tokens },
    "-eo pipefail",
  );
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${lines.join("\n")}\n${stdout}${stderr}`);
}
