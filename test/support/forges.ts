/** Stand-ins of the pull request APIs of GitHub, GitLab and Gitea, for one repository, `owner/name`. */
import { createVerify } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** What they ask of the repository. */
export interface Branches {
  has(name: string): boolean;
  /** Whether `head` has commits that `base` lacks. */
  ahead(base: string, head: string): boolean;
}

export interface PullRequest {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly draft: boolean;
  /** Whether the branch is that of a fork. */
  readonly fork?: boolean;
  body: string;
  state: "open" | "closed";
}

type Json = Readonly<Record<string, unknown>>;
type Reply = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

export class Forges {
  readonly requests: PullRequest[] = [];
  /** What a token may do with pull requests. */
  permission: "write" | "read" | "none" = "write";
  /** Seconds until which every call is refused. */
  limited: number | undefined;
  drafts = true;
  now: () => number = Date.now;
  /** The GitHub App: its id and the public half of its key. */
  app: { readonly id: string; readonly key: string; readonly seconds: number } | undefined;
  private issued = 0;

  constructor(
    private readonly branches: Branches,
    private readonly tokens: Set<string>,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? "/", "https://localhost");
    const content = (text === "" ? {} : JSON.parse(text)) as Json;
    const { method = "GET" } = request;
    const [, , version = "", ...rest] = url.pathname.split("/");
    const path = `/${rest.join("/")}`;
    const kinds = { v3: this.github, v4: this.gitlab, v1: this.gitea };
    const kind = kinds[version as keyof typeof kinds];
    const [status, body, headers = {}] = kind.call(this, request, method, path, url.searchParams, content);
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
  }

  /**
   * https://docs.github.com/rest/pulls/pulls; errors as in
   * https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api,
   * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api and
   * https://github.com/realyze/pr-train/issues/37, https://github.com/vsoch/pull-request-action/issues/86
   */
  private github(
    { headers }: IncomingMessage,
    method: string,
    path: string,
    query: URLSearchParams,
    content: Json,
  ): Reply {
    if (headers["user-agent"] === undefined)
      return [403, { message: "Request forbidden by administrative rules." }];
    const token = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1] ?? "";
    const asApp = this.asApp(token, method, path, content);
    if (asApp !== undefined) return asApp;
    if (!this.tokens.has(token)) return [401, { message: "Bad credentials" }];
    if (this.limited !== undefined)
      return [
        403,
        { message: "API rate limit exceeded for user ID 1." },
        { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(this.limited) },
      ];
    const pulls = /^\/repos\/owner\/name\/pulls(?:\/(\d+))?$/.exec(path);
    // A token without access to a private repository gets the answer for one that does not exist.
    if (pulls === null || this.permission === "none") return [404, { message: "Not Found" }];
    const shown = (each: PullRequest): Json => ({
      number: each.number,
      html_url: `https://github.test/owner/name/pull/${each.number}`,
      body: each.body,
      state: each.state,
      draft: each.draft,
    });
    if (method === "GET") {
      const [owner, head] = (query.get("head") ?? "").split(/:(.*)/s);
      const found = this.requests.filter(
        (each) =>
          each.state === query.get("state") &&
          each.fork !== true &&
          owner === "owner" &&
          each.head === head &&
          each.base === query.get("base"),
      );
      return [200, found.map(shown)];
    }
    if (this.permission === "read")
      return [403, { message: "Resource not accessible by personal access token" }];
    if (method === "PATCH") return this.change(pulls[1], content.body, shown);
    const { head, base, title, body, draft } = content as Record<string, string>;
    const invalid = (...errors: Json[]): Reply => [422, { message: "Validation Failed", errors }];
    const field = (name: string): Json => ({ resource: "PullRequest", field: name, code: "invalid" });
    const custom = (message: string): Json => ({ resource: "PullRequest", code: "custom", message });
    if (!this.branches.has(head ?? "")) return invalid(field("head"));
    if (!this.branches.has(base ?? "")) return invalid(field("base"));
    if (!this.branches.ahead(base ?? "", head ?? ""))
      return invalid(custom(`No commits between ${base} and ${head}`));
    if (this.open(head, base) !== undefined)
      return invalid(custom(`A pull request already exists for owner:${head}.`));
    if (Boolean(draft) && !this.drafts)
      return [422, { message: "Draft pull requests are not supported in this repository." }];
    return [201, shown(this.add(head, base, title, body, Boolean(draft)))];
  }

  /**
   * https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
   * and https://docs.github.com/rest/apps/apps; refusals of a key and of an app as in
   * https://github.com/actions/create-github-app-token/issues/153 and /76
   */
  private asApp(token: string, method: string, path: string, content: Json): Reply | undefined {
    const installation = path === "/repos/owner/name/installation";
    if (!installation && path !== "/app/installations/7/access_tokens") return undefined;
    const [head = "", claims = "", signature = ""] = token.split(".");
    const { app } = this;
    const json = (part: string): Json =>
      JSON.parse(Buffer.from(part, "base64url").toString() || "{}") as Json;
    const { iss, iat, exp } = json(claims);
    const now = this.now() / 1000;
    if (app === undefined || iss !== app.id) return [404, { message: "Integration not found" }];
    const signed =
      json(head).alg === "RS256" &&
      createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(app.key, signature, "base64url");
    if (!signed) return [401, { message: "A JSON web token could not be decoded" }];
    if (!Number.isInteger(iat) || Number(iat) > now)
      return [401, { message: "'Issued at' claim ('iat') must be an Integer representing the time" }];
    if (!Number.isInteger(exp) || Number(exp) > now + 600 || Number(exp) < now)
      return [401, { message: "'Expiration time' claim ('exp') is too far in the future" }];
    if (this.permission === "none") return [404, { message: "Not Found" }];
    if (installation) return [200, { id: 7 }];
    if (method !== "POST" || JSON.stringify(content.repositories) !== '["name"]')
      return [422, { message: "Unprocessable" }];
    const made = `ghs_canary${++this.issued}0123456789`;
    this.tokens.add(made);
    return [201, { token: made, expires_at: new Date(this.now() + app.seconds * 1000).toISOString() }];
  }

  /**
   * https://docs.gitlab.com/api/merge_requests/, /api/rest/authentication/ and /api/rest/troubleshooting/; refusals of a
   * request as in lib/api/helpers/merge_requests_helpers.rb, and a limit without `Retry-After` as in
   * https://gitlab.com/gitlab-org/gitlab/-/issues/199738, of gitlab-org/gitlab
   */
  private gitlab(
    { headers }: IncomingMessage,
    method: string,
    path: string,
    query: URLSearchParams,
    content: Json,
  ): Reply {
    if (!this.tokens.has(String(headers["private-token"]))) return [401, { message: "401 Unauthorized" }];
    if (this.limited !== undefined)
      return [
        429,
        { message: { error: "This endpoint has been requested too many times. Try again later." } },
        { "ratelimit-remaining": "595", "ratelimit-reset": String(this.limited) },
      ];
    const requests = /^\/projects\/owner%2Fname\/merge_requests(?:\/(\d+))?$/.exec(path);
    if (requests === null || this.permission === "none") return [404, { message: "404 Project Not Found" }];
    const shown = (each: PullRequest): Json => ({
      iid: each.number,
      web_url: `https://gitlab.test/owner/name/-/merge_requests/${each.number}`,
      description: each.body,
      state: each.state === "open" ? "opened" : "closed",
      source_project_id: each.fork === true ? 2 : 1,
      target_project_id: 1,
    });
    if (method === "GET") {
      const states = { opened: "open", closed: "closed" };
      const found = this.requests.filter(
        (each) =>
          each.state === states[query.get("state") as keyof typeof states] &&
          each.head === query.get("source_branch") &&
          each.base === query.get("target_branch"),
      );
      return [200, found.map(shown)];
    }
    if (this.permission === "read")
      return [
        403,
        { error: "insufficient_scope", error_description: "The request requires higher privileges" },
      ];
    if (method === "PUT") return this.change(requests[1], content.description, shown);
    const {
      source_branch: head,
      target_branch: base,
      title,
      description,
    } = content as Record<string, string>;
    const open = this.open(head, base);
    if (open !== undefined)
      return [
        409,
        { message: [`Another open merge request already exists for this source branch: !${open.number}`] },
      ];
    for (const [name, branch = ""] of [
      ["Source", head],
      ["Target", base],
    ])
      if (!this.branches.has(branch))
        return [422, { message: [`${name} branch "${branch}" does not exist`] }];
    if ((title ?? "").length > 255)
      // the documented form of a failed validation
      return [400, { message: { title: ["is too long (maximum is 255 characters)"] } }];
    return [201, shown(this.add(head, base, title, description, title?.startsWith("Draft: ") === true))];
  }

  /**
   * Swagger of Gitea 1.24 (https://gitea.com/swagger.v1.json), `repoCreatePullRequest`, `repoGetPullRequestByBaseHead`,
   * `repoListPullRequests` and `repoEditPullRequest`; what they refuse as in routers/api/v1/repo/pull.go, and the request
   * of any state as in models/issues/pull.go (`GetPullRequestByBaseHeadInfo`), of go-gitea/gitea. It has no limit of its
   * own, but a proxy before it may have one: RFC 6585, section 4.
   */
  private gitea(
    { headers }: IncomingMessage,
    method: string,
    path: string,
    query: URLSearchParams,
    content: Json,
  ): Reply {
    if (this.limited !== undefined)
      return [429, undefined, { "retry-after": String(Math.ceil(this.limited - this.now() / 1000)) }];
    const token = /^token (.*)$/.exec(headers.authorization ?? "")?.[1] ?? "";
    if (!this.tokens.has(token)) return [401, { message: "user does not exist [uid: 0, name: ]" }];
    const found = /^\/repos\/owner\/name\/pulls(?:\/(\d+)|\/([^/]+)\/([^/]+))?$/.exec(path);
    if (found === null || this.permission === "none")
      return [404, { message: "The target couldn't be found." }];
    const [, number, base, head] = found;
    const shown = (each: PullRequest): Json => ({
      number: each.number,
      html_url: `https://gitea.test/owner/name/pulls/${each.number}`,
      body: each.body,
      state: each.state,
      head: { ref: each.head, repo_id: each.fork === true ? 2 : 1 },
      base: { ref: each.base, repo_id: 1 },
    });
    if (method === "GET" && head === undefined) {
      const open = this.requests.filter(({ state }) => state === query.get("state"));
      const limit = Math.min(Number(query.get("limit") ?? 30), 50);
      const start = (Number(query.get("page") ?? 1) - 1) * limit;
      return [200, open.slice(start, start + limit).map(shown)];
    }
    if (method === "GET") {
      const any = this.requests.find(
        (each) =>
          each.fork !== true &&
          each.head === decodeURIComponent(head ?? "") &&
          each.base === decodeURIComponent(base ?? ""),
      );
      return any === undefined ? [404, { message: "The target couldn't be found." }] : [200, shown(any)];
    }
    if (this.permission === "read")
      return [403, { message: "token does not have at least one of required scope(s): [write:repository]" }];
    if (method === "PATCH") return this.change(number, content.body, shown);
    const { head: from, base: to, title, body } = content as Record<string, string>;
    const open = this.open(from, to);
    if (open !== undefined)
      return [409, { message: `pull request already exists for these targets [id: ${open.number}]` }];
    for (const name of [from, to])
      if (!this.branches.has(name ?? "")) return [404, { message: "The target couldn't be found." }];
    return [201, shown(this.add(from, to, title, body, title?.startsWith("WIP: ") === true))];
  }

  private open(head: string | null | undefined, base: string | null | undefined): PullRequest | undefined {
    return this.requests.find(
      (each) => each.state === "open" && each.fork !== true && each.head === head && each.base === base,
    );
  }

  private add(head = "", base = "", title = "", body = "", draft = false): PullRequest {
    const made: PullRequest = {
      number: this.requests.length + 1,
      head,
      base,
      title,
      body,
      draft,
      state: "open",
    };
    this.requests.push(made);
    return made;
  }

  private change(number: string | undefined, body: unknown, shown: (each: PullRequest) => Json): Reply {
    const found = this.requests.find((each) => each.number === Number(number));
    if (found === undefined) return [404, { message: "Not Found" }];
    found.body = String(body);
    return [200, shown(found)];
  }
}
