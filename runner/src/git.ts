import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
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
 * @returns what it printed
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
  });
  return stdout.trim();
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
    // Of a git that was killed with its pod: nobody else works here, the claim says so.
    rmSync(join(folder, ".git", "index.lock"), { force: true });
    const exclude = join(folder, ".git", "info", "exclude");
    mkdirSync(join(folder, ".git", "info"), { recursive: true });
    const excluded = existsSync(exclude) ? readFileSync(exclude, "utf8") : "";
    if (!excluded.split("\n").includes("/.ralph/")) appendFileSync(exclude, "/.ralph/\n");
    return repository;
  }

  /** Commits all there is. @returns whether there was anything to commit */
  async commit(message: string): Promise<boolean> {
    await this.git("add", "--all");
    if ((await this.git("status", "--porcelain")) === "") return false;
    // A hook of the agent's may be waiting for things that a pod does not have.
    await this.git("commit", "--quiet", "--no-verify", `--message=${message}`);
    return true;
  }

  /** Writes the files of the last commit into a folder. */
  async copyTo(folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    await this.git("checkout-index", "--all", "--force", `--prefix=${folder}/`);
  }

  private git(...args: string[]): Promise<string> {
    return git(this.folder, args, this.env, TIMEOUT);
  }
}
