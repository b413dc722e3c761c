/**
 * Proves how the runner opens, finds and updates pull requests on GitHub, GitLab and Gitea, and what it reports of each
 * refusal, by real HTTPS against stand-ins that refuse what the servers refuse (test/support/forges.ts has the sources).
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { limitedUntil, refusal } from "../../runner/src/api";
import { FORGES, type Forge } from "../../runner/src/contract";
import { pullRequests } from "../../runner/src/forges";
import type { Existing, PullRequests, Wanted } from "../../runner/src/forges/client";
import type { PullRequest } from "../support/forges";
import { GitHost } from "../support/git-host";

const API: Readonly<Record<Forge, string>> = { github: "/api/v3", gitlab: "/api/v4", gitea: "/api/v1" };
const PAGE: Readonly<Record<Forge, string>> = {
  github: "https://github.test/owner/name/pull/",
  gitlab: "https://gitlab.test/owner/name/-/merge_requests/",
  gitea: "https://gitea.test/owner/name/pulls/",
};
const DRAFT: Readonly<Record<Forge, string>> = {
  github: "Fix it",
  gitlab: "Draft: Fix it",
  gitea: "WIP: Fix it",
};
const WANTED: Wanted = { head: "ralph/fix", base: "main", title: "Fix it", body: "Fixed.", draft: false };
const OTHER: PullRequest = { ...WANTED, number: 1, state: "open" };
const LIMIT = Date.parse("2100-01-01T00:00:00Z") / 1000;

describe("pull requests", () => {
  let host: GitHost;

  before(async () => {
    host = await GitHost.start();
    host.commit("main", { code: "1" });
    for (const name of ["same", WANTED.head]) host.git("branch", name, "main");
    host.commit(WANTED.head, { code: "2" });
  });
  after(() => host.stop());
  beforeEach(() => {
    const { forges } = host;
    forges.requests.length = 0;
    Object.assign(forges, { permission: "write", limited: undefined, drafts: true });
  });

  const client = (
    forge: Forge,
    { token = [...host.tokens][0], repository = "owner/name" } = {},
  ): PullRequests =>
    pullRequests(forge, {
      api: new URL(API[forge], host.address).href,
      repository,
      token: () => Promise.resolve(token),
      access: { ca: readFileSync(join(host.root, "ca.crt"), "utf8"), env: {} },
    });
  /** As the publisher does. */
  const request = async (requests: PullRequests, wanted = WANTED): Promise<Existing | undefined> =>
    (await requests.find(wanted)) ?? requests.open(wanted);
  const reported = async (forge: Forge, wanted = WANTED, options = {}): Promise<string> => {
    const error: unknown = await request(client(forge, options), wanted).then(
      () => assert.fail("not refused"),
      (reason: unknown) => reason,
    );
    return (error as Error).message;
  };

  for (const forge of FORGES) {
    describe(forge, () => {
      it("opens one, then finds it by its branch and updates its text only", async () => {
        const requests = client(forge);
        const made = { id: 1, url: `${PAGE[forge]}1`, body: "Fixed." };
        assert.deepEqual(await request(requests), made);
        assert.deepEqual(await request(requests), made);
        await requests.update(made, "Fixed twice.");
        assert.deepEqual(await requests.find(WANTED), { ...made, body: "Fixed twice." });
        assert.deepEqual(host.forges.requests, [{ ...OTHER, body: "Fixed twice." }]);
      });

      it("opens a draft", async () => {
        await request(client(forge), { ...WANTED, draft: true });
        assert.deepEqual(host.forges.requests, [{ ...OTHER, title: DRAFT[forge], draft: true }]);
      });

      it("takes the one that another worker has just opened", async () => {
        host.forges.requests.push({ ...OTHER });
        assert.equal((await client(forge).open(WANTED))?.id, 1);
      });

      it("opens another once the first was closed, and then finds that one", async () => {
        host.forges.requests.push({ ...OTHER, state: "closed" });
        assert.equal((await request(client(forge)))?.id, 2);
        assert.equal((await request(client(forge)))?.id, 2);
        assert.equal(host.forges.requests.length, 2);
      });

      it("never takes the request of a fork, whose branch has the same name", async () => {
        host.forges.requests.push({ ...OTHER, fork: true });
        assert.equal((await request(client(forge)))?.id, 2);
        assert.equal((await request(client(forge)))?.id, 2);
      });

      it("sends a token nowhere but in its header", async () => {
        host.log.length = 0;
        await request(client(forge));
        assert.deepEqual(
          host.log.filter((line) => line.includes([...host.tokens][0] ?? "")),
          [],
        );
      });
    });
  }

  it("gitea: finds an open one behind pages of others", async () => {
    const { requests } = host.forges;
    requests.push({ ...OTHER, state: "closed" });
    for (let number = 2; number < 60; number++) requests.push({ ...OTHER, number, head: `other-${number}` });
    requests.push({ ...OTHER, number: 60 });
    assert.equal((await client("gitea").find(WANTED))?.id, 60);
  });

  it("github: needs no request for a branch without commits", async () => {
    assert.equal(await request(client("github"), { ...WANTED, head: "same" }), undefined);
  });

  it("github: opens an ordinary one where drafts are refused", async () => {
    host.forges.drafts = false;
    await request(client("github"), { ...WANTED, draft: true });
    assert.deepEqual(host.forges.requests, [OTHER]);
  });

  const absent: Wanted = { ...WANTED, base: "gone" };
  const cases: readonly (readonly [
    what: string,
    given: () => unknown,
    messages: Readonly<Record<Forge, string>>,
    wanted?: Wanted,
    options?: { readonly token?: string; readonly repository?: string },
  ])[] = [
    [
      "a wrong token",
      () => undefined,
      {
        github: "the token is wrong or has expired: 401 Bad credentials",
        gitlab: "the token is wrong or has expired: 401 401 Unauthorized",
        gitea: "the token is wrong or has expired: 401 user does not exist [uid: 0, name: ]",
      },
      WANTED,
      { token: "wrong" },
    ],
    [
      "a token that may only read",
      () => (host.forges.permission = "read"),
      {
        github:
          "the token needs the permission Pull requests: write for owner/name: 403 Resource not accessible by personal access token",
        gitlab: "the token needs the scope api and the role Developer for owner/name: 403 insufficient_scope",
        gitea:
          "the token needs the scope write:repository for owner/name: 403 token does not have at least one of required scope(s): [write:repository]",
      },
    ],
    [
      "a token without access",
      () => (host.forges.permission = "none"),
      {
        github: "there is no owner/name, or the token does not reach it: 404 Not Found",
        gitlab: "there is no owner/name, or the token does not reach it: 404 404 Project Not Found",
        gitea:
          "there is no owner/name, no branch ralph/fix or main in it, or the token does not reach it: 404 The target couldn't be found.",
      },
    ],
    [
      "a base that does not exist",
      () => undefined,
      {
        github: "the pull request is refused: 422 Validation Failed base is invalid",
        gitlab: 'the merge request is refused: 422 Target branch "gone" does not exist',
        gitea:
          "there is no owner/name, no branch ralph/fix or gone in it, or the token does not reach it: 404 The target couldn't be found.",
      },
      absent,
    ],
    [
      "a limit",
      () => Object.assign(host.forges, { limited: LIMIT }),
      {
        github: "403 API rate limit exceeded for user ID 1. (again after 2100-01-01T00:00:00.000Z)",
        gitlab:
          "429 error: This endpoint has been requested too many times. Try again later. (again after 2100-01-01T00:00:00.000Z)",
        gitea: "429 (again after 2100-01-01T00:00",
      },
    ],
  ];
  for (const [what, given, messages, wanted, options] of cases)
    for (const forge of FORGES)
      it(`${forge}: reports ${what}`, async () => {
        given();
        const message = await reported(forge, wanted, options);
        // Gitea's limit is a number of seconds from now.
        assert.equal(
          message.slice(0, messages[forge].endsWith("00:00") ? messages[forge].length : undefined),
          messages[forge],
        );
        assert.deepEqual(host.forges.requests, []);
      });

  it("gitlab: reports each property that is not valid", async () => {
    assert.equal(
      await reported("gitlab", { ...WANTED, title: "x".repeat(256) }),
      "the merge request is refused: 400 title: is too long (maximum is 255 characters)",
    );
  });
});

describe("the answer of an API", () => {
  const reset = String(LIMIT);
  for (const [what, status, headers, until] of [
    ["GitHub's first limit", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }, LIMIT],
    ["GitHub's, not reached", 403, { "x-ratelimit-remaining": "9", "x-ratelimit-reset": reset }, undefined],
    ["GitLab's, without Retry-After", 429, { "ratelimit-remaining": "9", "ratelimit-reset": reset }, LIMIT],
    ["GitLab's, not reached", 200, { "ratelimit-remaining": "9", "ratelimit-reset": reset }, undefined],
    ["a limit without a time", 429, {}, undefined],
  ] as const)
    it(`says until when it refuses: ${what}`, () => {
      const date = until === undefined ? undefined : new Date(until * 1000);
      assert.deepEqual(limitedUntil({ status, headers, body: undefined }), date);
    });

  it("is reported by its status alone if it is not JSON", () => {
    assert.equal(refusal({ status: 502, headers: {}, body: undefined }), "502");
    assert.equal(refusal({ status: 502, headers: {}, body: "text" }), "502");
    assert.equal(refusal({ status: 400, headers: {}, body: { errors: [null, 1] } }), "400");
  });
});
