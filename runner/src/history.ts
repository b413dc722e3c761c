import type { GitSession } from "./git-session";

/**
 * The history of `head` without its changes to some files, such as CI definitions: those stay as they are upstream. The
 * same history always becomes the same commits, so that a later push continues an earlier one.
 *
 * @param upstream commits of the server: what is reachable from them stays as it is
 * @param files pathspecs
 * @returns `head` itself if there is nothing to leave out
 */
export async function withoutChangesTo(
  git: GitSession,
  head: string,
  upstream: readonly string[],
  files: readonly string[],
): Promise<string> {
  if (!(await changes(git, head, upstream, files))) return head;
  const not = upstream.map((commit) => `^${commit}`);
  const listed = await git.git(["rev-list", "--reverse", "--topo-order", "--parents", head, ...not]);
  const rewritten = new Map<string, string>();
  for (const line of listed.split("\n").filter((each) => each !== "")) {
    const [commit = "", ...parents] = line.split(" ");
    rewritten.set(commit, await rewrite(git, commit, parents, rewritten, files));
  }
  return rewritten.get(head) ?? head;
}

async function changes(
  git: GitSession,
  head: string,
  upstream: readonly string[],
  files: readonly string[],
): Promise<boolean> {
  const not = upstream.map((commit) => `^${commit}`);
  if ((await git.git(["rev-list", "--full-history", "--max-count=1", head, ...not, "--", ...files])) !== "")
    return true;
  // A merge can drop what upstream has changed without being a change of either side.
  for (const commit of upstream) {
    const base = await git.git(["merge-base", head, commit]).catch(() => undefined);
    if (base !== undefined && (await differ(git, base, head, files))) return true;
  }
  return false;
}

const differ = async (
  git: GitSession,
  one: string,
  other: string,
  files: readonly string[],
): Promise<boolean> => (await git.git(["diff-tree", "-r", "--name-only", one, other, "--", ...files])) !== "";

async function rewrite(
  git: GitSession,
  commit: string,
  parents: readonly string[],
  rewritten: ReadonlyMap<string, string>,
  files: readonly string[],
): Promise<string> {
  const now = parents.map((parent) => rewritten.get(parent) ?? parent);
  // Of a merge with upstream, upstream's files.
  const model = parents.filter((parent) => !rewritten.has(parent)).at(-1) ?? now[0];
  const kept =
    model === undefined ? !(await hasAny(git, commit, files)) : !(await differ(git, model, commit, files));
  if (kept && now.every((parent, index) => parent === parents[index])) return commit;
  const tree = kept
    ? await git.git(["rev-parse", `${commit}^{tree}`])
    : await treeWith(git, commit, model, files);
  const [only, ...others] = now;
  // Nothing else was changed.
  if (
    only !== undefined &&
    others.length === 0 &&
    !kept &&
    (await git.git(["rev-parse", `${only}^{tree}`])) === tree
  )
    return only;
  return recommit(git, commit, now, tree);
}

const hasAny = async (git: GitSession, commit: string, files: readonly string[]): Promise<boolean> =>
  (await git.git([
    "rev-list",
    "--full-history",
    "--max-count=1",
    commit,
    "--not",
    `${commit}^@`,
    "--",
    ...files,
  ])) !== "";

/** The files of `commit`, but these as they are in `model`. */
async function treeWith(
  git: GitSession,
  commit: string,
  model: string | undefined,
  files: readonly string[],
): Promise<string> {
  const variables = { GIT_INDEX_FILE: git.file() };
  const remove = ["rm", "-r", "--cached", "--quiet", "--force", "--ignore-unmatch", "--"];
  await git.git(["read-tree", commit], { variables });
  await git.git([...remove, ...files], { variables });
  if (model !== undefined) {
    const other = { GIT_INDEX_FILE: git.file() };
    await git.git(["read-tree", model], { variables: other });
    const entries = await git.git(["ls-files", "--stage", "-z", "--", ...files], { variables: other });
    await git.git(["update-index", "-z", "--add", "--replace", "--index-info"], {
      variables,
      input: entries,
    });
  }
  return git.git(["write-tree"], { variables });
}

const FIELDS = ["an", "ae", "ad", "cn", "ce", "cd", "B"].map((field) => `%${field}`).join("%x00");

async function recommit(
  git: GitSession,
  commit: string,
  parents: readonly string[],
  tree: string,
): Promise<string> {
  const shown = await git.git([
    "log",
    "-1",
    "--no-show-signature",
    "--date=raw",
    `--format=${FIELDS}`,
    commit,
  ]);
  const [author, authorEmail, authored, committer, committerEmail, committed, message = ""] =
    shown.split("\0");
  const named = (text: string | undefined): string => (text === undefined || text === "" ? "Ralph" : text);
  return git.git(["commit-tree", ...parents.flatMap((parent) => ["-p", parent]), "-F", "-", tree], {
    input: message,
    variables: {
      GIT_AUTHOR_NAME: named(author),
      GIT_AUTHOR_EMAIL: authorEmail ?? "",
      GIT_AUTHOR_DATE: authored ?? "",
      GIT_COMMITTER_NAME: named(committer),
      GIT_COMMITTER_EMAIL: committerEmail ?? "",
      GIT_COMMITTER_DATE: committed ?? "",
    },
  });
}
