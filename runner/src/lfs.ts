import type { GitSession } from "./git-session";

/** Bytes of a pointer at most: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer */
const MAX_POINTER = 1024;
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\//;

/** Whether a commit keeps files in Git LFS, of which the repository itself has pointers only. */
export const usesLfs = (git: GitSession, commit: string): Promise<boolean> =>
  git.succeeds("grep", "--quiet", "-E", "^[^#]*filter=lfs", commit, "--", ":(top,glob)**/.gitattributes");

/**
 * Files of Git LFS that commits have whole, in place of a pointer. Nothing here uploads to its storage, and a repository
 * that has such a file is broken for those who use Git LFS.
 *
 * @param upstream commits of the server, whose files are not looked at
 */
export async function wholeFiles(
  git: GitSession,
  head: string,
  upstream: readonly string[],
): Promise<string[]> {
  if (!(await usesLfs(git, head))) return [];
  const added = await addedFiles(git, head, upstream);
  const variables = { GIT_INDEX_FILE: git.file() };
  await git.git(["read-tree", head], { variables });
  const input = [...added.keys()].map((path) => `${path}\0`).join("");
  const listed = await git.git(["check-attr", "--cached", "--stdin", "-z", "filter"], { variables, input });
  const fields = listed.split("\0");
  const whole: string[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const path = fields[at] ?? "";
    if (fields[at + 2] === "lfs" && !(await arePointers(git, added.get(path) ?? []))) whole.push(path);
  }
  return whole;
}

/** The contents that commits have added, by path. */
async function addedFiles(
  git: GitSession,
  head: string,
  upstream: readonly string[],
): Promise<Map<string, string[]>> {
  const flags = ["--raw", "-z", "--no-abbrev", "--no-renames", "--diff-filter=d", "--format="];
  const listed = await git.git(["log", ...flags, head, ...upstream.map((commit) => `^${commit}`)]);
  const added = new Map<string, string[]>();
  for (const [, mode = "", blob = "", path = ""] of listed.matchAll(
    /:\d+ (\d+) [0-9a-f]+ ([0-9a-f]+) [A-Z]\0([^\0]+)\0/g,
  ))
    if (mode.startsWith("100")) added.set(path, [...(added.get(path) ?? []), blob]);
  return added;
}

async function arePointers(git: GitSession, blobs: readonly string[]): Promise<boolean> {
  for (const blob of blobs) {
    const size = Number(await git.git(["cat-file", "-s", blob]));
    // An empty file is its own pointer.
    if (size === 0) continue;
    if (size >= MAX_POINTER || !POINTER.test(await git.git(["cat-file", "blob", blob]))) return false;
  }
  return true;
}
