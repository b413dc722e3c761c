/**
 * Proves how results reach a git remote, by real git on real repositories: only `ssh` is a stand-in, which records its
 * arguments and runs the requested command here. (Real SSH and the whole runner: test/engine/runner-push.test.ts.)
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { gitVariables, Repository } from "../../runner/src/git";
import { branchOf, layout, type Prompt, readPrompt, task, type Unit } from "../../runner/src/layout";
import { createLog } from "../../runner/src/log";
import { Metrics } from "../../runner/src/metrics";
import { processesWith } from "../../runner/src/processes";
import { Publisher } from "../../runner/src/push";

const TIMING = { timeout: 60_000, clone: 60_000, last: 60_000, retry: 0 };

describe("pushing results", () => {
  let root: string;
  let lines: string[];
  let metrics: Metrics;
  const path = (...parts: string[]): string => join(root, ...parts);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "runner-push-"));
    lines = [];
    metrics = new Metrics();
    for (const folder of ["bin", "prompts", "server", "it's"]) mkdirSync(path(folder));
    git(root, "init", "--quiet", "--bare", path("server", "results.git"));
    server("");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const env = (): NodeJS.ProcessEnv => ({ PATH: `${path("bin")}:/usr/local/bin:/usr/bin:/bin`, HOME: root });
  const git = (folder: string, ...args: string[]): string =>
    execFileSync("git", ["-C", folder, ...args], {
      encoding: "utf8",
      env: { ...env(), ...gitVariables({}) },
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  /** The stand-in for SSH and the server. @param first what it does before it runs git, such as to fail */
  const server = (first: string): void => {
    const script = [
      "#!/bin/bash",
      `printf '%s\\n' "$@" >> ${path("arguments")}`,
      first,
      `cd ${path("server")} && eval "exec \${@: -1:1}"`,
    ];
    writeFileSync(path("bin", "ssh"), script.join("\n"));
    chmodSync(path("bin", "ssh"), 0o755);
  };
  const publisher = (
    timing = TIMING,
    stop = new AbortController(),
    workspace = "workspace",
    allowCi = false,
  ): Publisher =>
    new Publisher(
      {
        settings: {
          gitRemote: "git@git.test:results.git",
          gitBranchPrefix: "ralph/",
          gitSsh: path("it's"),
          gitHost: undefined,
          gitSocket: undefined,
          gitAllowCi: allowCi,
          ...{ gitForge: undefined, gitApi: undefined, githubApp: undefined },
          ...{ sourceRepository: undefined, sourceRef: undefined, pullRequestBase: undefined },
          pullRequest: "none",
        },
        layout: { ...layout(root), workspace: path(workspace) },
        env: env(),
        metrics,
        log: createLog((line) => lines.push(line)),
        signal: stop.signal,
      },
      timing,
    );
  /** A unit with one more commit. */
  const unit = async (name: string, text: string, workspace = "workspace"): Promise<Unit> => {
    writeFileSync(path("prompts", name), text);
    const made = task(readPrompt(path("prompts", name)) as Prompt, {
      ...layout(root),
      workspace: path(workspace),
    });
    const repository = await Repository.open(made.work, env());
    writeFileSync(join(made.work, `result-${lines.length}-${workspace}`), text);
    await repository.commit("Completed after 1 iterations");
    return made;
  };
  const head = ({ work }: Unit): string => git(work, "rev-parse", "HEAD");
  const branches = (): Record<string, string> =>
    Object.fromEntries(
      git(path("server", "results.git"), "for-each-ref", "--format=%(refname) %(objectname)")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split(" ") as [string, string]),
    );
  const counts = async (): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split("\n")
      .filter((line) => line.startsWith("ralph_git_pushes_total"));
  const counted = (success: number, failure: number): string[] => [
    `ralph_git_pushes_total{outcome="success"} ${success}`,
    `ralph_git_pushes_total{outcome="failure"} ${failure}`,
  ];

  it("creates a branch for the prompt's name and content, with the mounted key only, on a known server", async () => {
    const made = await unit("task.md", "Say hello.");
    assert.equal(await publisher().push(made), true);
    assert.deepEqual(branches(), { [`refs/heads/ralph/task-${made.prompt.hash.slice(0, 8)}`]: head(made) });
    const lists = readFileSync(path("arguments"), "utf8").trim().split("\n");
    assert.deepEqual(lists.slice(lists.lastIndexOf("-F")), [
      "-F",
      "/dev/null",
      "-i",
      path("it's", "ssh-privatekey"),
      ...[
        "BatchMode=yes",
        "IdentitiesOnly=yes",
        "StrictHostKeyChecking=yes",
        `UserKnownHostsFile=${path("it's", "known_hosts")}`,
        "GlobalKnownHostsFile=/dev/null",
        "ConnectTimeout=15",
        "ServerAliveInterval=10",
        "ServerAliveCountMax=3",
      ].flatMap((option) => ["-o", option]),
      "git@git.test",
      "git-receive-pack 'results.git'",
    ]);
    assert.deepEqual(await counts(), counted(1, 0));
  });

  it("adds to its own branch, and gives an edited prompt another one, with its history", async () => {
    const first = await unit("task.md", "Say hello.");
    await publisher().push(first);
    const more = await unit("task.md", "Say hello.");
    await publisher().push(more);
    const edited = await unit("task.md", "Say goodbye.");
    await publisher().push(edited);
    assert.deepEqual(branches(), {
      [`refs/heads/ralph/${branchOf(more.prompt)}`]: git(more.work, "rev-parse", "HEAD~"),
      [`refs/heads/ralph/${branchOf(edited.prompt)}`]: head(edited),
    });
    assert.equal(git(edited.work, "rev-list", "--count", "HEAD"), "3");
  });

  it("never overwrites a history that is not its own, but uses another branch", async () => {
    const mine = await unit("task.md", "Say hello.");
    await publisher().push(mine);
    const other = await unit("task.md", "Say hello.", "elsewhere");
    for (const more of [false, true]) {
      if (more) await unit("task.md", "Say hello.", "elsewhere");
      assert.equal(await publisher(TIMING, undefined, "elsewhere").push(other), true);
    }
    const branch = `refs/heads/ralph/${branchOf(mine.prompt)}`;
    const root8 = git(other.work, "rev-list", "--max-parents=0", "HEAD").slice(0, 8);
    assert.deepEqual(branches(), { [branch]: head(mine), [`${branch}-${root8}`]: head(other) });
  });

  it("fails with one line, and is retried with the next unit's push, also by another pod", async () => {
    const refused = await unit("task.md", "Say hello.");
    server('echo "git@git.test: Permission denied (publickey)." >&2; exit 255');
    assert.equal(await publisher().push(refused), false);
    assert.deepEqual(branches(), {});
    assert.match(
      lines.join("\n"),
      /^time=\S+ msg="push failed and will be retried" branch=ralph\/task-\w{8} error="git@git\.test: Permission denied \(publickey\)\."$/,
    );
    server("");
    const next = await unit("next.md", "And now this.");
    assert.equal(await publisher().push(next), true);
    assert.deepEqual(branches(), {
      [`refs/heads/ralph/${branchOf(next.prompt)}`]: head(next),
      [`refs/heads/ralph/${branchOf(refused.prompt)}`]: head(refused),
    });
    assert.deepEqual(await counts(), counted(2, 1));
    rmSync(path("arguments"));
    await publisher().retry(); // nothing waits any more
    assert.equal(existsSync(path("arguments")), false);
  });

  it("is retried without another unit, by a pod that has the right key for example, but not in every pass", async () => {
    const refused = await unit("task.md", "Say hello.");
    server("exit 255");
    await publisher().push(refused);
    server("");
    const pod = publisher({ ...TIMING, retry: 1e9 });
    await pod.retry();
    assert.deepEqual(Object.values(branches()), [head(refused)]);
    server("exit 255");
    await pod.push(await unit("task.md", "Say hello."));
    server("");
    await pod.retry();
    assert.deepEqual(await counts(), counted(1, 2));
  });

  it("reports a rejection by a server's hook, and then tries no second name", async () => {
    const hook = path("server", "results.git", "hooks", "pre-receive");
    mkdirSync(path("server", "results.git", "hooks"), { recursive: true });
    writeFileSync(hook, "#!/bin/sh\nexit 1\n");
    chmodSync(hook, 0o755);
    await publisher().push(await unit("task.md", "Say hello."));
    assert.match(lines.join("\n"), /error="\[remote rejected\] \(pre-receive hook declined\)"$/);
    assert.equal(readFileSync(path("arguments"), "utf8").split("git-receive-pack").length, 2);
  });

  it("leaves CI definitions out of every commit, unless they are allowed", async () => {
    const made = await unit("task.md", "Build it.");
    const write = async (file: string, text: string): Promise<void> => {
      mkdirSync(dirname(join(made.work, file)), { recursive: true });
      writeFileSync(join(made.work, file), text);
      await (await Repository.open(made.work, env())).commit(file);
    };
    const pushed = (): [files: string[], commits: string[]] => {
      const server = path("server", "results.git");
      const branch = `ralph/${branchOf(made.prompt)}`;
      return [
        git(server, "ls-tree", "-r", "--name-only", branch).split("\n"),
        git(server, "log", "--format=%s", branch).split("\n"),
      ];
    };
    for (const file of [".github/workflows/run.yml", "sub/.gitlab-ci.yml", ".GitLab-CI.yml", "src/app.js"])
      await write(file, "on: push");
    assert.equal(await publisher().push(made), true);
    assert.equal(await publisher().push(made), true); // nothing new
    const commits = ["src/app.js", "sub/.gitlab-ci.yml", "Completed after 1 iterations"];
    assert.deepEqual(pushed(), [["result-0-workspace", "src/app.js", "sub/.gitlab-ci.yml"], commits]);
    rmSync(join(made.work, ".github"), { recursive: true });
    await write("more", "");
    assert.equal(await publisher().push(made), true);
    assert.deepEqual(pushed()[1], ["more", ...commits]); // the same commits again
    assert.ok(pushed()[0].includes("more"));
    assert.match(lines.join("\n"), /msg="CI definitions are not pushed" branch=ralph\/task-/);
    assert.equal(git(made.work, "show", "HEAD~1:.github/workflows/run.yml"), "on: push"); // kept in the workspace

    const allowed = await unit("other.md", "Set up the pipeline.");
    mkdirSync(join(allowed.work, ".github", "workflows"), { recursive: true });
    writeFileSync(join(allowed.work, ".github", "workflows", "run.yml"), "on: push");
    await (await Repository.open(allowed.work, env())).commit("A workflow");
    assert.equal(await publisher(TIMING, undefined, "workspace", true).push(allowed), true);
    assert.deepEqual(branches()[`refs/heads/ralph/${branchOf(allowed.prompt)}`], head(allowed));
  });

  it("survives records that an agent wrote", async () => {
    mkdirSync(path("workspace", ".runner", "unpushed"), { recursive: true });
    for (const [name, text] of [
      ["null", "null"],
      ["list", "[]"],
      ["outside", JSON.stringify({ work: "/etc", branch: "outside" })],
      ["other", JSON.stringify({ work: path("workspace", "x"), branch: "main" })],
    ] as const)
      writeFileSync(path("workspace", ".runner", "unpushed", name), text);
    await publisher().retry();
    assert.deepEqual(await counts(), counted(0, 0));
    assert.equal(existsSync(path("arguments")), false);
  });

  it("is not blocked by a hook of the agent's", async () => {
    const made = await unit("task.md", "Say hello.");
    mkdirSync(join(made.work, ".git", "hooks"));
    writeFileSync(join(made.work, ".git", "hooks", "pre-push"), "#!/bin/sh\nexit 1\n");
    chmodSync(join(made.work, ".git", "hooks", "pre-push"), 0o755);
    assert.equal(await publisher().push(made), true);
  });

  it("has nothing to push if nothing was committed, or the folder was deleted", async () => {
    const empty = task({ file: "task.md", hash: "0123456789abcdef" }, layout(root));
    assert.equal(await publisher().push(empty), true);
    await Repository.open(empty.work, env());
    assert.equal(await publisher().push(empty), true);
    assert.equal(existsSync(path("arguments")), false);
    assert.deepEqual(await counts(), counted(0, 0));
  });

  for (const [when, timing] of [
    ["takes too long", { ...TIMING, timeout: 300 }],
    ["goes on when the pod is to stop", { ...TIMING, last: 300 }],
  ] as const) {
    it(`is ended if it ${when}, with all its child processes`, async () => {
      const stop = new AbortController();
      server(`[ -e ${path("hanging")} ] || touch ${path("hanging")}; sleep 600`);
      const pushed = publisher(timing, stop).push(await unit("task.md", "Say hello."));
      if (timing.last === 300) {
        while (!existsSync(path("hanging"))) await new Promise((resolve) => setTimeout(resolve, 20));
        stop.abort();
      }
      assert.equal(await pushed, false);
      assert.deepEqual(processesWith(`PATH=${env().PATH}`), []);
      assert.deepEqual(await counts(), counted(0, 1));
      assert.match(lines.join("\n"), /error="timed out"$/);
    });
  }

  for (const [file, branch] of [
    ["task.md", "task"],
    ["a..b.md", "a.b"],
    [".hidden.md", "_hidden"],
    ["x.lock.md", "x.lock"],
    ["a b~^:?*[@{.md", "a_b________"],
  ] as const) {
    it(`has a branch that git accepts for ${file}`, () => {
      const name = branchOf({ file, hash: "0123456789abcdef" });
      assert.equal(name, `${branch}-01234567`);
      git(root, "check-ref-format", `refs/heads/ralph/${name}`);
    });
  }
});
