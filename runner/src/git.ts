import { execFile } from "node:child_process";
import { appendFileSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { copyFile, mkdir, readlink, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Milliseconds for one git command on a slow volume. */
const TIMEOUT = 120_000;

/**
 * For git here and in the agent: an identity where the user gave none, and trust in the volume, whose root
 * belongs to another user on most clusters.
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
 * @param timeout milliseconds, after which it is ended; by default it is not
 * @returns what it printed, without the end of its last line
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

/** The repository that a run works in: made if it is none yet. */
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

  /** Takes away the lock of a git that was killed. Nobody else may be working here: the claim says so. */
  unlock(): void {
    rmSync(join(this.folder, ".git", "index.lock"), { force: true });
  }

  /** Commits all there is, but for repositories in it. @returns whether there was anything to commit */
  async commit(message: string): Promise<boolean> {
    // Of one in it git keeps a commit's number and no file, and one without a commit stops it.
    const nested = (await this.nested()).map((path) => `:(exclude,literal)${path}`);
    await this.git("add", "--all", "--", ".", ...nested);
    if ((await this.git("diff", "--cached", "--name-only")) === "") return false;
    // A hook of the agent's may be waiting for things that a pod does not have.
    await this.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", `--message=${message}`);
    return true;
  }

  /** Folders that are repositories of their own, such as a clone, as far as they are in no commit. */
  async nested(): Promise<string[]> {
    return (await this.list("--others"))
      .filter((path) => path.endsWith("/"))
      .map((path) => path.slice(0, -1));
  }

  /** Copies the files that are there, of repositories in it too, but for what `.gitignore` names. */
  async copyTo(folder: string): Promise<void> {
    const gone = new Set(await this.list("--deleted"));
    for (const path of new Set(await this.list("--cached", "--others"))) {
      if (gone.has(path)) continue;
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
