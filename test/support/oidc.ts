/** Tokens of CI jobs (OIDC), without a signature, and GitHub's endpoint that issues them. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export type Claims = Readonly<Record<string, string>>;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export const token = (claims: Claims): string => `${part({ alg: "none" })}.${part(claims)}.`;

export const GITHUB = "https://token.actions.githubusercontent.com";

/** A repository on GitHub, by the kind of subject that its tokens have. */
export const SUBJECTS = { new: "repo:octo@123456/ralph@456789", older: "repo:octo/ralph" } as const;
export const REPOSITORY_ID = "456789";

/** What the token of a job in an environment says. */
export const jobClaims = (subject: string, environment: string, audience: string): Claims => ({
  iss: GITHUB,
  sub: `${subject}:environment:${environment}`,
  aud: audience,
  repository: "octo/ralph",
  repository_id: REPOSITORY_ID,
  environment,
});

/** A project on GitLab. */
export const PROJECT_PATH = "octo/ralph";
export const PROJECT_ID = "4711";

/** What the token of a job on GitLab says, if the project leaves the branch out of the subject, as the page does. */
export const gitlabClaims = (audience: string): Claims => ({
  iss: "https://gitlab.com",
  sub: `project_path:${PROJECT_PATH}:ref_type:branch`,
  aud: audience,
  project_id: PROJECT_ID,
  project_path: PROJECT_PATH,
  ref: "a-branch",
});

/** GitHub's endpoint, as its variables name it; the token is for the audience that a request asks for. */
export async function serveTokens(claims: (audience: string) => Claims): Promise<{
  readonly server: Server;
  readonly variables: Readonly<Record<string, string>>;
}> {
  const BEARER = "of-this-job";
  const server = createServer(({ url = "", headers }, response) => {
    response.statusCode = headers.authorization === `Bearer ${BEARER}` ? 200 : 401;
    const audience = new URL(url, "http://localhost").searchParams.get("audience") ?? "";
    response.end(
      JSON.stringify({ value: response.statusCode === 200 ? token(claims(audience)) : undefined }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    variables: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: BEARER,
    },
  };
}
