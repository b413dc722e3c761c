import { type Answer, refusal } from "../api";
import { Client, type Existing, type PullRequests, type Server, type Wanted } from "./client";

interface PullRequest {
  readonly number: number;
  readonly html_url: string;
  readonly body: string | null;
}

const existing = ({ number, html_url, body }: PullRequest): Existing => ({
  id: number,
  url: html_url,
  body: body ?? "",
});

/** Why a request was not accepted. */
const says = (answer: Answer, text: RegExp): boolean => answer.status === 422 && text.test(refusal(answer));

/** https://docs.github.com/rest/pulls/pulls */
export class GitHub implements PullRequests {
  private readonly client: Client;
  private readonly pulls: string;
  private readonly owner: string;

  constructor(server: Server) {
    const [owner = "", name = ""] = server.repository.split("/");
    this.owner = owner;
    this.pulls = `/repos/${owner}/${name}/pulls`;
    const headers = (token: string) => ({
      Authorization: `Bearer ${token}`,
      Accept: "application/vnd.github+json",
      "X-GitHub-Api-Version": "2022-11-28",
    });
    this.client = new Client(server, headers, "the permission Pull requests: write");
  }

  async find({ head, base }: Wanted): Promise<Existing | undefined> {
    const query = new URLSearchParams({ state: "open", head: `${this.owner}:${head}`, base });
    const { body } = await this.client.call("GET", `${this.pulls}?${query}`);
    const [found] = (body ?? []) as PullRequest[];
    return found === undefined ? undefined : existing(found);
  }

  async open(wanted: Wanted): Promise<Existing | undefined> {
    const answer = await this.client.call("POST", this.pulls, wanted, [422]);
    if (answer.status < 300) return existing(answer.body as PullRequest);
    if (says(answer, /No commits between/)) return undefined;
    // Another worker was faster.
    const found = says(answer, /already exists/) ? await this.find(wanted) : undefined;
    if (found !== undefined) return found;
    // Private repositories of free accounts have none.
    if (says(answer, /Draft pull requests are not supported/) && wanted.draft)
      return this.open({ ...wanted, draft: false });
    throw new Error(`the pull request is refused: ${refusal(answer)}`);
  }

  async update({ id }: Existing, body: string): Promise<void> {
    await this.client.call("PATCH", `${this.pulls}/${id}`, { body });
  }
}
