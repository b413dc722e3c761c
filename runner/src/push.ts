import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Credentials } from "./credentials";
import { apiOf, forgeOf } from "./forge";
import { pullRequests } from "./forges";
import { parseAddress } from "./git-address";
import { TIMING } from "./git-session";
import { branchOf, type Layout, type Unit } from "./layout";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import { gitReason } from "./own-git";
import { type Pushed, Remote } from "./remote";
import { body, type Report, title } from "./report";
import type { Settings } from "./settings";

/** A repository with commits to push; recorded on the volume until they are pushed. */
interface Pending {
  readonly work: string;
  /** Without the prefix. */
  readonly branch: string;
  /** Where to; earlier runners recorded none. */
  readonly remote?: string;
  readonly report?: Report;
}

export interface PublisherContext {
  readonly settings: Pick<
    Settings,
    | "gitRemote"
    | "gitBranchPrefix"
    | "gitSsh"
    | "gitHost"
    | "gitAllowCi"
    | "gitForge"
    | "gitApi"
    | "githubApp"
    | "sourceRepository"
    | "sourceRef"
    | "pullRequest"
    | "pullRequestBase"
  >;
  readonly layout: Layout;
  readonly env: NodeJS.ProcessEnv;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Keeps a secret out of the log. */
  readonly hide?: (secret: string) => void;
}

/** A name for a repository's folders. */
export const repositoryKey = (address: string): string =>
  createHash("sha256").update(address).digest("hex").slice(0, 8);

/**
 * Pushes the commits of units to a git remote, each to a branch of its own and never by force, and opens or updates its
 * pull request. A failed push fails nothing else: the next push of any unit or worker retries it. Without a remote it
 * does nothing.
 */
export class Publisher {
  /** Undefined if nothing is pushed. */
  readonly remote: Remote | undefined;
  private readonly credentials: Credentials | undefined;
  private readonly folder: string;
  private last = -Infinity;

  constructor(
    private readonly context: PublisherContext,
    private readonly timing = TIMING,
  ) {
    const { settings, layout, env, signal, log, hide } = context;
    const runner = join(layout.workspace, ".runner");
    this.folder = join(runner, "unpushed");
    const text = settings.sourceRepository ?? settings.gitRemote;
    if (text === undefined) return;
    const address = parseAddress(text);
    this.credentials = new Credentials(settings, address, env, hide);
    const cache = join(runner, "sources", repositoryKey(text));
    this.remote = new Remote(
      settings,
      { address, credentials: this.credentials, cache, env, signal, timing },
      log,
    );
  }

  /** Pushes this unit, then the others that are pending. @returns whether this unit is pushed completely */
  async push({ work, prompt }: Unit, report?: Report): Promise<boolean> {
    if (this.remote === undefined) return true;
    const branch = branchOf(prompt);
    const done = await this.attempt(this.remote, { work, branch, remote: this.address, report });
    await this.flush((other) => other.branch !== branch);
    return done;
  }

  /** Pushes what is pending, unless that was attempted recently. */
  async retry(): Promise<void> {
    if (this.remote === undefined || Date.now() - this.last < this.timing.retry) return;
    await this.flush(() => true);
  }

  private get address(): string | undefined {
    return this.remote?.context.address.text;
  }

  private async flush(which: (pending: Pending) => boolean): Promise<void> {
    for (const pending of this.allPending().filter(which)) {
      if (this.context.signal.aborted || this.remote === undefined) return; // there is time for one push only
      await this.attempt(this.remote, pending);
    }
    this.last = Date.now();
  }

  private async attempt(remote: Remote, pending: Pending): Promise<boolean> {
    const { settings, metrics, log } = this.context;
    const prefixed = `${settings.gitBranchPrefix}${pending.branch}`;
    metrics.progress();
    this.record(pending);
    try {
      const pushed = await remote.push(pending.work, prefixed);
      if (pushed !== undefined) {
        metrics.pushed("success");
        const { branch, others, conflicts } = pushed;
        log("pushed", { branch, ...(others.length > 0 ? { others: others.join() } : {}) });
        if (conflicts !== undefined && conflicts.length > 0)
          log("the base has moved and conflicts", { branch, files: conflicts.join() });
        await this.request(remote, pushed, pending.report);
      }
      rmSync(this.file(pending), { force: true });
      return true;
    } catch (error) {
      metrics.pushed("failure");
      log("push failed and will be retried", { branch: prefixed, error: gitReason(error) });
      this.record(pending); // another worker may have removed the record meanwhile
      return false;
    } finally {
      metrics.progress();
    }
  }

  /** Opens or updates the pull request of a branch. */
  private async request(remote: Remote, pushed: Pushed, report: Report | undefined): Promise<void> {
    const { settings, env, log } = this.context;
    const { address, credentials } = remote.context;
    if (settings.pullRequest === "none" || report === undefined || pushed.commits.length === 0) return;
    const forge = settings.gitForge ?? forgeOf(address.host);
    const base = settings.pullRequestBase ?? pushed.baseBranch;
    if (forge === undefined)
      throw new Error(`the program on ${address.host} is unknown: set RALPH_GIT_FORGE`);
    if (base === undefined) throw new Error("RALPH_SOURCE_REF is not a branch: set RALPH_PULL_REQUEST_BASE");
    const requests = pullRequests(forge, {
      api: (settings.gitApi ?? apiOf(address, forge)).replace(/\/+$/, ""),
      repository: address.path,
      token: () => credentials.token(),
      access: { ca: credentials.ca, env },
    });
    const wanted = {
      head: pushed.branch,
      base,
      title: title(report),
      body: body(report, pushed),
      draft: settings.pullRequest === "draft",
    };
    const found = await requests.find(wanted);
    const made = found ?? (await requests.open(wanted));
    const whole = made === undefined ? "" : body(report, pushed, made.body);
    if (made !== undefined && made.body !== whole) await requests.update(made, whole);
    if (made !== undefined)
      log(found === undefined ? "pull request opened" : "pull request updated", { url: made.url });
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
        const pending = JSON.parse(readFileSync(join(this.folder, name), "utf8")) as Partial<Pending>;
        const { work, branch, remote = this.address, report } = pending;
        // Agents can write here: only a folder of this workspace, and the branch that the file is named after.
        const ours = typeof work === "string" && work.startsWith(join(this.context.layout.workspace, "/"));
        return ours && branch === name && remote === this.address ? [{ work, branch, remote, report }] : [];
      } catch {
        return []; // just pushed, half written, or not ours: the next attempt reads it
      }
    });
  }
}
