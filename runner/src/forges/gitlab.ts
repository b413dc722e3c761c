import { refusal } from "../api";
import { Client, type Existing, type PullRequests, type Server, type Wanted } from "./client";

interface MergeRequest {
  readonly iid: number;
  readonly web_url: string;
  readonly description: string | null;
  readonly source_project_id: number;
  readonly target_project_id: number;
}

const existing = ({ iid, web_url, description }: MergeRequest): Existing => ({
  id: iid,
  url: web_url,
  body: description ?? "",
});

/** https://docs.gitlab.com/api/merge_requests/ */
export class GitLab implements PullRequests {
  private readonly client: Client;
  private readonly requests: string;

  constructor(server: Server) {
    this.requests = `/projects/${encodeURIComponent(server.repository)}/merge_requests`;
    const headers = (token: string) => ({ "PRIVATE-TOKEN": token });
    this.client = new Client(server, headers, "the scope api and the role Developer");
  }

  async find({ head, base }: Wanted): Promise<Existing | undefined> {
    const query = new URLSearchParams({
      state: "opened",
      source_branch: head,
      target_branch: base,
      per_page: "100",
    });
    const { body } = await this.client.call("GET", `${this.requests}?${query}`);
    // A fork's branch of the same name is listed as well.
    const found = ((body ?? []) as MergeRequest[]).find(
      (each) => each.source_project_id === each.target_project_id,
    );
    return found === undefined ? undefined : existing(found);
  }

  async open(wanted: Wanted): Promise<Existing | undefined> {
    const { head, base, title, body, draft } = wanted;
    const content = {
      source_branch: head,
      target_branch: base,
      title: draft ? `Draft: ${title}` : title,
      description: body,
    };
    const answer = await this.client.call("POST", this.requests, content, [400, 409, 422]);
    if (answer.status < 300) return existing(answer.body as MergeRequest);
    const found = answer.status === 409 ? await this.find(wanted) : undefined; // another worker was faster
    if (found === undefined) throw new Error(`the merge request is refused: ${refusal(answer)}`);
    return found;
  }

  async update({ id }: Existing, body: string): Promise<void> {
    await this.client.call("PUT", `${this.requests}/${id}`, { description: body });
  }
}
