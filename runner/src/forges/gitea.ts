import { refusal } from "../api";
import { Client, type Existing, type PullRequests, type Server, type Wanted } from "./client";

interface PullRequest {
  readonly number: number;
  readonly html_url: string;
  readonly body: string;
  readonly state: string;
  readonly head: End;
  readonly base: End;
}

interface End {
  readonly ref: string;
  readonly repo_id: number;
}

/** The most that a page has (setting MAX_RESPONSE_ITEMS of the server). */
const PAGE = 50;

const existing = ({ number, html_url, body }: PullRequest): Existing => ({ id: number, url: html_url, body });

/** Gitea and Forgejo: https://docs.gitea.com/api, `/repos/{owner}/{repo}/pulls` */
export class Gitea implements PullRequests {
  private readonly client: Client;
  private readonly pulls: string;
  private readonly repository: string;

  constructor(server: Server) {
    this.repository = server.repository;
    this.pulls = `/repos/${server.repository}/pulls`;
    const headers = (token: string) => ({ Authorization: `token ${token}` });
    this.client = new Client(server, headers, "the scope write:repository");
  }

  async find({ head, base }: Wanted): Promise<Existing | undefined> {
    const path = `${this.pulls}/${encodeURIComponent(base)}/${encodeURIComponent(head)}`;
    const { status, body } = await this.client.call("GET", path, undefined, [404]);
    if (status === 404) return undefined;
    const found = body as PullRequest;
    return found.state === "open" ? existing(found) : this.findOpen(head, base);
  }

  /** Of several requests of a branch, the server names any: here a closed or merged one. */
  private async findOpen(head: string, base: string): Promise<Existing | undefined> {
    for (let page = 1; ; page++) {
      const query = new URLSearchParams({ state: "open", limit: String(PAGE), page: String(page) });
      const { body } = await this.client.call("GET", `${this.pulls}?${query}`);
      const listed = (body ?? []) as PullRequest[];
      const found = listed.find(
        (each) => each.head.ref === head && each.base.ref === base && each.head.repo_id === each.base.repo_id,
      );
      if (found !== undefined) return existing(found);
      if (listed.length === 0) return undefined;
    }
  }

  async open(wanted: Wanted): Promise<Existing | undefined> {
    const { head, base, title, body, draft } = wanted;
    // The prefix makes it a draft (setting WORK_IN_PROGRESS_PREFIXES of the server).
    const content = { head, base, title: draft ? `WIP: ${title}` : title, body };
    const answer = await this.client.call("POST", this.pulls, content, [404, 409]);
    if (answer.status < 300) return existing(answer.body as PullRequest);
    if (answer.status === 404)
      throw new Error(
        `there is no ${this.repository}, no branch ${head} or ${base} in it, or the token does not reach it: ${refusal(answer)}`,
      );
    const found = await this.find(wanted); // another worker was faster
    if (found === undefined) throw new Error(`the pull request is refused: ${refusal(answer)}`);
    return found;
  }

  async update({ id }: Existing, body: string): Promise<void> {
    await this.client.call("PATCH", `${this.pulls}/${id}`, { body });
  }
}
