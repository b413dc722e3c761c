import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Credentials } from "./credentials";
import { parseAddress } from "./git-address";
import { GitClient } from "./git-client";
import { DirectServer, type GitServer, type GitServerSettings } from "./git-server";
import { type SessionContext, TIMING } from "./git-session";
import { branchOf, type Layout, type Unit } from "./layout";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import { gitReason } from "./own-git";
import type { Report } from "./report";
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
  readonly settings: GitServerSettings &
    Pick<Settings, "gitRemote" | "gitBranchPrefix" | "gitSsh" | "gitSocket" | "gitHost" | "githubApp">;
  readonly layout: Layout;
  readonly env: NodeJS.ProcessEnv;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Keeps a secret out of the log. */
  readonly hide?: (secret: string) => void;
  /** Records the push of a unit. */
  readonly trace?: (push: () => Promise<boolean>) => Promise<boolean>;
}

/** A name for a repository's folders. */
export const repositoryKey = (address: string): string =>
  createHash("sha256").update(address).digest("hex").slice(0, 8);

/** The repository that results are pushed to, and with a source, the one that Ralph works on. */
export function sessionOf(
  { settings, layout, env, signal, hide }: Omit<PublisherContext, "log" | "metrics">,
  timing = TIMING,
): SessionContext | undefined {
  const text = settings.sourceRepository ?? settings.gitRemote;
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  const credentials = new Credentials(settings, address, env, hide);
  const cache = join(layout.workspace, ".runner", "sources", repositoryKey(text));
  return { address, credentials, cache, env, signal, timing };
}

/**
 * Pushes the commits of units to a git remote, each to a branch of its own and never by force, and opens or updates its
 * pull request. A failed push fails nothing else: the next push of any unit or worker retries it. Without a remote it
 * does nothing.
 */
export class Publisher {
  /** Undefined if nothing is pushed. */
  readonly server: GitServer | undefined;
  readonly session: SessionContext | undefined;
  private readonly folder: string;
  private last = -Infinity;

  constructor(
    private readonly context: PublisherContext,
    private readonly timing = TIMING,
  ) {
    const { settings, layout, log } = context;
    this.folder = join(layout.workspace, ".runner", "unpushed");
    this.session = sessionOf(context, timing);
    if (this.session === undefined) return;
    this.server =
      settings.gitSocket === undefined
        ? new DirectServer(settings, this.session, log)
        : new GitClient(this.session, settings.gitSocket, log);
  }

  /** Pushes this unit, then the others that are pending. @returns whether this unit is pushed completely */
  async push({ work, prompt }: Unit, report?: Report): Promise<boolean> {
    const { server } = this;
    if (server === undefined) return true;
    const branch = branchOf(prompt);
    const attempt = (): Promise<boolean> =>
      this.attempt(server, { work, branch, remote: this.address, report });
    const done = await (this.context.trace?.(attempt) ?? attempt());
    await this.flush((other) => other.branch !== branch);
    return done;
  }

  /** Pushes what is pending, unless that was attempted recently. */
  async retry(): Promise<void> {
    if (this.server === undefined || Date.now() - this.last < this.timing.retry) return;
    await this.flush(() => true);
  }

  private get address(): string | undefined {
    return this.session?.address.text;
  }

  private async flush(which: (pending: Pending) => boolean): Promise<void> {
    for (const pending of this.allPending().filter(which)) {
      if (this.context.signal.aborted || this.server === undefined) return; // there is time for one push only
      await this.attempt(this.server, pending);
    }
    this.last = Date.now();
  }

  private async attempt(server: GitServer, pending: Pending): Promise<boolean> {
    const { settings, metrics, log } = this.context;
    const prefixed = `${settings.gitBranchPrefix}${pending.branch}`;
    metrics.progress();
    this.record(pending);
    try {
      const published = await server.publish(pending.work, prefixed, pending.report);
      if (published !== undefined) {
        metrics.pushed("success");
        const { branch, others, conflicts, request, requestFailure } = published;
        log("pushed", { branch, ...(others.length > 0 ? { others: others.join() } : {}) });
        if (conflicts !== undefined && conflicts.length > 0)
          log("the base has moved and conflicts", { branch, files: conflicts.join() });
        if (requestFailure !== undefined) throw new Error(requestFailure);
        if (request !== undefined)
          log(request.opened ? "pull request opened" : "pull request updated", { url: request.url });
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
