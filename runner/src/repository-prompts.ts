import { isUtf8 } from "node:buffer";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { GitServer } from "./git-server";
import { GitSession, type SessionContext } from "./git-session";
import type { Log } from "./log";
import { gitReason } from "./own-git";

/** Milliseconds between two looks at the repository. */
const INTERVAL = 60_000;
/** Bytes of a prompt: what a ConfigMap takes. */
const MAX_SIZE = 1_000_000;

/** A Markdown file of the repository. */
interface File {
  readonly name: string;
  readonly mode: string;
  readonly blob: string;
  readonly size: number;
}

/**
 * The prompts in a folder of the repository, as the server has them on the branch that Ralph's branches start from. They
 * are copied to a folder of the pod, where the queue finds them. Agents push to other branches only: so what is there
 * was written, or merged, by people.
 */
export class RepositoryPrompts {
  /** Why they could not be fetched just now: then those of the last time stay. */
  problem: string | undefined;
  private next = 0;
  private commit: string | undefined;
  /** The blob of each copied file. */
  private copied = new Map<string, string>();
  private refreshing: Promise<void> | undefined;

  /**
   * @param folder of the repository
   * @param copy of the pod
   */
  constructor(
    private readonly server: GitServer,
    private readonly session: SessionContext,
    private readonly folder: string,
    private readonly copy: string,
    private readonly log: Log,
    private readonly interval = INTERVAL,
  ) {
    rmSync(copy, { recursive: true, force: true }); // of a container that was killed
    mkdirSync(copy, { recursive: true });
  }

  /** Looks at the repository if it is time to; never fails. */
  refresh(): Promise<void> {
    if (this.refreshing === undefined && Date.now() >= this.next) {
      this.next = Date.now() + this.interval;
      this.refreshing = this.update().finally(() => (this.refreshing = undefined));
    }
    return this.idle;
  }

  /** Until the look that is under way has ended. */
  get idle(): Promise<void> {
    return this.refreshing ?? Promise.resolve();
  }

  private async update(): Promise<void> {
    try {
      const { base } = await this.server.fetch();
      if (base !== undefined && base !== this.commit) {
        await GitSession.run(this.session, undefined, (session) => this.copyFrom(session, base));
        this.commit = base;
      }
      this.problem = undefined;
    } catch (error) {
      const problem = `the prompts in ${this.session.address.text} cannot be fetched: ${gitReason(error)}`;
      if (problem !== this.problem) this.log("cannot fetch prompts", { reason: problem });
      this.problem = problem;
    }
  }

  private async copyFrom(session: GitSession, commit: string): Promise<void> {
    const listed = await session.git(["ls-tree", "-z", "--long", commit, "--", `${this.folder}/`]);
    const files = listed.split("\0").flatMap(fileIn);
    if (files.length === 0)
      this.log("the repository has no prompts", { folder: this.folder, commit: commit.slice(0, 8) });
    const copied = new Map<string, string>();
    for (const file of files) {
      const problem = this.known(file) ? undefined : await this.copyFile(session, file);
      if (problem === undefined) copied.set(file.name, file.blob);
      else this.log("not a prompt", { file: `${this.folder}/${file.name}`, reason: problem });
    }
    for (const name of readdirSync(this.copy)) if (!copied.has(name)) rmSync(join(this.copy, name));
    this.copied = copied;
  }

  private known({ name, blob }: File): boolean {
    return this.copied.get(name) === blob && existsSync(join(this.copy, name));
  }

  /** @returns why it is no prompt */
  private async copyFile(session: GitSession, { name, mode, blob, size }: File): Promise<string | undefined> {
    // A link could lead to any file of the pod.
    if (!mode.startsWith("100")) return "it is a link";
    if (!/^[\w-][\w.-]*$/.test(name))
      return "its name has other characters than letters, digits, '_', '-' and '.'";
    if (size > MAX_SIZE) return `it is larger than ${MAX_SIZE} bytes`;
    const content = await session.content(blob);
    if (!isUtf8(content)) return "it is not UTF-8";
    const draft = join(this.copy, ".draft");
    writeFileSync(draft, content);
    renameSync(draft, join(this.copy, name));
    return undefined;
  }
}

/** A line of ls-tree: `<mode> blob <id> <size>\t<path>`. */
function fileIn(line: string): File[] {
  const [, mode = "", blob = "", size, name = ""] =
    /^(\d+) blob (\w+) +(\d+)\t(?:.*\/)?(.+\.md)$/s.exec(line) ?? [];
  return mode === "" ? [] : [{ mode, blob, size: Number(size), name }];
}
