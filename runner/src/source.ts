import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Origin, Repository } from "./git";
import type { GitServer } from "./git-server";
import { GitSession, type SessionContext } from "./git-session";
import { branchOf, type Unit } from "./layout";
import { usesLfs } from "./lfs";
import type { Log } from "./log";
import { gitReason, ownGit } from "./own-git";
import type { Upstream } from "./remote";

/** Prepares the working directories of units from the repository that they work on. */
export class Source {
  constructor(
    private readonly server: GitServer,
    private readonly session: SessionContext,
    private readonly branchPrefix: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly log: Log,
  ) {}

  /**
   * The unit's repository on its branch: as it was left, or else as the server has the branch, or else from the ref; and
   * what has changed on the server meanwhile is merged.
   *
   * @throws if the server cannot be reached, and there is nothing here yet
   */
  async prepare(unit: Unit): Promise<Repository> {
    const branch = `${this.branchPrefix}${branchOf(unit.prompt)}`;
    const { work } = unit;
    const fresh = !existsSync(work) || readdirSync(work).length === 0;
    for (const folder of [work, unit.state]) mkdirSync(folder, { recursive: true });
    let upstream: Upstream;
    try {
      upstream = await this.server.fetch(branch);
    } catch (error) {
      const before = fresh ? undefined : readOrigin(unit);
      if (before === undefined) throw new SourceError(this.session.address.text, gitReason(error));
      this.log("the repository cannot be fetched: going on with what is here", { error: gitReason(error) });
      return Repository.open(work, this.env, before);
    }
    return GitSession.run(this.session, fresh ? undefined : work, async (session) => {
      const base = upstream.base ?? "";
      const { pushed = base } = upstream;
      // A branch that was merged begins again.
      const start = (await session.isAncestor(pushed, base)) ? base : pushed;
      const origin = this.origin(branch, start, upstream);
      writeFileSync(originFile(unit), JSON.stringify(origin));
      const repository = await Repository.open(work, this.env, origin);
      if (fresh) {
        const index = { GIT_WORK_TREE: work, GIT_INDEX_FILE: join(work, ".git", "index") };
        await session.git(["read-tree", "-u", "--reset", start], { variables: index });
        if (await usesLfs(session, start))
          this.log("files of Git LFS are pointers here, and changes to them are not pushed", { branch });
        const submodules = await repository.submodules();
        if (submodules.length > 0)
          this.log("submodules are not fetched: their folders are empty", {
            branch,
            folders: submodules.join(),
          });
      }
      for (const theirs of [...new Set([pushed, base])]) await this.merge(session, repository, work, theirs);
      return repository;
    });
  }

  private origin(branch: string, start: string, { base, baseBranch }: Upstream): Origin {
    const { address, cache } = this.session;
    return {
      branch,
      start,
      base: base ?? start,
      baseBranch,
      url: address.text,
      objects: join(cache, "objects"),
    };
  }

  /** Merges a commit of the server's into the branch here; a conflict is reported, and left to the agent or a person. */
  private async merge(
    session: GitSession,
    repository: Repository,
    work: string,
    theirs: string,
  ): Promise<void> {
    const head = await ownGit(work, ["rev-parse", "HEAD"], this.env);
    if (head === theirs || (await session.isAncestor(theirs, head))) return;
    await repository.commit("Work of an interrupted run");
    const ours = await ownGit(work, ["rev-parse", "HEAD"], this.env);
    const store = join(work, ".git", "objects");
    const ahead = await session.isAncestor(ours, theirs);
    const merged = ahead
      ? { commit: theirs }
      : await session.merge(ours, theirs, "Merge what the server has", store);
    if (!("commit" in merged)) {
      this.log("what the server has conflicts, and is not merged", { files: merged.conflicts.join() });
      return;
    }
    const index = { GIT_WORK_TREE: work, GIT_INDEX_FILE: join(work, ".git", "index") };
    await session.git(["read-tree", "-u", "-m", ours, merged.commit], { variables: index });
    await ownGit(work, ["update-ref", "-m", "ralph: merge", "HEAD", merged.commit, ours], this.env);
    this.log("merged what the server has", { commit: theirs });
  }
}

/** The repository that a prompt is for cannot be had: no failure of the prompt. */
export class SourceError extends Error {
  constructor(repository: string, reason: string) {
    super(`cannot fetch ${repository}: ${reason}`);
  }
}

const originFile = ({ state }: Unit): string => join(state, "origin.json");

function readOrigin(unit: Unit): Origin | undefined {
  try {
    return JSON.parse(readFileSync(originFile(unit), "utf8")) as Origin;
  } catch {
    return undefined;
  }
}
