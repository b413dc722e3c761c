import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { SSH_FILES } from "./contract";
import { git } from "./git";
import { branchOf, type Layout, type Unit } from "./layout";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import { endAll } from "./processes";
import type { Settings } from "./settings";

/** Milliseconds. */
const TIMING = {
  /** That one push may take; and what is left of it once the pod is asked to stop. */
  timeout: 120_000,
  last: 15_000,
  /** After which what could not be pushed is tried again while nothing else is pushed. */
  retry: 300_000,
};

/** A repository whose commits are to be pushed; kept on the volume until they are. */
interface Waiting {
  readonly work: string;
  readonly branch: string;
}

interface Surroundings {
  readonly settings: Pick<Settings, "gitRemote" | "gitBranchPrefix" | "gitSsh">;
  readonly layout: Layout;
  readonly env: NodeJS.ProcessEnv;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Pushes what units have committed to a git remote, each to a branch of its own and never by force. A push that fails
 * fails nothing else: the next one, of whatever unit or worker, carries it. Without a remote it does nothing.
 */
export class Publisher {
  private readonly folder: string;
  private last = -Infinity;

  constructor(
    private readonly around: Surroundings,
    private readonly timing = TIMING,
  ) {
    this.folder = join(around.layout.workspace, ".runner", "unpushed");
  }

  /** Pushes this unit, and then what is waiting. @returns whether there is nothing of this unit left to push */
  async push({ work, prompt }: Unit): Promise<boolean> {
    if (this.around.settings.gitRemote === undefined) return true;
    const branch = branchOf(prompt);
    const done = await this.attempt({ work, branch });
    await this.flush((other) => other.branch !== branch);
    return done;
  }

  /** Pushes what is waiting, unless that was tried a short while ago. */
  async retry(): Promise<void> {
    if (this.around.settings.gitRemote === undefined || Date.now() - this.last < this.timing.retry) return;
    await this.flush(() => true);
  }

  private async flush(which: (waiting: Waiting) => boolean): Promise<void> {
    for (const waiting of this.waiting().filter(which)) {
      if (this.around.signal.aborted) return; // there is time for one
      await this.attempt(waiting);
    }
    this.last = Date.now();
  }

  private async attempt(waiting: Waiting): Promise<boolean> {
    const { settings, metrics, log } = this.around;
    const prefixed = `${settings.gitBranchPrefix}${waiting.branch}`;
    metrics.progress();
    this.note(waiting);
    try {
      const branch = await this.pushTo(waiting.work, prefixed);
      if (branch !== undefined) {
        metrics.pushed("success");
        log("pushed", { branch });
      }
      rmSync(this.file(waiting), { force: true });
      return true;
    } catch (error) {
      metrics.pushed("failure");
      log("push failed; the next one carries it", { branch: prefixed, error: reason(error) });
      this.note(waiting); // another worker may have taken it for done meanwhile
      return false;
    } finally {
      metrics.progress();
    }
  }

  /**
   * @returns the branch; undefined where there is no commit
   * @throws when git fails
   */
  private async pushTo(work: string, branch: string): Promise<string | undefined> {
    const commits = existsSync(join(work, ".git"))
      ? await this.git(work, "rev-list", "--max-parents=0", "HEAD", "--").catch(() => "")
      : "";
    const root = commits.split("\n").at(-1) ?? "";
    if (root === "") return undefined;
    const to = async (name: string): Promise<string> => {
      // No hook of the agent's, which may be waiting for things that a pod does not have.
      await this.git(
        work,
        "push",
        "--porcelain",
        "--no-verify",
        this.around.settings.gitRemote ?? "",
        `HEAD:refs/heads/${name}`,
      );
      return name;
    };
    try {
      return await to(branch);
    } catch (error) {
      // Somebody else's history has that name: another replica's or an earlier day's, whose volume was another.
      if (!/^!\t.*\t\[rejected\]/m.test((error as { stdout?: string }).stdout ?? "")) throw error;
      return to(`${branch}-${root.slice(0, 8)}`);
    }
  }

  /** Ends with all that it has started, also when it takes too long. */
  private async git(work: string, ...args: string[]): Promise<string> {
    const { env, signal } = this.around;
    const mark = randomUUID();
    let late = false;
    const end = (): void => {
      late = true;
      void endAll(`RUNNER_PUSH=${mark}`);
    };
    const timers = [setTimeout(end, signal.aborted ? this.timing.last : this.timing.timeout)];
    const hurry = (): void => void timers.push(setTimeout(end, this.timing.last));
    signal.addEventListener("abort", hurry, { once: true });
    try {
      const own = { LC_ALL: "C", GIT_SSH_COMMAND: this.ssh(), RUNNER_PUSH: mark };
      return await git(work, args, { ...env, ...own });
    } catch (error) {
      throw late ? new Error("not done in time") : error;
    } finally {
      timers.forEach(clearTimeout);
      signal.removeEventListener("abort", hurry);
    }
  }

  /** Only this key, only servers that are known, no question, and no configuration but this. */
  private ssh(): string {
    const file = (name: string): string =>
      `'${join(this.around.settings.gitSsh, name).replaceAll("'", "'\\''")}'`;
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

  private readonly file = ({ branch }: Waiting): string => join(this.folder, branch);

  private note(waiting: Waiting): void {
    try {
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(this.file(waiting), JSON.stringify(waiting));
    } catch {
      // A full volume: whatever was committed can be pushed nevertheless.
    }
  }

  private waiting(): Waiting[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder).flatMap((name) => {
      try {
        return JSON.parse(readFileSync(join(this.folder, name), "utf8")) as Waiting;
      } catch {
        return []; // pushed in this moment, or half written: the next look sees it whole
      }
    });
  }
}

/** What the server, SSH or git said, in this order. */
function reason(error: unknown): string {
  const { stderr = "", stdout = "", message } = error as Error & { stderr?: string; stdout?: string };
  const rejected = /^!\t.*\t(.*)$/m.exec(stdout)?.[1];
  const said = stderr.split(/\r?\n/).filter((line) => line.trim() !== "");
  // SSH's last word stands before git's first.
  const fatal = said.findIndex((line) => line.startsWith("fatal: "));
  return rejected ?? said[Math.max(0, fatal - 1)] ?? message.split("\n")[0] ?? "";
}
