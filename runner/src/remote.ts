import { existsSync } from "node:fs";
import { join } from "node:path";

import { CI_PATHSPECS } from "./ci-definitions";
import { COMMIT_ID } from "./contract";
import { GitSession, type SessionContext } from "./git-session";
import { withoutChangesTo } from "./history";
import { wholeFiles } from "./lfs";
import type { Log } from "./log";
import { ownGit } from "./own-git";
import type { Settings } from "./settings";

/** Ralph's own files, in whichever folder it works: never part of a result. */
const RALPH_FILES = [":(top,glob).ralph/**", ":(top,glob)**/.ralph/**"];
/** Subjects of commits that are reported. */
const MAX_SUBJECTS = 50;

type RemoteSettings = Pick<Settings, "sourceRepository" | "sourceRef" | "gitAllowCi">;

/** What the server has, as of just now. */
export interface Upstream {
  /** What branches start from; undefined without a source. */
  readonly base: string | undefined;
  /** The branch of that name, if it is one. */
  readonly baseBranch: string | undefined;
  /** The server's commit of the branch in question. */
  readonly pushed: string | undefined;
}

export interface Pushed {
  readonly branch: string;
  readonly baseBranch: string | undefined;
  /** Subjects of its commits that the base lacks, newest first. */
  readonly commits: readonly string[];
  /** Files that would conflict if it was merged now; undefined if that cannot be said. */
  readonly conflicts: readonly string[] | undefined;
  /** Branches of the agent's that were pushed beside it. */
  readonly others: readonly string[];
  /** Files of Git LFS whose changes were left out. */
  readonly leftOut: readonly string[];
}

/** A branch of a working directory. */
export interface Head {
  readonly name: string;
  readonly commit: string;
}

/** What is checked out, then the other branches. */
export type Heads = readonly [Head, ...Head[]];

/** @returns undefined if there is no commit */
export async function headsOf(work: string, env: NodeJS.ProcessEnv): Promise<Heads | undefined> {
  if (!existsSync(join(work, ".git"))) return undefined;
  const commit = await ownGit(work, ["rev-parse", "--quiet", "--verify", "HEAD^{commit}"], env).catch(
    () => "",
  );
  if (commit === "") return undefined;
  const format = "--format=%(refname:lstrip=2) %(objectname)";
  const listed = await ownGit(work, ["for-each-ref", format, "refs/heads"], env);
  const others = listed.split("\n").flatMap((line) => {
    const [name = "", tip = ""] = line.split(" ");
    return tip === "" || tip === commit ? [] : [{ name, commit: tip }];
  });
  return [{ name: "HEAD", commit }, ...others];
}

/** The repository on a server that results are pushed to, and with a source, the one that Ralph works on. */
export class Remote {
  constructor(
    private readonly settings: RemoteSettings,
    private readonly context: SessionContext,
    private readonly log: Log,
  ) {}

  /** Brings the base, and this branch if one is named, into the cache. */
  fetch(branch?: string): Promise<Upstream> {
    return GitSession.run(this.context, undefined, (session) => this.upstream(session, branch));
  }

