import { randomUUID } from "node:crypto";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

import { COMMIT_ID } from "./contract";
import type { Credentials } from "./credentials";
import type { GitAddress } from "./git-address";
import { type GitCall, runGit, startGit } from "./own-git";
import { endMarked } from "./processes";

/** Milliseconds. */
export const TIMING = {
  /** Limit of one command that reaches the server, and what remains of it once the pod is asked to stop. */
  timeout: 120_000,
  /** The same for a first fetch, which may be large. */
  clone: 3_600_000,
  last: 15_000,
  /** After which a failed push is retried if no other push does so first. */
  retry: 300_000,
};

/** How many fetched commits are offered to the server as known. */
const KNOWN = 64;

export interface SessionContext {
  readonly address: GitAddress;
  readonly credentials: Credentials;
  /** Folder of what was fetched from this repository: only objects, since agents can write there. */
  readonly cache: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly timing: typeof TIMING;
}

/**
 * A git repository of the runner's own for as long as a few commands take. Whatever reaches the server runs in it, so
 * that no configuration that an agent wrote gets to see a credential; it borrows the objects of other repositories.
 */
export class GitSession {
  private readonly folder = mkdtempSync(join(tmpdir(), "ralph-git-"));
  private fetched = 0;

  /** @param work a working directory whose objects are readable as well */
  private constructor(
    private readonly context: SessionContext,
    private readonly work: string | undefined,
  ) {
    for (const part of ["objects", "refs"]) mkdirSync(join(this.folder, part));
    mkdirSync(join(context.cache, "objects"), { recursive: true });
    writeFileSync(join(this.folder, "HEAD"), "ref: refs/heads/none\n");
    writeFileSync(join(this.folder, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n");
    const refs = this.known().map((commit, index) => `${commit} refs/known/${index}\n`);
    writeFileSync(join(this.folder, "packed-refs"), refs.join(""));
  }

  static async run<T>(
    context: SessionContext,
    work: string | undefined,
    body: (session: GitSession) => Promise<T>,
  ): Promise<T> {
    const session = new GitSession(context, work);
    try {
      return await body(session);
    } finally {
      rmSync(session.folder, { recursive: true, force: true });
    }
  }

  /** A file of its own scratch folder, such as an index. */
  file(): string {
    return join(this.folder, `file-${randomUUID()}`);
  }

  /** Runs git here. @param store where it writes objects: by default, they go with the session */
  git(args: readonly string[], call: GitCall = {}, store = join(this.folder, "objects")): Promise<string> {
    return runGit(this.folder, args, this.context.env, this.call(store, call));
  }

  private call(store: string, call: GitCall = {}): GitCall {
    const { cache } = this.context;
    const others = [cache, ...(this.work === undefined ? [] : [join(this.work, ".git")])];
    return {
      ...call,
      settings: [["gc.auto", "0"], ["maintenance.auto", "false"], ...(call.settings ?? [])],
      variables: {
        GIT_DIR: this.folder,
        GIT_OBJECT_DIRECTORY: store,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: others.map((each) => join(each, "objects")).join(":"),
        ...call.variables,
      },
    };
  }

  /** A pack of what these commits have, and others have not. */
  pack(commits: readonly string[], others: readonly string[]): Readable {
    const args = ["pack-objects", "--quiet", "--revs", "--stdout", "--delta-base-offset"];
    const child = startGit(this.folder, args, this.context.env, this.call(join(this.folder, "objects")));
    endOf(child).catch((error: Error) => child.stdout.destroy(error));
    child.stdin
      .on("error", () => undefined)
      .end([...commits, ...others.map((each) => `^${each}`), ""].join("\n"));
    return child.stdout;
  }

  /**
   * Reads a pack of these commits into the cache. Git computes the id of each object from its content, so a pack cannot
   * pass another content off as that of a commit or a file.
   *
   * @throws if the commits are not complete with it
   */
  async unpack(pack: Readable, commits: readonly string[]): Promise<void> {
    const store = join(this.context.cache, `incoming-${randomUUID()}`);
    mkdirSync(join(store, "pack"), { recursive: true });
    try {
      const child = startGit(this.folder, ["index-pack", "--stdin"], this.context.env, this.call(store));
      const ended = endOf(child);
      child.stdout.resume();
      await Promise.all([ended, pipeline(pack, child.stdin)]);
      const not = (await this.present(this.known())).map((each) => `^${each}`);
      await this.git(["rev-list", "--objects", "--quiet", ...commits, ...not], {}, store);
      const folder = join(this.context.cache, "objects", "pack");
      mkdirSync(folder, { recursive: true });
      // Git looks for packs by their indices: those come last.
      const isIndex = (name: string): number => Number(name.endsWith(".idx"));
      const names = readdirSync(join(store, "pack")).sort((one, other) => isIndex(one) - isIndex(other));
      for (const name of names) renameSync(join(store, "pack", name), join(folder, name));
    } finally {
      rmSync(store, { recursive: true, force: true });
    }
    this.remember(commits);
  }

  /** The content of a file. */
  async content(blob: string): Promise<Buffer> {
    const call = this.call(join(this.folder, "objects"));
    const child = startGit(this.folder, ["cat-file", "blob", blob], this.context.env, call);
    const [content] = await Promise.all([buffer(child.stdout), endOf(child)]);
    return content;
  }

  /** Those commits that are here. */
  async present(commits: readonly string[]): Promise<string[]> {
    if (commits.length === 0) return [];
    const input = commits.map((commit) => `${commit}\n`).join("");
    const lines = (await this.git(["cat-file", "--batch-check=%(objecttype)"], { input })).split("\n");
    return commits.filter((_, index) => lines[index] === "commit");
  }

  /** Whether a command succeeds. */
  async succeeds(...args: string[]): Promise<boolean> {
    return this.git(args).then(
      () => true,
      () => false,
    );
  }

  /** Runs a command that reaches the server, and ends it with all its children if it takes too long. */
  async online(
    args: readonly string[],
    { timeout = this.context.timing.timeout, store }: { timeout?: number; store?: string } = {},
  ): Promise<string> {
    const { credentials, signal, timing } = this.context;
    const mark = randomUUID();
    const { settings, variables } = await credentials.git();
    let late = false;
    const end = (): void => {
      late = true;
      void endMarked(`RUNNER_PUSH=${mark}`);
    };
    const timers = [setTimeout(end, signal.aborted ? timing.last : timeout)];
    const hurry = (): void => void timers.push(setTimeout(end, timing.last));
    signal.addEventListener("abort", hurry, { once: true });
    try {
      return await this.git(args, { settings, variables: { ...variables, RUNNER_PUSH: mark } }, store);
    } catch (error) {
      throw late ? new Error("timed out") : error;
    } finally {
      timers.forEach(clearTimeout);
      signal.removeEventListener("abort", hurry);
    }
  }

  /** The server's references of these names, and what HEAD stands for there. */
  async remoteRefs(names: readonly string[]): Promise<RemoteRefs> {
    const { text } = this.context.address;
    const listed = await this.online(["ls-remote", "--symref", "--", text, "HEAD", ...names]);
    const lines = listed.split("\n").map((line) => line.split("\t"));
    const head = lines.find(([from, to]) => from?.startsWith("ref: ") && to === "HEAD")?.[0]?.slice(5);
    const commits = new Map(
      lines.flatMap(([commit = "", name = ""]) => (COMMIT_ID.test(commit) ? [[name, commit]] : [])),
    );
    return { head, commits };
  }

  /** Fetches commits into the cache, where the next session finds them. */
  async fetch(references: readonly string[]): Promise<void> {
    const { cache, address, timing } = this.context;
    const store = join(cache, "objects");
    const timeout = this.known().length === 0 ? timing.clone : timing.timeout;
    const wanted = references.map((name) => `+${name}:refs/fetched/${this.fetched++}`);
    const flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
    await this.online(["fetch", ...flags, "--", address.text, ...wanted], { timeout, store });
    const listed = await this.git(["for-each-ref", "--format=%(objectname)", "refs/fetched"]);
    this.remember(listed.split("\n"));
  }

  /** Offers these commits to the server as known, from the next session on. */
  private remember(commits: readonly string[]): void {
    const known = [...new Set([...commits, ...this.known()])].slice(0, KNOWN);
    writeFileSync(join(this.context.cache, "known.json"), JSON.stringify(known));
  }

  /** Whether this commit is here. */
  has(commit: string): Promise<boolean> {
    return this.succeeds("cat-file", "-e", `${commit}^{commit}`);
  }

  isAncestor(one: string, other: string): Promise<boolean> {
    return this.succeeds("merge-base", "--is-ancestor", one, other);
  }

  /** A commit that merges two, or the files in conflict; none of them if the commits have nothing in common. */
  async merge(
    ours: string,
    theirs: string,
    message: string,
    store?: string,
  ): Promise<{ readonly commit: string } | { readonly conflicts: string[] }> {
    let tree: string;
    try {
      tree = await this.git(
        ["merge-tree", "--write-tree", "--name-only", "--no-messages", ours, theirs],
        {},
        store,
      );
    } catch (error) {
      const { code, stdout = "" } = error as { code?: unknown; stdout?: string };
      if (code !== 1) return { conflicts: [] };
      return { conflicts: stdout.trim().split("\n").slice(1) };
    }
    const parents = ["-p", ours, "-p", theirs];
    return { commit: await this.git(["commit-tree", ...parents, "-m", message, tree], {}, store) };
  }

  /** The newest commits that were fetched, which are here with all that they have. */
  known(): string[] {
    const file = join(this.context.cache, "known.json");
    if (!existsSync(file)) return [];
    try {
      const known = JSON.parse(readFileSync(file, "utf8")) as unknown;
      return Array.isArray(known) ? known.filter((each) => COMMIT_ID.test(String(each))).map(String) : [];
    } catch {
      return [];
    }
  }
}

export interface RemoteRefs {
  /** Such as `refs/heads/main`. */
  readonly head: string | undefined;
  readonly commits: ReadonlyMap<string, string>;
}

/** @throws with what git said if it failed */
const endOf = (child: ChildProcessWithoutNullStreams): Promise<void> =>
  new Promise((resolve, reject) => {
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += String(chunk)));
    child.on("error", reject).on("close", (code) => {
      if (code === 0) resolve();
      else reject(Object.assign(new Error(`git failed with ${code}`), { stderr }));
    });
  });
