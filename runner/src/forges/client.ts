import { type Access, type Answer, callApi, limitedUntil, refusal } from "../api";

/** A pull request as it should be; GitLab calls it a merge request. */
export interface Wanted {
  /** The branch with the result. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

/** One that is there. */
export interface Existing {
  readonly id: number;
  readonly url: string;
  readonly body: string;
}

/** What the runner needs of a git server's API. */
export interface PullRequests {
  /** The open one of this branch. */
  find(wanted: Wanted): Promise<Existing | undefined>;
  /** @returns undefined if the branch has nothing that the base lacks */
  open(wanted: Wanted): Promise<Existing | undefined>;
  update(existing: Existing, body: string): Promise<void>;
}

export interface Server {
  readonly api: string;
  /** Such as `owner/name`. */
  readonly repository: string;
  readonly token: () => Promise<string | undefined>;
  readonly access: Access;
}

/** Calls of one kind of API. */
export class Client {
  constructor(
    private readonly server: Server,
    private readonly headers: (token: string) => Readonly<Record<string, string>>,
    /** What a token must be allowed to. */
    private readonly permission: string,
  ) {}

  /** @throws Error with what to do if the server refuses; statuses in `accepted` are answers */
  async call(
    method: string,
    path: string,
    content?: object,
    accepted: readonly number[] = [],
  ): Promise<Answer> {
    const { api, repository, token, access } = this.server;
    const text = await token();
    const headers = text === undefined ? {} : this.headers(text);
    const answer = await callApi(method, `${api}${path}`, headers, access, content);
    if (answer.status < 300 || accepted.includes(answer.status)) return answer;
    const limited = limitedUntil(answer) !== undefined;
    const hint = limited
      ? undefined
      : {
          401: "the token is wrong or has expired",
          403: `the token needs ${this.permission} for ${repository}`,
          404: `there is no ${repository}, or the token does not reach it`,
        }[answer.status];
    throw new Error(`${hint === undefined ? "" : `${hint}: `}${refusal(answer)}`);
  }
}
