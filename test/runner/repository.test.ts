/** Proves, by real git, what of a workspace is committed and copied, whatever an agent has created in it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { gitVariables, Repository } from "../../runner/src/git";

describe("the repository of a run", () => {
  let root: string;
  let work: string;
  let repository: Repository;
  const git = (folder: string, ...args: string[]): string =>
    execFileSync("git", ["-C", folder, ...args], {
      encoding: "utf8",
      env: { ...process.env, ...gitVariables({}) },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const write = (path: string, text = path): void => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  };
  const committed = (): string[] =>
    git(work, "ls-tree", "-r", "--name-only", "HEAD").trim().split("\n").sort();
  const copied = async (): Promise<string[]> => {
    const folder = join(root, "output");
    await repository.copyTo(folder);
    return (readdirSync(folder, { recursive: true }) as string[])
      .filter((path) => !lstatSync(join(folder, path)).isDirectory())
      .sort();
  };

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "runner-repository-"));
    work = join(root, "work");
    repository = await Repository.open(work, process.env);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("contains everything except Ralph's own files and what .gitignore excludes, once", async () => {
    for (const path of ["a b", "deep/ü.txt", ".ralph/agent/scratchpad.md", "built/app.js", ".hidden"])
      write(path);
    write(".gitignore", "built/\n");
    const expected = [".gitignore", ".hidden", "a b", "deep/ü.txt"];
    assert.deepEqual(await repository.commit("first"), { committed: true, skipped: [] });
    assert.deepEqual(await repository.commit("again"), { committed: false, skipped: [] });
    assert.deepEqual(git(work, "-c", "core.quotePath=false", "ls-files").trim().split("\n").sort(), expected);
    assert.deepEqual(await copied(), expected);
  });

  it("does not commit nested repositories, but reports them, and copies their files", async () => {
    write("result.txt");
    write("clone/edited.txt", "old");
    git(join(work, "clone"), "init", "--quiet");
    git(join(work, "clone"), "add", "--all");
    git(join(work, "clone"), "commit", "--quiet", "--message=theirs");
    write("clone/edited.txt", "new");
    write("deep/unborn/file.txt"); // without a commit `git add` refuses it
    git(join(work, "deep", "unborn"), "init", "--quiet");

    assert.equal((await repository.commit("ours")).committed, true);
    assert.deepEqual(committed(), ["result.txt"]);
    assert.deepEqual((await repository.nested()).sort(), ["clone", "deep/unborn"]);
    const files = (await copied()).filter((path) => !/\.git\/./.test(path));
    assert.deepEqual(files, ["clone/edited.txt", "deep/unborn/file.txt", "result.txt"]);
    assert.equal(git(join(root, "output", "clone"), "log", "--format=%s").trim(), "theirs");
    assert.equal(readFileSync(join(root, "output", "clone", "edited.txt"), "utf8"), "new");
  });

  it("is committed regardless of an agent's hooks, and after a git process was killed", async () => {
    write("result.txt");
    for (const hook of ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"]) {
      write(`.git/hooks/${hook}`, "#!/bin/sh\nexit 1\n");
      chmodSync(join(work, ".git", "hooks", hook), 0o755);
    }
    write(".git/index.lock");
    await assert.rejects(repository.commit("locked"), /index\.lock/);
    repository.unlock();
    assert.equal((await repository.commit("ours")).committed, true);
  });

  it("runs no program that a repository names, has no key, and reads no configuration of a user", async () => {
    const ran = join(root, "ran");
    const program = join(root, "program");
    writeFileSync(program, `#!/bin/bash\n{ echo "$@"; env; } >>${ran}; cat\n`);
    chmodSync(program, 0o755);
    const configuration = [
      `[core]\n\tfsmonitor = ${program}\n\thooksPath = ${root}\n\tworktree = /\n\tsshCommand = ${program}`,
      `[filter "x y"]\n\tclean = ${program} clean\n\tprocess = ${program} process\n\trequired = true`,
      `[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = ${program}`,
      `[diff]\n\texternal = ${program}`,
    ].join("\n");
    writeFileSync(join(root, ".gitconfig"), configuration);
    for (const hook of ["pre-commit", "post-index-change", "reference-transaction"])
      symlinkSync(program, join(root, hook));
    write("clone/file", "old");
    git(join(work, "clone"), "init", "--quiet");
    for (const repository of [".git", "clone/.git"])
      write(`${repository}/config`, `[core]\n\trepositoryformatversion = 0\n${configuration}\n`);
    write(".gitattributes", '* filter="x y"\n* filter=x\\ y\n');
    write("result.txt", "unchanged");

    const own = await Repository.open(work, { ...process.env, HOME: root, CLAUDE_API_KEY: "sk-ant-canary" });
    assert.equal((await own.commit("ours")).committed, true);
    await own.copyTo(join(root, "output"));
    assert.equal(existsSync(ran) ? readFileSync(ran, "utf8") : "", "");
    assert.deepEqual(
      execFileSync("git", ["ls-tree", "-r", "--name-only", "HEAD"], {
        encoding: "utf8",
        cwd: work,
        env: { PATH: process.env.PATH, GIT_DIR: join(work, ".git"), GIT_WORK_TREE: work },
      })
        .trim()
        .split("\n"),
      [".gitattributes", "result.txt"],
    );
  });

  it("is copied as it is now, over an earlier copy: links as links, and no deleted files", async () => {
    write("gone.txt");
    write("kept.txt", "one");
    write("becomes/file.txt");
    symlinkSync("/etc/passwd", join(work, "link"));
    await repository.commit("first");
    assert.equal((await copied()).length, 4);
    rmSync(join(work, "gone.txt"));
    rmSync(join(root, "output", "gone.txt"));
    rmSync(join(work, "becomes"), { recursive: true });
    rmSync(join(root, "output", "becomes"), { recursive: true });
    write("becomes", "a file");
    write("kept.txt", "two");
    assert.deepEqual(await copied(), ["becomes", "kept.txt", "link"]);
    assert.equal(readFileSync(join(root, "output", "kept.txt"), "utf8"), "two");
    assert.ok(lstatSync(join(root, "output", "link")).isSymbolicLink());
  });

  it("may have more files than the usual limit of git's output", async () => {
    for (let i = 0; i < 6000; i++) write(`${"x".repeat(200)}-${i}`, "");
    assert.equal((await repository.commit("many")).committed, true);
    assert.equal((await repository.commit("again")).committed, false);
  });
});
