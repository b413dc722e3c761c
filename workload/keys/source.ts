import { z } from "zod";
import { type Finding, findIf, forbidden, required } from "../../config/findings";
import { matching } from "../../config/formats";
import type { Path } from "../../config/path";
import { spellPath } from "../../lib/stack-file";
import { COMMIT_ID, VARIABLES } from "../../runner/src/contract";
import { rule, section } from "./section";

const {
  RALPH_SOURCE_REPOSITORY: REPOSITORY,
  RALPH_SOURCE_REF: REF,
  RALPH_SOURCE_DIRECTORY: DIRECTORY,
  RALPH_SOURCE_PROMPTS: PROMPTS,
  RALPH_SOURCE_SETUP: SETUP,
  RALPH_PULL_REQUEST_BASE: BASE,
} = VARIABLES;

const text = ({ pattern, form }: { readonly pattern: RegExp; readonly form: string }) =>
  matching(pattern, `must be ${form}`);

const keys = {
  repository: text(REPOSITORY).optional().meta({
    description: "Address of the repository. Its credentials are those of `git`.",
  }),
  ref: text(REF).optional().meta({
    description: "Branch, tag or commit that Ralph's branches start from. Defaults to the default branch.",
  }),
  directory: text(DIRECTORY)
    .optional()
    .meta({ description: "Folder of the repository that Ralph works in. Defaults to all of it." }),
  setup: text(SETUP).optional().meta({
    description: "Shell command that runs there before each run, such as `npm ci`.",
  }),
  pullRequest: section({
    enabled: z.boolean().optional().meta({
      description:
        "Whether each branch gets a pull request (GitLab: merge request). By default it gets none.",
    }),
    draft: z.boolean().optional().meta({ description: "Whether that is a draft." }),
    base: text(BASE).optional().meta({
      description: "Branch that it is for. Defaults to `ref`.",
    }),
  })
    .prefault({})
    .meta({ description: "Needs `git.token` or `git.githubApp`." }),
};

export const source = section({
  ...keys,
  prompts: text(PROMPTS).optional().meta({
    description:
      "Folder of the repository with further prompts for the workers (Markdown files), as `ref` has them: a commit adds work.",
  }),
})
  .prefault({})
  .meta({
    description: "The repository that Ralph works on. Without it, prompts start in an empty folder.",
  });

/** What a task or a schedule can set for itself. */
export const ownSource = section(keys)
  .optional()
  .meta({ description: "Overrides `source` for this run, key by key." });

export type SourceConfig = z.output<typeof source>;

/** The source of a run: its own keys, and the others of `source`. */
export const merged = (all: SourceConfig, own: SourceConfig = { pullRequest: {} }): SourceConfig => ({
  ...all,
  ...own,
  pullRequest: { ...all.pullRequest, ...own.pullRequest },
});

export const rules = [rule({ source }, (values) => checkSource(["source"], values.source))];

/** @param all `source`, whose keys a run's own ones override */
export function checkSource(at: Path, own: SourceConfig, all?: SourceConfig): Finding[] {
  const { repository, ...others } = own;
  const [key] = Object.entries({ ...others, pullRequest: others.pullRequest.enabled }).flatMap(
    ([name, value]) => (value === undefined ? [] : [name]),
  );
  const { ref, pullRequest, ...whole } = all === undefined ? own : merged(all, own);
  const named = spellPath(at);
  const changesBase = (own.ref ?? own.pullRequest.enabled) !== undefined;
  return [
    ...findIf(repository === undefined && whole.repository === undefined && key !== undefined, () =>
      required(
        [...at, "repository"],
        "https://<host>/<owner>/<repository>.git",
        `${named}.${key} is set, but there is no repository`,
      ),
    ),
    ...findIf(own.pullRequest.base !== undefined && pullRequest.enabled !== true, () =>
      forbidden([...at, "pullRequest", "base"], `${named}.pullRequest.enabled is not true`),
    ),
    ...findIf(
      changesBase &&
        pullRequest.enabled === true &&
        pullRequest.base === undefined &&
        COMMIT_ID.test(ref ?? ""),
      () => required([...at, "pullRequest", "base"], "main", `${named}.ref is a commit, and no branch`),
    ),
  ];
}
