import { refusal } from "../api";
import { Client, type Existing, type PullRequests, type Server, type Wanted } from "./client";

interface PullRequest {
  readonly number: number;
  readonly html_url: string;
  readonly body: string;
  readonly state: string;
}

const existing = ({ number, html_url, body }: PullRequest): Existing => ({ id: number, url: html_url, body });

/** Gitea and Forgejo: https://docs.gitea.com/api, `/repos/{owner}/{repo}/pulls` */
export class Gitea implements PullRequests {
  private readonly client: Client;
  private readonly pulls: string;

  constructor(server: Server) {
    this.pulls = `/repos/${server.repository}/pulls`;
    const headers = (token: string) => ({ Authorization: `token ${token}` });
    this.client = new Client(server, headers, "the scope write:repository");
  }

  async find({ head, base }: Wanted): Promise<Existing | undefined> {
    const path = `${this.pulls}/${encodeURIComponent(base)}/${encodeURIComponent(head)}`;
    const { status, body } = await this.client.call("GET", path, undefined, [404]);
    const found = body as PullRequest;
    return status === 200 && found.state === "open" ? existing(found) : undefined;
  }

  async open(wanted: Wanted): Promise<Existing | undefined> {
    const { head, base, title, body, draft } = wanted;
    // The prefix makes it a draft (setting WORK_IN_PROGRESS_PREFIXES of the server).
    const content = { head, base, title: draft ? `WIP: ${title}` : title, body };
    const answer = await this.client.call("POST", this.pulls, content, [409]);
    if (answer.status < 300) return existing(answer.body as PullRequest);
    const found = await this.find(wanted); // another worker was faster
    if (found === undefined) throw new Error(`the pull request is refused: ${refusal(answer)}`);
    return found;
  }

  async update({ id }: Existing, body: string): Promise<void> {
    await this.client.call("PATCH", `${this.pulls}/${id}`, { body });
  }
}