  /** Asks the server for the base and for this branch, and fetches both. */
  private async upstream(session: GitSession, branch?: string): Promise<Upstream> {
    const ref = this.settings.sourceRef;
    const own = branch === undefined ? [] : [`refs/heads/${branch}`];
    const names = ref === undefined ? [] : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/tags/${ref}^{}`];
    const { head, commits } = await session.remoteRefs([...own, ...names]);
    const pushed = own.map((name) => commits.get(name))[0];
    const base = this.settings.sourceRepository === undefined ? undefined : this.base(head, commits);
    const wanted = [
      ...(base === undefined || (await session.has(base.commit)) ? [] : [base.name]),
      ...(pushed === undefined || (await session.has(pushed)) ? [] : own),
    ];
    if (wanted.length > 0) await session.fetch(wanted);
    const baseBranch = base?.name.startsWith("refs/heads/") === true ? base.name.slice(11) : undefined;
    return { base: base?.commit, baseBranch, pushed };
  }

  private base(
    head: string | undefined,
    commits: ReadonlyMap<string, string>,
  ): { readonly name: string; readonly commit: string } {
    const { sourceRef: ref } = this.settings;
    if (ref !== undefined && COMMIT_ID.test(ref)) return { name: ref, commit: ref };
    const names = ref === undefined ? [head ?? "HEAD"] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
    for (const name of names) {
      // Of an annotated tag, its commit.
      const commit =
        commits.get(`${name}^{}`) ??
        commits.get(name) ??
        (ref === undefined ? commits.get("HEAD") : undefined);
      if (commit !== undefined) return { name, commit };
    }
    const { text } = this.context.address;
    throw new Error(
      ref === undefined ? `${text} has no commit to start from` : `${text} has no branch or tag ${ref}`,
    );
  }

  /**
   * Pushes the first of these commits, and others if something is only there. Never by force: what the server's branch
   * has besides is merged, or else another branch is used.
   *
   * @param work the working directory that has them, unless the cache does
   * @throws if git fails
   */
  async push([head, ...others]: Heads, branch: string, work?: string): Promise<Pushed> {
    return GitSession.run(this.context, work, async (session) => {
      const upstream = await this.upstream(session, branch);
      const done = await this.pushHead(session, head.commit, branch, upstream);
      const beside: string[] = [];
      for (const other of others) {
        const not = [head.commit, upstream.base, upstream.pushed].flatMap((commit) => commit ?? []);
        const count = await session.git([
          "rev-list",
          "--count",
          other.commit,
          ...not.map((each) => `^${each}`),
        ]);
        if (count === "0") continue;
        const name = `${branch}-${other.name.replace(/[^\w.-]+/g, "_").replace(/\.{2,}/g, ".")}`;
        const known = await this.upstream(session, name);
        beside.push((await this.pushHead(session, other.commit, name, known)).branch);
      }
      return { ...done, others: beside };
    });
  }

  private async pushHead(
    session: GitSession,
    head: string,
    branch: string,
    { base, baseBranch, pushed }: Upstream,
  ): Promise<Omit<Pushed, "others">> {
    const { gitAllowCi } = this.settings;
    const known = [base, pushed].flatMap((commit) => commit ?? []);
    const own = await withoutChangesTo(session, head, known, RALPH_FILES);
    const allowed = gitAllowCi ? own : await withoutChangesTo(session, own, known, CI_PATHSPECS);
    if (allowed !== own) this.log("CI definitions are not pushed", { branch });
    const leftOut = await wholeFiles(session, allowed, known);
    const literal = leftOut.map((path) => `:(top,literal)${path}`);
    const commit = leftOut.length === 0 ? allowed : await withoutChangesTo(session, allowed, known, literal);
    if (leftOut.length > 0)
      this.log("files of Git LFS are not pushed: they are whole, and no pointers", {
        branch,
        files: leftOut.join(),
      });
    const report = async (name: string, tip: string): Promise<Omit<Pushed, "others">> => ({
      branch: name,
      baseBranch,
      commits: base === undefined ? [] : await this.subjects(session, base, tip),
      conflicts: base === undefined ? undefined : await this.conflicts(session, base, tip),
      leftOut,
    });
    const send = async (tip: string, name: string): Promise<Omit<Pushed, "others">> => {
      const { text } = this.context.address;
      // Nothing but the base: no branch is needed for it.
      if (tip !== base || pushed !== undefined)
        await session.online(["push", "--porcelain", "--no-signed", "--", text, `${tip}:refs/heads/${name}`]);
      return report(name, tip);
    };
    if (pushed === undefined || (await session.isAncestor(pushed, commit))) return send(commit, branch);
    if (await session.isAncestor(commit, pushed)) return report(branch, pushed);
    const merged = await session.merge(commit, pushed, `Merge what ${branch} has`);
    if ("commit" in merged) return send(merged.commit, branch);
    // The branch has another history: that of another replica or an earlier run, on a volume of its own.
    const common = await session.git(["merge-base", commit, pushed]).catch(() => "");
    const not = common === "" ? [] : [`^${common}`];
    const first =
      (await session.git(["rev-list", "--reverse", "--topo-order", commit, ...not])).split("\n")[0] ?? "";
    const name = `${branch}-${first.slice(0, 8)}`;
    if (common !== "")
      this.log("the branch has changes that conflict; another is used", { branch, instead: name });
    return send(commit, name);
  }

  private async subjects(session: GitSession, base: string, tip: string): Promise<string[]> {
    const flags = [`--max-count=${MAX_SUBJECTS}`, "--no-show-signature", "--no-merges", "--format=%h %s"];
    return (await session.git(["log", ...flags, tip, `^${base}`])).split("\n").filter((line) => line !== "");
  }

  private async conflicts(session: GitSession, base: string, tip: string): Promise<readonly string[]> {
    const merged = await session.merge(base, tip, "Trial");
    return "conflicts" in merged ? merged.conflicts : [];
  }
}
