import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { CI_PATHSPECS } from "./ci-definitions";
import { SSH_FILES } from "./contract";
import { branchOf, type Layout, type Unit } from "./layout";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import { ownGit } from "./own-git";
import { endMarked } from "./processes";
import type { Settings } from "./settings";

/** Milliseconds. */
const TIMING = {
  /** Limit of one push, and what remains of it once the pod is asked to stop. */
  timeout: 120_000,
  last: 15_000,
  /** After which a failed push is retried if no other push does so first. */
  retry: 300_000,
};

/** A repository with commits to push; recorded on the volume until they are pushed. */
interface Pending {
  readonly work: string;
  readonly branch: string;
}

interface PublisherContext {
  readonly settings: Pick<Settings, "gitRemote" | "gitBranchPrefix" | "gitSsh" | "gitAllowCi">;
  readonly layout: Layout;
  readonly env: NodeJS.ProcessEnv;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Pushes the commits of units to a git remote, each to a branch of its own and never by force. A failed push fails
 * nothing else: the next push of any unit or worker retries it. Without a remote it does nothing.
 */
export class Publisher {
  private readonly folder: string;
  private last = -Infinity;

  constructor(
    private readonly context: PublisherContext,
    private readonly timing = TIMING,
  ) {
    this.folder = join(context.layout.workspace, ".runner", "unpushed");
  }

  /** Pushes this unit, then the others that are pending. @returns whether this unit is pushed completely */
  async push({ work, prompt }: Unit): Promise<boolean> {
    if (this.context.settings.gitRemote === undefined) return true;
    const branch = branchOf(prompt);
    const done = await this.attempt({ work, branch });
    await this.flush((other) => other.branch !== branch);
    return done;
  }

  /** Pushes what is pending, unless that was attempted recently. */
  async retry(): Promise<void> {
    if (this.context.settings.gitRemote === undefined || Date.now() - this.last < this.timing.retry) return;
    await this.flush(() => true);
  }

  private async flush(which: (pending: Pending) => boolean): Promise<void> {
    for (const pending of this.allPending().filter(which)) {
      if (this.context.signal.aborted) return; // there is time for one push only
      await this.attempt(pending);
    }
    this.last = Date.now();
  }

  private async attempt(pending: Pending): Promise<boolean> {
    const { settings, metrics, log } = this.context;
    const prefixed = `${settings.gitBranchPrefix}${pending.branch}`;
    metrics.progress();
    this.record(pending);
    try {
      const branch = await this.pushTo(pending.work, prefixed);
      if (branch !== undefined) {
        metrics.pushed("success");
        log("pushed", { branch });
      }
      rmSync(this.file(pending), { force: true });
      return true;
    } catch (error) {
      metrics.pushed("failure");
      log("push failed and will be retried", { branch: prefixed, error: reason(error) });
      this.record(pending); // another worker may have removed the record meanwhile
      return false;
    } finally {
      metrics.progress();
    }
  }

  /**
   * @returns the branch; undefined if there is no commit
   * @throws if git fails
   */
  private async pushTo(work: string, branch: string): Promise<string | undefined> {
    const commits = existsSync(join(work, ".git"))
      ? await this.git(work, ["rev-list", "--max-parents=0", "HEAD", "--"]).catch(() => "")
      : "";
    const root = commits.split("\n").at(-1) ?? "";
    if (root === "") return undefined;
    const commit = await this.pushable(work, branch);
    const to = async (name: string): Promise<string> => {
      const { gitRemote = "" } = this.context.settings;
      await this.git(work, ["push", "--porcelain", gitRemote, `${commit}:refs/heads/${name}`]);
      return name;
    };
    try {
      return await to(branch);
    } catch (error) {
      // The branch has another history: that of another replica or an earlier run, on a volume of its own.
      if (!/^!\t.*\t\[rejected\]/m.test((error as { stdout?: string }).stdout ?? "")) throw error;
      return to(`${branch}-${root.slice(0, 8)}`);
    }
  }

