import { appendFileSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { copyFile, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { identity, ownGit } from "./own-git";

/** Milliseconds for one git command on a slow volume. */
const TIMEOUT = 120_000;

/**
 * Variables for the agent's git: a default identity, and trust in the volume, whose root belongs to another user on
 * most clusters.
 */
export const gitVariables = (env: NodeJS.ProcessEnv): Record<string, string> => ({
  ...identity(env),
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
  GIT_CONFIG_KEY_1: "init.defaultBranch",
  GIT_CONFIG_VALUE_1: "main",
});

/** The repository that a run works in; it is created if necessary. */
export class Repository {
  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(folder: string, env: NodeJS.ProcessEnv): Promise<Repository> {
    const repository = new Repository(folder, env);
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, ".git")))
      await repository.git("init", "--quiet", "--template=", "--initial-branch=main");
    repository.unlock();
    const exclude = join(folder, ".git", "info", "exclude");
    mkdirSync(join(folder, ".git", "info"), { recursive: true });
    const excluded = existsSync(exclude) ? readFileSync(exclude, "utf8") : "";
    if (!excluded.split("\n").includes("/.ralph/")) appendFileSync(exclude, "/.ralph/\n");
    return repository;
  }

  /** Removes the lock of a git process that was killed. Requires the claim, so that no other process works here. */
  unlock(): void {
    rmSync(join(this.folder, ".git", "index.lock"), { force: true });
  }

  /** Commits everything except nested repositories. @returns whether there was anything to commit */
  async commit(message: string): Promise<boolean> {
    // Of a nested repository git records only a commit id, and one without a commit makes it fail.
    const nested = (await this.nested()).map((path) => `:(exclude,literal)${path}`);
    await this.git("add", "--all", "--", ".", ...nested);
    if ((await this.git("diff", "--cached", "--name-only", "--no-ext-diff")) === "") return false;
    await this.git("commit", "--quiet", `--message=${message}`);
    return true;
  }

  /** Untracked folders that are repositories of their own, such as clones. */
  async nested(): Promise<string[]> {
    return (await this.list("--others"))
      .filter((path) => path.endsWith("/"))
      .map((path) => path.slice(0, -1));
  }

  /** Copies all files except those that `.gitignore` excludes. Nested repositories are copied whole, with their history. */
  async copyTo(folder: string): Promise<void> {
    const deleted = new Set(await this.list("--deleted"));
    for (const path of new Set(await this.list("--cached", "--others")))
      if (!deleted.has(path)) await copy(join(this.folder, path), join(folder, path));
  }

  private async list(...which: string[]): Promise<string[]> {
    const listed = await this.git("ls-files", "-z", "--exclude-standard", ...which);
    return listed.split("\0").filter((path) => path !== "");
  }

  private git(...args: string[]): Promise<string> {
    return ownGit(this.folder, args, this.env, {}, TIMEOUT);
  }
}

/** Copies a file, a link as a link, or a folder with all that is in it. */
async function copy(from: string, to: string): Promise<void> {
  const found = lstatSync(from);
  if (found.isDirectory()) {
    for (const name of await readdir(from)) await copy(join(from, name), join(to, name));
    return;
  }
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { recursive: true, force: true });
  if (found.isSymbolicLink()) await symlink(await readlink(from), to);
  if (found.isFile()) await copyFile(from, to);
}
