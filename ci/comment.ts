/**
 * Posts the plans of a pull request as comments, one for each stack, edited in place. Runs on plain Node (>= 22.18)
 * without dependencies: the job that may write comments installs nothing.
 *
 * The code of the pull request wrote the folder's files, `<stack>.plan.txt` and `<stack>.preview.txt`: their text is
 * quoted, shortened and never interpreted, and neither the pull request nor the stacks are identified by them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** GitHub accepts 65536 characters per comment; the markup around the text needs some of them. */
const MAX_CHARACTERS = 60_000;
/** Author of comments that are posted with a workflow's token. */
const BOT = "github-actions[bot]";

const KINDS = {
  preview: "against the existing stack, read-only",
  plan: "of a new stack, with stub plugins: no cloud account was used",
} as const;
type Kind = keyof typeof KINDS;

const FILE = /^([A-Za-z0-9_.-]{1,100})\.(plan|preview)\.txt$/;

export const marker = (stack: string): string => `<!-- ralph preview of ${stack} -->`;

/** The stacks that a tree has files of. */
export const committedStacks = (tree: string): string[] =>
  readdirSync(tree).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);

/**
 * The texts in a folder, by stack. Other files are ignored, also those of stacks that the default branch does not have:
 * otherwise each push could add comments under new names.
 */
function readPlans(folder: string, stacks: readonly string[]): Map<string, Partial<Record<Kind, string>>> {
  const plans = new Map<string, Partial<Record<Kind, string>>>();
  if (!existsSync(folder)) return plans;
  for (const name of readdirSync(folder).sort()) {
    const [, stack, kind] = FILE.exec(name) ?? [];
    if (stack === undefined || kind === undefined || !stacks.includes(stack)) continue;
    plans.set(stack, { ...plans.get(stack), [kind]: readFileSync(join(folder, name), "utf8") });
  }
  return plans;
}

/** One comment. The fence around a text is longer than any in it, so that none of it is interpreted as markup. */
export function body(stack: string, texts: Partial<Record<Kind, string>>, sha: string): string {
  const present = (Object.keys(KINDS) as Kind[]).filter((kind) => texts[kind] !== undefined);
  const parts = present.map((kind) => {
    const text = shortened(texts[kind] ?? "", MAX_CHARACTERS / present.length);
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
    const fence = "`".repeat(longest + 1);
    return `<details${kind === present[0] ? " open" : ""}><summary>${KINDS[kind]}</summary>\n\n${fence}\n${text}\n${fence}\n</details>`;
  });
  return [marker(stack), `#### Preview of \`${stack}\` at ${sha.slice(0, 7)}`, ...parts].join("\n\n");
}

/** Cuts the middle: the end states how many resources change. */
function shortened(text: string, limit: number): string {
  const clean = text.trim();
  if (clean.length <= limit) return clean;
  const half = Math.floor(limit / 2);
  const cut = clean.length - 2 * half;
  return `${clean.slice(0, half)}\n[... ${cut} characters left out; the run's summary has all ...]\n${clean.slice(-half)}`;
}

export interface Target {
  /** Base address of the API, such as https://api.github.com. */
  readonly api: string;
  /** owner/name */
  readonly repository: string;
  readonly token: string;
  /** Those of the default branch. */
  readonly stacks: readonly string[];
  /** Branch of the pull request's code, from the event. */
  readonly head: { readonly owner: string; readonly branch: string; readonly sha: string };
}

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string };
}

/** Updates the comments of the pull request from a folder. @returns one line for each comment */
export async function post(folder: string, target: Target): Promise<string[]> {
  const { repository, stacks, head } = target;
  const plans = readPlans(folder, stacks);
  if (plans.size === 0) return ["no plan of a stack of the default branch: nothing to post"];

  const branch = encodeURIComponent(`${head.owner}:${head.branch}`);
  const open = await request<{ number: number; head: { sha: string } }[]>(
    target,
    "GET",
    `/repos/${repository}/pulls?state=open&head=${branch}`,
  );
  const numbers = open.filter(({ head: { sha } }) => sha === head.sha).map(({ number }) => number);
  if (numbers.length === 0) return [`no open pull request is at ${head.sha}: nothing to post`];

  const done: string[] = [];
  for (const number of numbers) {
    const comments = await all<Comment>(target, `/repos/${repository}/issues/${number}/comments`);
    for (const [stack, texts] of plans) {
      const text = body(stack, texts, head.sha);
      const own = comments.find(({ body, user }) => user.login === BOT && body.startsWith(marker(stack)));
      if (own === undefined)
        await request(target, "POST", `/repos/${repository}/issues/${number}/comments`, { body: text });
      else if (own.body !== text)
        await request(target, "PATCH", `/repos/${repository}/issues/comments/${own.id}`, { body: text });
      done.push(`#${number} ${stack}: ${own === undefined ? "posted" : "edited"}`);
    }
  }
  return done;
}

async function all<T>(target: Target, path: string): Promise<T[]> {
  const found: T[] = [];
  for (let page = 1; ; page++) {
    const some = await request<T[]>(target, "GET", `${path}?per_page=100&page=${page}`);
    found.push(...some);
    if (some.length < 100) return found;
  }
}

async function request<T>({ api, token }: Target, method: string, path: string, send?: unknown): Promise<T> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" },
    ...(send === undefined ? {} : { body: JSON.stringify(send) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function main(folder: string | undefined): Promise<void> {
  const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, HEAD_OWNER, HEAD_BRANCH, HEAD_SHA } = process.env;
  if (
    folder === undefined ||
    GITHUB_API_URL === undefined ||
    GITHUB_REPOSITORY === undefined ||
    GITHUB_TOKEN === undefined ||
    HEAD_OWNER === undefined ||
    HEAD_BRANCH === undefined ||
    HEAD_SHA === undefined
  ) {
    console.error("error: this is a step of .github/workflows/comment.yml, which sets its environment.");
    process.exitCode = 1;
    return;
  }
  const head = { owner: HEAD_OWNER, branch: HEAD_BRANCH, sha: HEAD_SHA };
  const target = {
    api: GITHUB_API_URL,
    repository: GITHUB_REPOSITORY,
    token: GITHUB_TOKEN,
    // The job's checkout is of the default branch.
    stacks: committedStacks("."),
    head,
  };
  for (const line of await post(folder, target)) console.log(line);
}

if (process.argv[1]?.endsWith("comment.ts")) void main(process.argv[2]);
