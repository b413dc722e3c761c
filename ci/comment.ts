/**
 * Posts the plans of a pull request as comments, one for each stack, edited in place. Runs on Node alone
 * (>= 22.18), as it is: in a job that may write comments nothing is installed.
 *
 * The folder's files, `<stack>.plan.txt` and `<stack>.preview.txt`, were made by the code of the pull request:
 * their text is quoted, cut, and never interpreted; whose pull request it is comes from the event, not from them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Characters of one comment that GitHub takes are 65536; what stands around the text needs a part of them. */
const LIMIT = 60_000;
/** Comments of one run: there are three clouds, and nobody shall flood a pull request. */
const MOST = 20;
/** What the token of a workflow writes as. */
const BOT = "github-actions[bot]";

const KINDS = {
  preview: "against the stack as it is, read only",
  plan: "of a new stack, on stand-ins for its cloud: no account was asked",
} as const;
type Kind = keyof typeof KINDS;

const FILE = /^([A-Za-z0-9_.-]{1,100})\.(plan|preview)\.txt$/;

export const marker = (stack: string): string => `<!-- ralph preview of ${stack} -->`;

/** The texts of a folder, by stack; files of other names are left alone. */
export function readPlans(folder: string): Map<string, Partial<Record<Kind, string>>> {
  const plans = new Map<string, Partial<Record<Kind, string>>>();
  if (!existsSync(folder)) return plans;
  for (const name of readdirSync(folder).sort()) {
    const [, stack, kind] = FILE.exec(name) ?? [];
    if (stack === undefined || kind === undefined) continue;
    if (!plans.has(stack) && plans.size === MOST) continue;
    plans.set(stack, { ...plans.get(stack), [kind]: readFileSync(join(folder, name), "utf8") });
  }
  return plans;
}

/** One comment; a text is in a fence that is longer than any in it, so that nothing of it is markup. */
export function body(stack: string, texts: Partial<Record<Kind, string>>, sha: string): string {
  const present = (Object.keys(KINDS) as Kind[]).filter((kind) => texts[kind] !== undefined);
  const parts = present.map((kind) => {
    const text = shortened(texts[kind] ?? "", LIMIT / present.length);
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
    const fence = "`".repeat(longest + 1);
    return `<details${kind === present[0] ? " open" : ""}><summary>${KINDS[kind]}</summary>\n\n${fence}\n${text}\n${fence}\n</details>`;
  });
  return [marker(stack), `#### Preview of \`${stack}\` at ${sha.slice(0, 7)}`, ...parts].join("\n\n");
}

/** The end says how many resources change: what is too much goes out of the middle. */
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
  /** Where the code of the pull request is, as the event says. */
  readonly head: { readonly owner: string; readonly branch: string; readonly sha: string };
}

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string };
}

/** Brings the comments of the pull request in line with a folder. @returns what was done, line by line */
export async function post(folder: string, target: Target): Promise<string[]> {
  const { repository, head } = target;
  const plans = readPlans(folder);
  if (plans.size === 0) return ["no plan: nothing to post"];

  const branch = encodeURIComponent(`${head.owner}:${head.branch}`);
  const open = await ask<{ number: number; head: { sha: string } }[]>(
    target,
    "GET",
    `/repos/${repository}/pulls?state=open&head=${branch}`,
  );
  const numbers = open.filter(({ head: { sha } }) => sha === head.sha).map(({ number }) => number);
  if (numbers.length === 0) return [`no open pull request is at ${head.sha} any more: nothing to post`];

  const told: string[] = [];
  for (const number of numbers) {
    const comments = await all<Comment>(target, `/repos/${repository}/issues/${number}/comments`);
    for (const [stack, texts] of plans) {
      const text = body(stack, texts, head.sha);
      const own = comments.find(({ body, user }) => user.login === BOT && body.startsWith(marker(stack)));
      if (own === undefined)
        await ask(target, "POST", `/repos/${repository}/issues/${number}/comments`, { body: text });
      else if (own.body !== text)
        await ask(target, "PATCH", `/repos/${repository}/issues/comments/${own.id}`, { body: text });
      told.push(`#${number} ${stack}: ${own === undefined ? "posted" : "edited"}`);
    }
  }
  return told;
}

async function all<T>(target: Target, path: string): Promise<T[]> {
  const found: T[] = [];
  for (let page = 1; ; page++) {
    const some = await ask<T[]>(target, "GET", `${path}?per_page=100&page=${page}`);
    found.push(...some);
    if (some.length < 100) return found;
  }
}

async function ask<T>({ api, token }: Target, method: string, path: string, send?: unknown): Promise<T> {
  const answer = await fetch(`${api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" },
    ...(send === undefined ? {} : { body: JSON.stringify(send) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
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
    console.error("error: this is a step of .github/workflows/comment.yml, which gives it its environment.");
    process.exitCode = 1;
    return;
  }
  const head = { owner: HEAD_OWNER, branch: HEAD_BRANCH, sha: HEAD_SHA };
  const target = { api: GITHUB_API_URL, repository: GITHUB_REPOSITORY, token: GITHUB_TOKEN, head };
  for (const line of await post(folder, target)) console.log(line);
}

if (process.argv[1]?.endsWith("comment.ts")) void main(process.argv[2]);
