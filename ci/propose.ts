/**
 * Puts a patch onto a branch of its own, `automation/<name>`, and opens a pull request for it, or a merge request on
 * GitLab. The branch is overwritten each time: it has nothing but the latest proposal. Runs on plain Node (>= 22.18)
 * without dependencies: the job that may write installs nothing.
 */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";

/** No other branch is ever pushed to. */
const OWN = /^automation\/[a-z0-9][a-z0-9-]*$/;

export interface Proposal {
  /** File with the output of `git diff --binary`. */
  readonly patch: string;
  readonly branch: string;
  /** Subject of the commit, and title of the request. */
  readonly title: string;
  /** Branch that it is for. */
  readonly base: string;
}

/** Where the repository is. */
interface Forge {
  readonly author: { readonly name: string; readonly email: string };
  readonly remote: string;
  /** Credential helper of git; it reads the token from the environment. */
  readonly helper: string;
  readonly pushOptions: (proposal: Proposal) => readonly string[];
  /** Opens the request after the push, where no option of the push does. */
  readonly open?: (proposal: Proposal) => void;
}

const BODY =
  "Made by CI. This branch is overwritten by the next proposal. Requests that CI opens start no workflow by themselves: " +
  "approve the run, or close and reopen the request.";

const github: Forge = {
  author: { name: "github-actions[bot]", email: "41898282+github-actions[bot]@users.noreply.github.com" },
  remote: "origin",
  helper: "!gh auth git-credential",
  pushOptions: () => [],
  open({ branch, base, title }) {
    const open = call("gh", [
      "pr",
      "list",
      "--head",
      branch,
      "--base",
      base,
      "--state",
      "open",
      "--json",
      "number",
    ]);
    if ((JSON.parse(open) as unknown[]).length > 0) return;
    console.log(
      call("gh", ["pr", "create", "--head", branch, "--base", base, "--title", title, "--body", BODY]).trim(),
    );
  },
};

const gitlab = (env: NodeJS.ProcessEnv): Forge => ({
  author: { name: "GitLab CI", email: `ci@${env.CI_SERVER_HOST}` },
  remote: `${env.CI_SERVER_URL}/${env.CI_PROJECT_PATH}.git`,
  helper: '!f() { echo username=gitlab-ci-token; echo "password=$CI_JOB_TOKEN"; }; f',
  pushOptions: ({ base, title }) => [
    "merge_request.create",
    `merge_request.target=${base}`,
    `merge_request.title=${title}`,
    `merge_request.description=${BODY}`,
  ],
});

/** @returns what was done, in a line */
export function propose(proposal: Proposal, env: NodeJS.ProcessEnv = process.env): string {
  const { patch, branch, title } = proposal;
  if (!OWN.test(branch)) throw new Error(`${branch} is no branch for proposals: automation/<name>`);
  if (statSync(patch).size === 0) return "nothing to propose: the repository has it already";
  const forge = env.GITLAB_CI === "true" ? gitlab(env) : github;
  const { author, remote, helper } = forge;
  call("git", ["apply", "--index", patch]);
  call("git", [
    ...["-c", `user.name=${author.name}`, "-c", `user.email=${author.email}`],
    ...["commit", "--quiet", "--message", title],
  ]);
  call("git", [
    ...["-c", "credential.helper=", "-c", `credential.helper=${helper}`],
    ...[
      "push",
      "--quiet",
      "--force",
      ...forge.pushOptions(proposal).map((option) => `--push-option=${option}`),
    ],
    ...[remote, `HEAD:refs/heads/${branch}`],
  ]);
  forge.open?.(proposal);
  return `proposed on ${branch}: ${title}`;
}

/** @returns standard output; the program's own errors are on standard error already */
const call = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

function main(patch: string | undefined): void {
  const { BRANCH: branch, TITLE: title, BASE: base } = process.env;
  if (patch === undefined || branch === undefined || title === undefined || base === undefined) {
    console.error("usage: BRANCH=automation/<name> TITLE=<title> BASE=<branch> propose.ts <patch>");
    process.exitCode = 1;
    return;
  }
  console.log(propose({ patch, branch, title, base }));
}

if (process.argv[1]?.endsWith("propose.ts")) main(process.argv[2]);
