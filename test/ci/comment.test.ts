/**
 * Proves how plans become comments, against a server that holds pull requests and comments as the API of GitHub
 * does: one comment for each stack of the default branch, edited in place and only if it changes; nothing on a pull
 * request that has moved on or is another's; nothing of a plan's text is markup, whatever it has in it.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import fc from "fast-check";

import { body, committedStacks, marker, post, type Target } from "../../ci/comment";

interface Comment {
  id: number;
  body: string;
  user: { login: string };
}

const SHA = "a".repeat(40);
const NO_PLAN = "no plan of a stack of the default branch: nothing to post";
const BOT = { login: "github-actions[bot]" };

describe("plans as comments", () => {
  let comments: Comment[];
  let writes: string[];
  let dir: string;
  const pulls = [{ number: 7, head: { sha: SHA, label: "someone:branch" } }];

  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://server");
      const answer = (status: number, value: unknown): void => {
        response.writeHead(status).end(JSON.stringify(value));
      };
      if (request.headers.authorization !== "Bearer token") return answer(401, {});
      if (request.method !== "GET") writes.push(`${request.method} ${pathname}`);
      if (request.method === "GET" && pathname === "/repos/o/r/pulls")
        return answer(
          200,
          pulls.filter(({ head }) => head.label === searchParams.get("head")),
        );
      if (request.method === "GET" && pathname === "/repos/o/r/issues/7/comments") {
        const page = Number(searchParams.get("page"));
        return answer(200, comments.slice((page - 1) * 100, page * 100));
      }
      const sent = (await json(request)) as { body: string };
      if (request.method === "POST" && pathname === "/repos/o/r/issues/7/comments") {
        comments.push({ id: comments.length + 1, body: sent.body, user: BOT });
        return answer(201, {});
      }
      const own = comments.find(({ id }) => pathname === `/repos/o/r/issues/comments/${id}`);
      if (request.method !== "PATCH" || own === undefined) return answer(404, {});
      own.body = sent.body;
      answer(200, {});
    })();
  });

  before((done) => void server.listen(0, "127.0.0.1", done));
  after(() => server.close());
  beforeEach(() => {
    comments = [];
    writes = [];
    dir = mkdtempSync(join(tmpdir(), "plans-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const target = (head = { owner: "someone", branch: "branch", sha: SHA }): Target => ({
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repository: "o/r",
    token: "token",
    stacks: ["aks", "eks", "gke"],
    head,
  });
  const plan = (name: string, text: string): void => writeFileSync(join(dir, name), text);

  it("are posted, one for each stack, and edited in place", async () => {
    plan("gke.plan.txt", "+ 40 to create");
    plan("eks.plan.txt", "+ 50 to create");
    assert.deepEqual(await post(dir, target()), ["#7 eks: posted", "#7 gke: posted"]);
    assert.equal(comments.length, 2);

    plan("gke.preview.txt", "~ 1 to update");
    writes = [];
    assert.deepEqual(await post(dir, target()), ["#7 eks: edited", "#7 gke: edited"]);
    assert.deepEqual(writes, ["PATCH /repos/o/r/issues/comments/2"], "only what has changed");
    const [, gke] = comments;
    assert.ok(gke);
    assert.ok(
      gke.body.indexOf("~ 1 to update") < gke.body.indexOf("+ 40 to create"),
      "what is, before a plan",
    );
  });

  it("never take another's comment for theirs", async () => {
    plan("gke.plan.txt", "text");
    comments = [{ id: 1, body: `${marker("gke")} mine`, user: { login: "someone" } }];
    comments.push(...Array.from({ length: 150 }, (_, i) => ({ id: i + 2, body: "talk", user: BOT })));
    comments.push({ id: 152, body: `${marker("gke")} old`, user: BOT });
    await post(dir, target());
    assert.deepEqual(writes, ["PATCH /repos/o/r/issues/comments/152"]);
  });

  it("are not posted where the pull request has moved on, is another's, or nothing was planned", async () => {
    assert.deepEqual(await post(dir, target()), [NO_PLAN]);
    assert.deepEqual(await post(join(dir, "none"), target()), [NO_PLAN]);
    plan("gke.plan.txt", "text");
    const moved = { owner: "someone", branch: "branch", sha: "b".repeat(40) };
    const foreign = { owner: "other", branch: "branch", sha: SHA };
    for (const head of [moved, foreign])
      assert.match((await post(dir, target(head))).join(), /nothing to post/);
    assert.deepEqual(writes, []);
  });

  it("fail with what the server says", async () => {
    plan("gke.plan.txt", "text");
    await assert.rejects(post(dir, { ...target(), token: "old" }), /GET \/repos\/o\/r\/pulls.*: 401/);
  });

  it("are of stacks of the default branch, however many names a pull request makes up", async () => {
    for (let push = 0; push < 3; push++) {
      for (let i = 0; i < 30; i++) plan(`s${push}-${i}.plan.txt`, "x");
      for (const name of ["x y.plan.txt", "gke.plan.txt.exe", "<b>.plan.txt", "notes.txt"]) plan(name, "x");
      plan("gke.plan.txt", `push ${push}`);
      await post(dir, target());
    }
    assert.equal(comments.length, 1);
    assert.match(comments[0]?.body ?? "", /push 2/);
  });

  it("know the stacks of a tree by its files", () => {
    for (const name of ["Pulumi.yaml", "Pulumi.gke.yaml", "Pulumi.a.b.yaml", "Pulumi.eks.yml", "index.ts"])
      plan(name, "");
    assert.deepEqual(committedStacks(dir).sort(), ["a.b", "gke"]);
  });

  it("quote a text whole and as text, whatever it is, within GitHub's limit", () => {
    const odd = fc.stringMatching(/^[`~<>@\n a-z]{0,400}$/);
    fc.assert(
      fc.property(odd, odd, (plan, preview) => {
        const lines = body("gke", { plan, preview }, SHA).split("\n");
        for (const text of [plan.trim(), preview.trim()]) {
          const found = lines.findIndex((line, i) => {
            const fence = /^`{3,}$/.test(line) && lines.indexOf(line, i + 1);
            return typeof fence === "number" && lines.slice(i + 1, fence).join("\n") === text;
          });
          assert.notEqual(found, -1, "between a fence and the next of its length");
        }
      }),
    );
    const long = body("gke", { plan: `begin${"x".repeat(200_000)}end`, preview: "y".repeat(200_000) }, SHA);
    assert.ok(long.length < 65_536, `${long.length}`);
    assert.match(long, /begin[^]*characters left out[^]*end/);
  });
});
