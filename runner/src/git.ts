import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { copyFile, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { identity, ownGit } from "./own-git";

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

/** Where a repository comes from. */
export interface Origin {
  readonly branch: string;
  /** Commit that the branch starts from. */
  readonly start: string;
  /** The server's commit that the result is for, and its branch if it is one. */
  readonly base: string;
  readonly baseBranch: string | undefined;
  readonly url: string;
  /** Folder of the objects that were fetched. */
  readonly objects: string;
}

/** Ralph's own files, in whichever folder it works. */
const RALPH_FOLDER = ".ralph/";
const RALPH_FILES = [":(top,glob).ralph/**", ":(top,glob)**/.ralph/**"];

/** The repository that a run works in; it is created if necessary. */
export class Repository {
  private constructor(
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly origin: Origin | undefined,
  ) {}

  static async open(folder: string, env: NodeJS.ProcessEnv, origin?: Origin): Promise<Repository> {
    const repository = new Repository(folder, env, origin);
    mkdirSync(folder, { recursive: true });
    await repository.ensure();
    repository.unlock();
    return repository;
  }

  /**
   * Creates the repository where there is none, or none that git can read. Of one that an agent has removed, the files
   * remain, and become a commit.
   *
   * @returns whether it had to be created
   */
  async ensure(): Promise<boolean> {
    const sound = existsSync(join(this.folder, ".git")) && (await this.works());
    if (!sound) await this.create();
    const exclude = join(this.folder, ".git", "info", "exclude");
    mkdirSync(join(this.folder, ".git", "info"), { recursive: true });
    const excluded = existsSync(exclude) ? readFileSync(exclude, "utf8") : "";
    // The agent and Ralph commit too.
    if (!excluded.split("\n").includes(RALPH_FOLDER)) appendFileSync(exclude, `${RALPH_FOLDER}\n`);
    return !sound;
  }

  private works(): Promise<boolean> {
    return this.git("rev-parse", "--git-dir").then(
      () => true,
      () => false,
    );
  }

  private async create(): Promise<void> {
    const git = join(this.folder, ".git");
    // Whatever is in it may still be of use, but not for git.
    if (existsSync(git)) renameSync(git, `${this.folder}.broken-git-${Date.now()}`);
    const { origin } = this;
    await this.git("init", "--quiet", "--template=", `--initial-branch=${origin?.branch ?? "main"}`);
    if (origin === undefined) return;
    mkdirSync(join(git, "objects", "info"), { recursive: true });
    writeFileSync(join(git, "objects", "info", "alternates"), `${origin.objects}\n`);
    await this.git("config", "remote.origin.url", origin.url);
    await this.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*");
    if (origin.baseBranch !== undefined)
      await this.git("update-ref", `refs/remotes/origin/${origin.baseBranch}`, origin.base);
    await this.git("update-ref", "HEAD", origin.start);
    await this.git("read-tree", "HEAD");
  }

  /** Removes the lock of a git process that was killed. Requires the claim, so that no other process works here. */
  unlock(): void {
    rmSync(join(this.folder, ".git", "index.lock"), { force: true });
  }

  /** Commits everything except nested repositories. @returns what there was to commit, and could not be */
  async commit(
    message: string,
  ): Promise<{ readonly committed: boolean; readonly skipped: readonly string[] }> {
    // Of a nested repository git records only a commit id, and one without a commit makes it fail.
    const nested = (await this.nested()).map((path) => `:(exclude,literal)${path}`);
    const skipped = await this.add("--all", "--ignore-errors", "--", ".", ...nested);
    // An agent can have added them by force, or changed those of a repository that has its own.
    if (/^(?:.*\/)?\.ralph\//m.test(await this.staged()))
      await this.git("reset", "--quiet", "--", ...RALPH_FILES);
    if ((await this.staged()) === "") return { committed: false, skipped };
    await this.git("commit", "--quiet", `--message=${message}`);
    return { committed: true, skipped };
  }

  private staged(): Promise<string> {
    return this.git("diff", "--cached", "--name-only", "--no-ext-diff", "--no-renames");
  }

  /** @returns the files that cannot be read; the others are added */
  private async add(...args: string[]): Promise<string[]> {
    try {
      await this.git("add", ...args);
      return [];
    } catch (error) {
      const { stderr = "" } = error as { stderr?: string };
      const skipped = [...stderr.matchAll(/^error: unable to index file '(.*)'$/gm)].map(
        ([, file = ""]) => file,
      );
      if (skipped.length === 0) throw error;
      return skipped;
    }
  }

  /** Untracked folders that are repositories of their own, such as clones. */
  async nested(): Promise<string[]> {
    return (await this.list("--others"))
      .filter((path) => path.endsWith("/"))
      .map((path) => path.slice(0, -1));
  }

  /** Folders of submodules, which are empty unless the setup command or the agent has filled them. */
  async submodules(): Promise<string[]> {
    const listed = await this.git("ls-files", "--stage", "-z");
    return [...listed.matchAll(/(?:^|\0)160000 [^\t]*\t([^\0]+)/g)].map(([, path = ""]) => path);
  }

  /** Submodules with files that git does not see, since they are no repositories. */
  async filled(): Promise<string[]> {
    return (await this.submodules()).filter((path) => {
      const names = readdirOf(join(this.folder, path));
      return names.length > 0 && !names.includes(".git");
    });
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
    return ownGit(this.folder, args, this.env);
  }
}

function readdirOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the agent has removed it
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
