import type { Settings } from "./settings";
import { apiOf, forgeOf } from "./forge";
import { pullRequests } from "./forges";
import type { SessionContext } from "./git-session";
import type { Log } from "./log";
import { gitReason } from "./own-git";
import { type Heads, headsOf, type Pushed, Remote, type Upstream } from "./remote";
import { body, type Report, title } from "./report";

/** The settings that say what is pushed where. */
export type GitServerSettings = Pick<
  Settings,
  "gitAllowCi" | "gitForge" | "gitApi" | "sourceRepository" | "sourceRef" | "pullRequest" | "pullRequestBase"
>;

/** The git server as the runner uses it. */
export interface GitServer {
  /** Brings the base, and this branch if one is named, into the cache. */
  fetch(branch?: string): Promise<Upstream>;
  /**
   * Pushes what a working directory has, and opens or updates its pull request.
   *
   * @returns undefined if there is no commit
   */
  publish(work: string, branch: string, report?: Report): Promise<Published | undefined>;
}

export interface Published extends Pushed {
  /** Undefined if none is wanted, or needed. */
  readonly request?: { readonly url: string; readonly opened: boolean };
  /** Why the pull request could not be opened or updated. */
  readonly requestFailure?: string;
}

/** Reaches the server from this process, with the credentials. */
export class DirectServer implements GitServer {
  private readonly remote: Remote;

  constructor(
    private readonly settings: GitServerSettings,
    private readonly context: SessionContext,
    log: Log,
  ) {
    this.remote = new Remote(settings, context, log);
  }

  fetch(branch?: string): Promise<Upstream> {
    return this.remote.fetch(branch);
  }

  async publish(work: string, branch: string, report?: Report): Promise<Published | undefined> {
    const heads = await headsOf(work, this.context.env);
    return heads === undefined ? undefined : this.publishHeads(heads, branch, report, work);
  }

  /** @param work where the commits are, unless they are in the cache */
  async publishHeads(
    heads: Heads,
    branch: string,
    report: Report | undefined,
    work?: string,
  ): Promise<Published> {
    const pushed = await this.remote.push(heads, branch, work);
    try {
      return { ...pushed, request: await this.request(pushed, report) };
    } catch (error) {
      return { ...pushed, requestFailure: gitReason(error) };
    }
  }

  private async request(pushed: Pushed, report: Report | undefined): Promise<Published["request"]> {
    const { settings } = this;
    const { address, credentials, env } = this.context;
    if (settings.pullRequest === "none" || report === undefined || pushed.commits.length === 0)
      return undefined;
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
    if (made === undefined) return undefined;
    const whole = body(report, pushed, made.body);
    if (made.body !== whole) await requests.update(made, whole);
    return { url: made.url, opened: found === undefined };
  }
}
