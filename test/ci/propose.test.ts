/**
 * Proves how CI proposes a change, with real git and a stand-in of `gh`: a commit with the patch on a branch of its own,
 * which the next proposal overwrites, and one request for it; nothing if there is nothing to change; and that no other
 * branch is pushed to.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";

/** Notes its calls; a request that was opened stays open. */
const GH = `#!/bin/sh
echo "gh $*" >>"$CALLS"
case "$*" in
  "pr list"*) if [ -e "$CALLS.open" ]; then echo '[{"number":7}]'; else echo '[]'; fi ;;
  "pr create"*) touch "$CALLS.open"; echo https://github.com/o/r/pull/7 ;;
esac
`;

describe("a proposal of CI", () => {
  let dir: string;
  let remote: string;
  let work: string;
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      cwd: work,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "propose-"));
    remote = join(dir, "server", "o", "r.git");
    work = join(dir, "work");
    mkdirSync(join(dir, "bin"));
    writeFileSync(join(dir, "bin", "gh"), GH);
    chmodSync(join(dir, "bin", "gh"), 0o755);
    execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", remote]);
    execFileSync("git", ["-C", remote, "config", "receive.advertisePushOptions", "true"]);
    writeFileSync(
      join(remote, "hooks", "pre-receive"),
      `#!/bin/sh\nfor i in 0 1 2 3; do eval echo "\\$GIT_PUSH_OPTION_$i"; done >${join(dir, "options")}\n`,
    );
    chmodSync(join(remote, "hooks", "pre-receive"), 0o755);
    execFileSync("git", ["clone", "--quiet", remote, work], { stdio: "ignore" });
    writeFileSync(join(work, "Pulumi.gke.yaml"), "config: {}\n");
    git("checkout", "--quiet", "-b", "main");
    git("add", ".");
    git("commit", "--quiet", "--message", "first");
    git("push", "--quiet", "origin", "main");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** As a job does it: a clean checkout of the base, and a patch that another job made. */
  async function propose(text: string, env: Record<string, string> = {}) {
    git("checkout", "--quiet", "-f", "origin/main");
    writeFileSync(join(work, "Pulumi.gke.yaml"), text);
    writeFileSync(join(dir, "change.patch"), git("diff", "--binary").replace(/.$/, "$&\n"));
    git("checkout", "--quiet", "-f", "origin/main");
    return run(
      "node",
      [
        "-r",
        join(REPOSITORY, "boot/loader.js"),
        join(REPOSITORY, "ci/propose.ts"),
        join(dir, "change.patch"),
      ],
      {
        cwd: work,
        env: {
          PATH: `${join(dir, "bin")}:${process.env.PATH}`,
          HOME: dir,
          CALLS: join(dir, "calls"),
          BRANCH: "automation/image",
          TITLE: "Deploy another image",
          BASE: "main",
          ...env,
        },
      },
    );
  }
  const calls = (): string[] =>
    existsSync(join(dir, "calls")) ? readFileSync(join(dir, "calls"), "utf8").trim().split("\n") : [];
  const on = (branch: string): string => git("--git-dir", remote, "show", `${branch}:Pulumi.gke.yaml`);

  it("is a commit on a branch of its own, with a pull request", async () => {
    const { code, stdout, stderr } = await propose("config: { a: 1 }\n");
    assert.equal(code, 0, stderr);
    assert.equal(on("automation/image"), "config: { a: 1 }");
    assert.equal(on("main"), "config: {}");
    assert.equal(
      git("--git-dir", remote, "log", "--format=%an %s", "main..automation/image"),
      "github-actions[bot] Deploy another image",
    );
    assert.match(stdout, /https:\/\/github\.com\/o\/r\/pull\/7\nproposed on automation\/image/);
    assert.deepEqual(
      calls().map((call) => call.split(" ").slice(0, 7).join(" ")),
      ["gh pr list --head automation/image --base main", "gh pr create --head automation/image --base main"],
    );
  });

  it("overwrites the one before it, whose pull request stays", async () => {
    await propose("config: { a: 1 }\n");
    const { code, stderr } = await propose("config: { a: 2 }\n");
    assert.equal(code, 0, stderr);
    assert.equal(on("automation/image"), "config: { a: 2 }");
    assert.equal(git("--git-dir", remote, "rev-list", "--count", "main..automation/image"), "1");
    assert.equal(calls().filter((call) => call.startsWith("gh pr create")).length, 1);
  });

  it("is none if nothing changes", async () => {
    const { code, stdout } = await propose("config: {}\n");
    assert.equal(code, 0);
    assert.equal(stdout, "nothing to propose: the repository has it already\n");
    assert.deepEqual(calls(), []);
    assert.equal(git("ls-remote", "--heads", "origin").split("\n").length, 1);
  });

  for (const branch of ["main", "automation", "automation/", "automation/../main", "release/automation/x"])
    it(`is refused on the branch ${branch}`, async () => {
      const before = git("ls-remote", "origin");
      const { code, stderr } = await propose("config: { a: 1 }\n", { BRANCH: branch });
      assert.notEqual(code, 0);
      assert.match(stderr, /is no branch for proposals/);
      assert.equal(git("ls-remote", "origin"), before);
    });

  it("is a merge request on GitLab, by options of the push", async () => {
    const { code, stderr } = await propose("config: { a: 1 }\n", {
      GITLAB_CI: "true",
      CI_SERVER_HOST: "gitlab.example.com",
      CI_SERVER_URL: `file://${join(dir, "server")}`,
      CI_PROJECT_PATH: "o/r",
      CI_JOB_TOKEN: "token",
    });
    assert.equal(code, 0, stderr);
    assert.equal(on("automation/image"), "config: { a: 1 }");
    const options = readFileSync(join(dir, "options"), "utf8").trim().split("\n");
    assert.deepEqual(options.slice(0, 3), [
      "merge_request.create",
      "merge_request.target=main",
      "merge_request.title=Deploy another image",
    ]);
    assert.match(options[3] ?? "", /^merge_request\.description=Made by CI\. [^\n]+$/);
    assert.deepEqual(calls(), []);
  });
});
