/** Reads docs/ci/gitlab-ci.yml as GitLab does: `extends` key by key, later ones overriding earlier ones, and `!reference`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { REPOSITORY } from "../../lib/repository";

type Variables = Readonly<Record<string, string>>;
/** Lines, and references to lines: `[".identity", "before_script"]`. */
type Script = readonly (string | readonly string[])[];

interface Source {
  readonly extends?: string | readonly string[];
  readonly before_script?: Script;
  readonly script?: Script;
  readonly after_script?: Script;
  readonly cache?: readonly unknown[];
  readonly rules?: readonly { readonly if?: string; readonly when?: string }[];
  readonly timeout?: string;
  readonly interruptible?: boolean;
  readonly resource_group?: string;
  readonly environment?: {
    readonly name: string;
    readonly on_stop?: string;
    readonly auto_stop_in?: string;
    readonly action?: string;
  };
  readonly id_tokens?: Readonly<Record<string, { readonly aud: string }>>;
  readonly variables?: Variables;
}

export interface GitlabJob extends Omit<Source, "extends" | "before_script" | "script" | "after_script"> {
  readonly before: readonly string[];
  readonly script: readonly string[];
  readonly after: readonly string[];
}

const KEYWORDS = ["stages", "workflow", "default", "variables"];

export const gitlabFile = (): string => readFileSync(join(REPOSITORY, "docs/ci/gitlab-ci.yml"), "utf8");

/** The jobs that run, each with what it extends, and with the file's variables and defaults. */
export function gitlabJobs(text: string): Map<string, GitlabJob> {
  const all = parse(text, { customTags: [{ tag: "!reference", collection: "seq" }] }) as Record<
    string,
    Source
  >;
  const whole = (name: string): Source => {
    const job = all[name] ?? {};
    return Object.assign({}, ...[job.extends ?? []].flat().map(whole), job) as Source;
  };
  const lines = (script: Script = []): string[] =>
    script.flatMap((each) => {
      if (typeof each === "string") return [each];
      const [from = "", key = ""] = each;
      return lines((all[from] as Readonly<Record<string, Script>> | undefined)?.[key]);
    });
  const { default: fallback, variables: globals } = all as { default?: Source; variables?: Variables };
  const names = Object.keys(all).filter((name) => !KEYWORDS.includes(name) && !name.startsWith("."));
  return new Map(
    names.map((name) => {
      const job = { ...fallback, ...whole(name) };
      return [
        name,
        {
          ...job,
          before: lines(job.before_script),
          script: lines(job.script),
          after: lines(job.after_script),
          variables: { ...globals, ...job.variables },
        },
      ];
    }),
  );
}

/** Lines of a job without those that install packages, which the tests' trees have. */
export const withoutInstall = (lines: readonly string[]): string[] =>
  lines.filter((line) => !line.startsWith("npm ci "));