  /**
   * HEAD, unless its history has CI definitions: then its files without them, as one commit that follows the one that
   * was pushed before.
   */
  private async pushable(work: string, branch: string): Promise<string> {
    const { settings, layout, log } = this.context;
    if (settings.gitAllowCi) return "HEAD";
    const defined = await this.git(work, ["rev-list", "--full-history", "HEAD", "--", ...CI_PATHSPECS]);
    if (defined === "") return "HEAD";
    log("CI definitions are not pushed", { branch });
    const file = join(layout.workspace, ".runner", `index-${randomUUID()}`);
    const index = { GIT_INDEX_FILE: file };
    try {
      await this.git(work, ["read-tree", "HEAD"], index);
      const remove = ["rm", "-r", "--cached", "--quiet", "--force", "--ignore-unmatch", "--"];
      await this.git(work, [...remove, ...CI_PATHSPECS], index);
      const tree = await this.git(work, ["write-tree"], index);
      return await this.follow(work, `refs/ralph/pushed/${branch}`, tree);
    } finally {
      rmSync(file, { force: true });
    }
  }

  /** A commit with these files after the one that the reference names, unless they are the same. */
  private async follow(work: string, reference: string, tree: string): Promise<string> {
    const before = await this.git(work, ["rev-parse", "--quiet", "--verify", reference]).catch(() => "");
    if (before !== "" && (await this.git(work, ["rev-parse", `${before}^{tree}`])) === tree) return before;
    const parent = before === "" ? [] : ["-p", before];
    const message = "Results without CI definitions and the history that has them";
    const commit = await this.git(work, ["commit-tree", ...parent, "-m", message, tree]);
    await this.git(work, ["update-ref", reference, commit]);
    return commit;
  }

  /** Runs git, and ends it with all its children if it takes too long. */
  private async git(
    work: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { env, signal } = this.context;
    const mark = randomUUID();
    let late = false;
    const end = (): void => {
      late = true;
      void endMarked(`RUNNER_PUSH=${mark}`);
    };
    const timers = [setTimeout(end, signal.aborted ? this.timing.last : this.timing.timeout)];
    const hurry = (): void => void timers.push(setTimeout(end, this.timing.last));
    signal.addEventListener("abort", hurry, { once: true });
    try {
      const own = { GIT_SSH_COMMAND: this.ssh(), RUNNER_PUSH: mark, ...variables };
      return await ownGit(work, args, env, own);
    } catch (error) {
      throw late ? new Error("timed out") : error;
    } finally {
      timers.forEach(clearTimeout);
      signal.removeEventListener("abort", hurry);
    }
  }

  /** The ssh command: this key only, known servers only, no prompts and no other configuration. */
  private ssh(): string {
    const file = (name: string): string =>
      `'${join(this.context.settings.gitSsh, name).replaceAll("'", "'\\''")}'`;
    const options = [
      "BatchMode=yes",
      "IdentitiesOnly=yes",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${file(SSH_FILES.knownHosts)}`,
      "GlobalKnownHostsFile=/dev/null",
      "ConnectTimeout=15",
      "ServerAliveInterval=10",
      "ServerAliveCountMax=3",
    ];
    return [
      "ssh -F /dev/null",
      `-i ${file(SSH_FILES.privateKey)}`,
      ...options.map((each) => `-o ${each}`),
    ].join(" ");
  }

  private readonly file = ({ branch }: Pending): string => join(this.folder, branch);

  private record(pending: Pending): void {
    try {
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(this.file(pending), JSON.stringify(pending));
    } catch {
      // A full volume: the commits can be pushed nevertheless.
    }
  }

  private allPending(): Pending[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder).flatMap((name) => {
      try {
        const { work, branch } = JSON.parse(
          readFileSync(join(this.folder, name), "utf8"),
        ) as Partial<Pending>;
        // Agents can write here: only a folder of this workspace, and the branch that the file is named after.
        const ours = typeof work === "string" && work.startsWith(join(this.context.layout.workspace, "/"));
        return ours && branch === name ? [{ work, branch }] : [];
      } catch {
        return []; // just pushed, half written, or not ours: the next attempt reads it
      }
    });
  }
}

/** The error message of the server, of SSH or of git, in this order. */
function reason(error: unknown): string {
  const { stderr = "", stdout = "", message } = error as Error & { stderr?: string; stdout?: string };
  const rejected = /^!\t.*\t(.*)$/m.exec(stdout)?.[1];
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== "");
  // SSH's last message precedes git's first.
  const fatal = lines.findIndex((line) => line.startsWith("fatal: "));
  return rejected ?? lines[Math.max(0, fatal - 1)] ?? message.split("\n")[0] ?? "";
}
