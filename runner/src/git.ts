import { execFile } from "node:child_process";
import { appendFileSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { copyFile, mkdir, readlink, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Milliseconds for one git command on a slow volume. */
const TIMEOUT = 120_000;

/**
 * Variables for git, here and in the agent: a default identity, and trust in the volume, whose root belongs to
 * another user on most clusters.
 */
export const gitVariables = (env: NodeJS.ProcessEnv): Record<string, string> => ({
  GIT_AUTHOR_NAME: env.GIT_AUTHOR_NAME ?? "Ralph",
  GIT_AUTHOR_EMAIL: env.GIT_AUTHOR_EMAIL ?? "ralph@localhost",
  GIT_COMMITTER_NAME: env.GIT_COMMITTER_NAME ?? "Ralph",
  GIT_COMMITTER_EMAIL: env.GIT_COMMITTER_EMAIL ?? "ralph@localhost",
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
  GIT_CONFIG_KEY_1: "init.defaultBranch",
  GIT_CONFIG_VALUE_1: "main",
});

/**
 * Runs git in a folder.
 *
 * @param timeout milliseconds after which git is stopped; 0 for no limit
 * @returns its standard output, without the last line break
 */
export async function git(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  timeout = 0,
): Promise<string> {
  const { stdout } = await execute("git", ["-C", folder, ...args], {
    env: { ...env, ...gitVariables(env) },
    timeout,
    maxBuffer: Infinity, // a line for each file
  });
  return stdout.replace(/\n$/, "");
}

/** The repository that a run works in; it is created if necessary. */
export class Repository {
  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(folder: string, env: NodeJS.ProcessEnv): Promise<Repository> {
    const repository = new Repository(folder, env);
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, ".git"))) await repository.git("init", "--quiet");
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
    if ((await this.git("diff", "--cached", "--name-only")) === "") return false;
    // A hook of the agent's may wait for something that a pod does not have.
    await this.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", `--message=${message}`);
    return true;
  }

  /** Untracked folders that are repositories of their own, such as clones. */
  async nested(): Promise<string[]> {
    return (await this.list("--others"))
      .filter((path) => path.endsWith("/"))
      .map((path) => path.slice(0, -1));
  }

  /** Copies all files, including those of nested repositories, except those that `.gitignore` excludes. */
  async copyTo(folder: string): Promise<void> {
    const deleted = new Set(await this.list("--deleted"));
    for (const path of new Set(await this.list("--cached", "--others"))) {
      if (deleted.has(path)) continue;
      const [from, to] = [join(this.folder, path), join(folder, path)];
      const found = lstatSync(from);
      if (found.isDirectory()) {
        if (existsSync(join(from, ".git"))) await new Repository(from, this.env).copyTo(to);
        continue;
      }
      await mkdir(dirname(to), { recursive: true });
      await rm(to, { recursive: true, force: true });
      if (found.isSymbolicLink()) await symlink(await readlink(from), to);
      if (found.isFile()) await copyFile(from, to);
    }
  }

  private async list(...which: string[]): Promise<string[]> {
    const listed = await this.git("ls-files", "-z", "--exclude-standard", ...which);
    return listed.split("\0").filter((path) => path !== "");
  }

  private git(...args: string[]): Promise<string> {
    return git(this.folder, args, this.env, TIMEOUT);
  }
}
