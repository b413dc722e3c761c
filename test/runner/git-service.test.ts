/**
 * Proves what an agent can do through the socket of the pod's container `git`, by real git over HTTPS with a token: read
 * the repository, and push to branches with the prefix, without CI definitions; and that no answer shows the token.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { deflateSync } from "node:zlib";

import { serveGit } from "../../runner/src/git-container";
import { layout } from "../../runner/src/layout";
import { createLog, redactor } from "../../runner/src/log";
import { Metrics } from "../../runner/src/metrics";
import { Publisher } from "../../runner/src/push";
import { parseSettings, type Settings } from "../../runner/src/settings";
import { GitHost } from "../support/git-host";

const TIMING = { timeout: 60_000, clone: 60_000, last: 60_000, retry: 0 };
const BRANCH = "ralph/task-12345678";
const EVIL = ".github/workflows/evil.yml";

describe("the pod's container git", () => {
  let root: string;
  let host: GitHost;
  let stop: AbortController;
  let service: Promise<void>;
  let log: string[];
  let base: string;
  const path = (...parts: string[]): string => join(root, ...parts);

  before(async () => {
    root = mkdtempSync(join(tmpdir(), "runner-service-"));
    host = await GitHost.start();
    base = host.commit("main", { "README.md": "one\n", ".github/workflows/ci.yml": "on: push" });
    host.credentials(path("git"));
    stop = new AbortController();
    log = [];
    const secrets: string[] = [];
    service = serveGit(
      { ...settings(), gitSsh: path("git") },
      {
        ...{
          layout: { ...layout(root), workspace: path("own") },
          env: { PATH: process.env.PATH },
          signal: stop.signal,
        },
        log: createLog((line) => log.push(line)),
        hide: (secret) => void secrets.push(secret),
        redact: redactor(secrets),
      },
    );
    mkdirSync(path("workspace"));
  });
  after(async () => {
    stop.abort();
    await service;
    await host.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const settings = (): Settings =>
    parseSettings([], {
      RALPH_SOURCE_REPOSITORY: host.address,
      RALPH_GIT_SSH: path("none"),
      RALPH_GIT_SOCKET: path("socket"),
      RALPH_GIT_FORGE: "github",
      RALPH_PULL_REQUEST: "ready",
    }) as Settings;
  const publisher = (): Publisher =>
    new Publisher(
      {
        ...{ settings: settings(), layout: { ...layout(root), workspace: path("workspace") } },
        ...{ env: { PATH: process.env.PATH }, metrics: new Metrics(), signal: new AbortController().signal },
        log: () => undefined,
      },
      TIMING,
    );
  /** What an agent can send. */
  const send = async (
    url: string,
    content: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number | undefined; body: string }> => {
    const answer = await new Promise<Parameters<NonNullable<Parameters<typeof request>[2]>>[0]>(
      (resolve, reject) =>
        request({ socketPath: path("socket"), path: url, method: "POST", headers }, resolve)
          .on("error", reject)
          .end(content),
    );
    return { status: answer.statusCode, body: await text(answer) };
  };
  const agent = (folder: string, ...args: string[]): string =>
    execFileSync("git", ["-C", folder, "-c", "user.name=A", "-c", "user.email=a@localhost", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  /** A clone with one more commit. */
  const work = (name: string, files: Readonly<Record<string, string>>): string => {
    const folder = path("workspace", name);
    execFileSync("git", ["clone", "--quiet", host.repository, folder]);
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    agent(folder, "add", "--all");
    agent(folder, "commit", "--quiet", "-m", "own");
    return folder;
  };
  const evil = (): string => host.git("log", "--all", "--format=%H", "--", EVIL);

  const head = [{ name: "HEAD", commit: "0123456789012345678901234567890123456789" }];
  const HOSTILE: [what: string, url: string, content: unknown, reason: RegExp][] = [
    ["the base", "/publish", { branch: "main", heads: head }, /only branches with the prefix ralph\//],
    ["a branch beside the prefix", "/publish", { branch: "ralph/../main", heads: head }, /only branches/],
    ["a refspec", "/publish", { branch: "ralph/x:refs/heads/main", heads: head }, /only branches/],
    ["another commit's name", "/publish", { branch: BRANCH, heads: [{ commit: "+main" }] }, /no commits/],
    ["nothing", "/publish", { branch: BRANCH, heads: [] }, /no commit to push/],
    ["a flag as a commit", "/pack", { want: ["--all"], have: [] }, /no commits/],
    ["a branch that is a flag", "/fetch", { branch: "--upload-pack=x" }, /only branches/],
    ["something else", "/token", {}, /no such request/],
    ["no JSON", "/publish", "{", /JSON/],
  ];
  for (const [what, url, content, reason] of HOSTILE) {
    it(`refuses ${what}`, async () => {
      const { status, body } = await send(
        url,
        typeof content === "string" ? content : JSON.stringify(content),
      );
      assert.deepEqual([status, reason.test(body)], [400, true], body);
      assert.deepEqual(
        host.branches().filter((name) => name === "main" && host.git("rev-parse", name) !== base),
        [],
      );
    });
  }

  it("refuses a pack that is not whole, and keeps nothing of it", async () => {
    const folder = work("half", { "new.txt": "new" });
    const commit = agent(folder, "rev-parse", "HEAD");
    const pack = execFileSync("git", ["-C", folder, "pack-objects", "--stdout"], { input: `${commit}\n` });
    assert.equal((await send("/objects", pack, { "x-commits": commit })).status, 400);
    assert.equal((await send("/objects", "PACKnonsense", { "x-commits": commit })).status, 400);
    assert.ok(!(await send("/known", "{}")).body.includes(commit));
    assert.equal(
      (await send("/publish", JSON.stringify({ branch: BRANCH, heads: [{ commit }] }))).status,
      400,
    );
  });

  it("leaves CI definitions out of every push", async () => {
    const folder = work("asks", { [EVIL]: "on: push", "good.txt": "good" });
    const commit = agent(folder, "rev-parse", "HEAD");
    const pack = execFileSync("git", ["-C", folder, "pack-objects", "--stdout", "--revs"], {
      input: `${commit}\n`,
    });
    assert.equal((await send("/objects", pack, { "x-commits": commit })).status, 200);
    const { body } = await send("/publish", JSON.stringify({ branch: BRANCH, heads: [{ commit }] }));
    assert.match(body, /CI definitions are not pushed/);
    assert.equal(host.git("show", `${BRANCH}:good.txt`), "good");
    assert.equal(evil(), "");
  });

  it("is not deceived by an object with the content of another", async () => {
    const folder = work("deceives", { [EVIL]: "on: push", "more.txt": "more" });
    // The base as the agent would like it: then its commit changes no CI definition.
    const tree = (commit: string): string => agent(folder, "rev-parse", `${commit}^{tree}`);
    const content = execFileSync("git", ["-C", folder, "cat-file", "tree", tree("HEAD")]);
    const id = tree(base);
    const file = join(folder, ".git", "objects", id.slice(0, 2), id.slice(2));
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    writeFileSync(file, deflateSync(Buffer.concat([Buffer.from(`tree ${content.length}\0`), content])));
    const { server } = publisher();
    assert.ok(server !== undefined);
    // Its pack has no workflow, since the base seems to have it: the commit is not whole.
    await assert.rejects(server.publish(folder, "ralph/deceived-12345678"), /missing blob/);
    assert.equal(evil(), "");
  });

  it("shows the token nowhere", async () => {
    host.tokens.clear();
    const { status, body } = await send("/fetch", JSON.stringify({ branch: BRANCH }));
    assert.deepEqual(
      [status, body],
      [400, "the server refuses the token: it is missing, wrong or has expired"],
    );
    assert.ok(!log.join("\n").includes("canary"));
  });
});
