import { createPrivateKey, createSign, type KeyObject } from "node:crypto";

import { type Access, callApi, refusal } from "./api";
import { HTTPS_FILES } from "./contract";

/** Seconds before its end at which a token is replaced: a push that has begun must not outlive it. */
const MARGIN = 600;

/** https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app */
export class GitHubApp {
  private token: { readonly text: string; readonly until: number } | undefined;

  /**
   * @param app its client ID or number
   * @param repository `owner/name`; the token reaches no other
   */
  constructor(
    private readonly api: string,
    private readonly app: string,
    private readonly key: () => string,
    private readonly repository: string,
    private readonly access: Access,
    private readonly now: () => number = Date.now,
  ) {}

  /** An installation token that is valid for the next minutes. */
  async current(): Promise<string> {
    if (this.token !== undefined && this.token.until - MARGIN * 1000 > this.now()) return this.token.text;
    const [owner = "", name = ""] = this.repository.split("/");
    const { id } = (await this.call("GET", `/repos/${owner}/${name}/installation`)) as { id?: number };
    const made = (await this.call("POST", `/app/installations/${id}/access_tokens`, {
      repositories: [name],
    })) as { token?: string; expires_at?: string };
    if (typeof made.token !== "string") throw new Error("GitHub answered without an installation token");
    this.token = { text: made.token, until: Date.parse(made.expires_at ?? "") || 0 };
    return made.token;
  }

  private async call(method: string, path: string, content?: object): Promise<unknown> {
    const headers = { Authorization: `Bearer ${this.signed()}`, Accept: "application/vnd.github+json" };
    const answer = await callApi(method, `${this.api}${path}`, headers, this.access, content);
    if (answer.status < 300) return answer.body;
    const { app, repository } = this;
    const reason = {
      401: `the private key is not one of the GitHub App ${app}, or the clock is wrong`,
      404: `there is no GitHub App ${app}, or it is not installed on ${repository}`,
    }[answer.status];
    throw new Error(`${reason ?? `the GitHub App ${app} gets no token`}: ${refusal(answer)}`);
  }

  /** A JSON Web Token: begun a minute ago, since clocks differ, and valid for less than the ten minutes allowed. */
  private signed(): string {
    const now = Math.floor(this.now() / 1000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iat: now - 60, exp: now + 540, iss: this.app })}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(this.privateKey(), "base64url")}`;
  }

  private privateKey(): KeyObject {
    try {
      const key = createPrivateKey(this.key());
      if (key.asymmetricKeyType === "rsa") return key;
    } catch {
      // OpenSSL's error does not name the file.
    }
    throw new Error(`${HTTPS_FILES.appKey} is not the private key of a GitHub App (RSA, as PEM)`);
  }
}
