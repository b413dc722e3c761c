/**
 * Proves the way from a prompt to a pull request on a repository, by real git over HTTPS with a token, with a script
 * instead of Ralph and stand-ins of the servers' APIs: and what happens if it is interrupted at any stage.
 */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ChosenAgent } from "../../runner/src/agents";
import { Availability } from "../../runner/src/availability";
import { Claims } from "../../runner/src/claims";
import { type Environment, execute } from "../../runner/src/execute";
import { branchOf, layout, type Layout, readPrompt, task, type Unit } from "../../runner/src/layout";
import { serveGit } from "../../runner/src/git-container";
import { Ledger } from "../../runner/src/ledger";
import { createLog, redactor } from "../../runner/src/log";
import { Metrics } from "../../runner/src/metrics";
import { Publisher, repositoryKey } from "../../runner/src/push";
import { parseSettings, type Settings } from "../../runner/src/settings";
import { Source, SourceError } from "../../runner/src/source";
import type { State } from "../../runner/src/state";
import { Telemetry } from "../../runner/src/telemetry";
import { GitHost } from "../support/git-host";

const TIMING = { timeout: 60_000, clone: 60_000, last: 60_000, retry: 0 };
const ITERATED = `mkdir -p .ralph/api; echo '{"iteration":1}' > .ralph/api/loop-state.json`;

describe("work on a repository", () => {
  let root: string;
  let host: GitHost;
  let lines: string[];
  /** What the containers `git` log. */
  let served: string[];
  let stop: AbortController;
  let services: Promise<void>[];
  let hidden: string[];
  let metrics: Metrics;
  const path = (...parts: string[]): string => join(root, ...parts);

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "runner-source-"));
    lines = [];
    hidden = [];
    served = [];
    services = [];
    stop = new AbortController();
    metrics = new Metrics();
    for (const folder of ["prompts", "workspace"]) mkdirSync(path(folder));
    host = await GitHost.start();
    host.commit("main", {
      "README.md": "one\ntwo\nthree\n",
      "app/code.js": "1",
      ".github/workflows/ci.yml": "on: push",
    });
    host.credentials(path("git"));
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(services);
    await host.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** The settings of both containers; only one has the credentials. */
  const settingsOf = (variables: NodeJS.ProcessEnv): Settings => {
    const settings = parseSettings([], {
      RALPH_SOURCE_REPOSITORY: host.address,
      RALPH_GIT_SSH: path("none"),
      RALPH_GIT_SOCKET: path(`socket-${services.length}`),
      RALPH_GIT_FORGE: "github",
      RALPH_PULL_REQUEST: "ready",
      ...variables,
    }) as Settings;
    assert.ok("agent" in settings, JSON.stringify(settings));
    return settings;
  };
  const serve = (settings: Settings): void =>
    void services.push(
      serveGit(
        { ...settings, gitSsh: path("git") },
        {
          layout: { ...layout(root), workspace: path(`git-${services.length}`) },
          env: { PATH: process.env.PATH },
          log: createLog((line) => served.push(line)),
          signal: stop.signal,
          hide: (secret) => void hidden.push(secret),
          redact: (text) => redactor(hidden)(text),
        },
        TIMING,
      ),
    );
  /** A pod with its container `git`, by default with a volume of its own, as a task's. */
  const pod = (script: string, variables: NodeJS.ProcessEnv = {}, workspace = "workspace") => {
    const settings = settingsOf(variables);
    serve(settings);
    const ralph = path("ralph");
    writeFileSync(ralph, `#!/bin/bash\n${script}\n${ITERATED}\n`);
    chmodSync(ralph, 0o755);
    const places: Layout = {
      ...layout(root),
      workspace: path(workspace),
      source: repositoryKey(settings.sourceRepository ?? ""),
    };
    const log = createLog((line) => lines.push(line));
    const signal = new AbortController().signal;
    const env = { PATH: process.env.PATH, HOME: root };
    const publisher = new Publisher({ settings, layout: places, env, metrics, log, signal }, TIMING);
    const source =
      publisher.server === undefined || publisher.session === undefined
        ? undefined
        : new Source(publisher.server, publisher.session, settings.gitBranchPrefix, env, log);
    const agent: ChosenAgent = { name: "smoke", backend: "custom", program: "/bin/true", env };
    const ledger = new Ledger(path("workspace", ".runner", "spent"), "pod", undefined);
    const environment: Environment = {
      ...{
        settings,
        layout: places,
        ralph,
        wrapper: "/bin/true",
        env,
        metrics,
        publisher,
        source,
        log,
        signal,
      },
      ledger,
      availability: new Availability(agent, metrics, log, ledger, undefined),
      telemetry: new Telemetry(settings, {}, env, log),
      echo: (line) => void lines.push(line),
    };
    const prompt = readPrompt(path("prompts", "task.md")) ?? assert.fail();
    const unit = task(prompt, places);
    const run = async (): Promise<State> => {
      const claim = new Claims("pod").take(unit.state) ?? assert.fail("claimed");
      try {
        const state = await execute(unit, prompt.content, claim, agent, environment);
        return state ?? assert.fail("lost");
      } finally {
        claim.release();
      }
    };
    const push = (state: State): Promise<boolean> =>
      publisher.push(unit, { name: unit.name, prompt: prompt.content, agent: "smoke", state });
    return { unit, publisher, run, push, work: async () => push(await run()) };
  };
  const prompt = (text = "# Fix it\n\nFix the code."): void =>
    writeFileSync(path("prompts", "task.md"), text);
  const branch = ({ prompt: id }: Unit): string => `ralph/${branchOf(id)}`;
  const files = (name: string): string[] => host.git("ls-tree", "-r", "--name-only", name).split("\n");
  const subjects = (range: string): string[] => host.git("log", "--format=%s", range).split("\n");

  it("clones, branches from the default branch, pushes that branch and opens a pull request", async () => {
    prompt();
    const { unit, work } = pod("cat README.md; echo 2 > app/code.js");
    assert.equal(await work(), true, lines.join("\n"));
    const name = branch(unit);
    assert.deepEqual(files(name), [".github/workflows/ci.yml", "README.md", "app/code.js"]);
    assert.deepEqual(subjects(`main..${name}`), ["Completed after 1 iterations"]);
    assert.ok(lines.includes("two"), "the repository's files were there");
    const [request, ...others] = host.forges.requests;
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...request, body: "" },
      {
        ...{
          number: 1,
          head: name,
          base: "main",
          title: "Ralph: Fix it",
          draft: false,
          state: "open",
          body: "",
        },
      },
    );
    const { body = "" } = request ?? {};
    for (const part of [
      "| Outcome | completed |",
      "| Iterations | 1 in 1 run |",
      "Completed after 1 iterations",
      "Fix the code.",
    ])
      assert.ok(body.includes(part), body);
    assert.match(
      lines.join("\n"),
      /msg="pull request opened" url=https:\/\/github\.test\/owner\/name\/pull\/1/,
    );
    // The token is hidden, and nowhere in the agent's reach but in the mounted file.
    assert.ok(hidden.includes("github_pat_canary0123456789"));
    assert.equal(
      existsSync(join(unit.work, ".git", "config")) &&
        readFileSync(join(unit.work, ".git", "config"), "utf8").includes("canary"),
      false,
    );
  });

  it("updates the same branch and request, from the volume or without it, and keeps what people wrote", async () => {
    prompt();
    const first = pod("echo 2 > app/code.js");
    await first.work();
    const [request] = host.forges.requests;
    assert.ok(request !== undefined);
    request.body = `Please review.\n\n${request.body}\n\nThanks.`;
    assert.equal(await pod("echo more > more").work(), true);
    assert.equal(await pod("cat more; echo other > other", {}, "elsewhere").work(), true, lines.join("\n"));
    assert.deepEqual(host.branches(), ["main", branch(first.unit)]);
    assert.deepEqual(
      files(branch(first.unit)).filter((file) => !file.includes("/")),
      ["README.md", "more", "other"],
    );
    assert.equal(host.forges.requests.length, 1);
    assert.match(
      request.body,
      /^Please review\.\n\n<!-- [^]*Completed after 1 iterations[^]* -->\n\nThanks\.$/,
    );
    assert.equal(subjects(`main..${branch(first.unit)}`).length, 3);
  });

  it("merges a base that has moved, and reports one that conflicts", async () => {
    prompt();
    const { unit, work } = pod("echo mine >> README.md");
    await work();
    host.commit("main", { "app/code.js": "2" });
    assert.equal(await pod("cat app/code.js; echo more > more").work(), true);
    assert.ok(lines.includes("2"), "the agent saw the new base");
    assert.equal(host.git("rev-list", "--count", `${branch(unit)}..main`), "0");
    host.commit("main", { "README.md": "one\ntwo\nthree\ntheirs\n" });
    assert.equal(await pod("echo last > last").work(), true);
    assert.match(lines.join("\n"), /msg="what the server has conflicts, and is not merged" files=README\.md/);
    assert.match(host.forges.requests[0]?.body ?? "", /The base has moved and conflicts[^]*`README\.md`/);
    assert.ok(files(branch(unit)).includes("last"));
  });

  it("merges what a person has added to the branch meanwhile, and uses another branch if that conflicts", async () => {
    prompt();
    const one = pod("echo mine > mine");
    const state = await one.run();
    await one.push(state);
    host.commit(branch(one.unit), { review: "please" });
    const again = pod("echo more > mine");
    const second = await again.run();
    host.commit(branch(one.unit), { review: "now" });
    assert.equal(await again.push(second), true, lines.join("\n"));
    assert.deepEqual(
      [host.git("show", `${branch(one.unit)}:review`), host.git("show", `${branch(one.unit)}:mine`)],
      ["now", "more"],
    );
    const last = pod("echo last > mine");
    const third = await last.run();
    const theirs = host.commit(branch(one.unit), { mine: "theirs" });
    assert.equal(await last.push(third), true);
    assert.equal(host.git("rev-parse", branch(one.unit)), theirs, "never by force");
    const [, , other = ""] = host.branches();
    assert.match(other, new RegExp(`^${branch(one.unit)}-[0-9a-f]{8}$`));
    assert.equal(host.git("show", `${other}:mine`), "last");
  });

  it("starts from a tag or a folder, after its setup command", async () => {
    prompt();
    host.git("tag", "v1", "main");
    host.commit("main", { new: "" });
    const { unit, work } = pod("pwd; cat prepared; ls ..", {
      ...{ RALPH_SOURCE_REF: "v1", RALPH_SOURCE_DIRECTORY: "app", RALPH_PULL_REQUEST_BASE: "main" },
      RALPH_SOURCE_SETUP: "echo $HOME > $HOME/made; echo ok > prepared; cat $HOME/made",
    });
    assert.equal(await work(), true);
    assert.ok(lines.includes(join(unit.work, "app")) && lines.includes("ok") && lines.includes(unit.home));
    assert.ok(!lines.includes("new"));
    assert.deepEqual(files(branch(unit)), [
      ".github/workflows/ci.yml",
      "README.md",
      "app/code.js",
      "app/prepared",
    ]);
  });

  it("ends with the outcome `setup` if that command fails, without running Ralph", async () => {
    prompt();
    const { run } = pod(`touch ${path("ran")}`, { RALPH_SOURCE_SETUP: "echo no such package >&2; exit 3" });
    const state = await run();
    assert.deepEqual([state.outcome, state.failures], ["setup", 1]);
    assert.equal(existsSync(path("ran")), false);
    assert.match(lines.join("\n"), /msg="the setup command exited with 3: no such package" prompt=task/);
  });

  it("drops an agent's changes to CI definitions only, commit by commit, and keeps the repository's own", async () => {
    prompt();
    const commit = "git add --all && git commit --quiet -m";
    const script = [
      `echo evil > .github/workflows/ci.yml; echo a > a; ${commit} both`,
      `echo evil > .github/workflows/more.yml; ${commit} "CI only"`,
      `mkdir -p app/.ralph; echo x > app/.ralph/x; git add --force app/.ralph; echo b > b; ${commit} last`,
    ].join("\n");
    const { unit, work } = pod(script);
    assert.equal(await work(), true, lines.join("\n"));
    host.commit("main", { ".github/workflows/ci.yml": "on: merge" });
    assert.equal(await pod("cat .github/workflows/ci.yml; echo c > c").work(), true, lines.join("\n"));
    assert.deepEqual(files(branch(unit)), [
      ".github/workflows/ci.yml",
      "README.md",
      "a",
      "app/code.js",
      "b",
      "c",
    ]);
    assert.equal(host.git("log", "--format=%s", `main..${branch(unit)}`, "--", ".github"), "");
    assert.equal(host.git("diff", "--name-only", `main...${branch(unit)}`, "--", ".github"), "");
    assert.deepEqual(subjects(`main..${branch(unit)}`).slice(-2), ["last", "both"]);
    // A history that has it comes into the repository nowhere.
    assert.equal(host.git("log", "--all", "-S", "evil", "--format=%s"), "");
  });

  it("gives an agent the pointers of Git LFS, and pushes no whole file in place of one", async () => {
    prompt();
    const pointer = (digit: string): string =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${digit.repeat(64)}\nsize 5\n`;
    host.commit("main", {
      ".gitattributes": "# images\n*.bin filter=lfs diff=lfs merge=lfs -text\n",
      "logo.bin": pointer("1"),
      "other.bin": pointer("2"),
    });
    const commit = "git add --all; git commit --quiet -m";
    const { unit, work } = pod(
      `head -1 logo.bin; echo whole > logo.bin; echo own > own; ${commit} own; mv other.bin moved.bin; echo new > "app/a b.bin"`,
    );
    assert.equal(await work(), true, lines.join("\n"));
    const name = branch(unit);
    assert.ok(lines.includes("version https://git-lfs.github.com/spec/v1"));
    assert.equal(`${host.git("show", `${name}:logo.bin`)}\n`, pointer("1"));
    assert.equal(`${host.git("show", `${name}:moved.bin`)}\n`, pointer("2"));
    assert.deepEqual(
      files(name).filter((file) => !file.startsWith(".")),
      ["README.md", "app/code.js", "logo.bin", "moved.bin", "own"],
    );
    assert.equal(host.git("log", "--all", "--format=%s", "-S", "whole"), "");
    const log = lines.join("\n");
    assert.match(log, /msg="files of Git LFS are pointers here, and changes to them are not pushed"/);
    assert.match(log, /msg="files of Git LFS are not pushed: .*files="?app\/a b\.bin,logo\.bin/);
    assert.match(host.forges.requests[0]?.body ?? "", /Files of Git LFS[^]*`app\/a b\.bin`\n- `logo\.bin`/);
  });

  it("names submodules, which are empty, and what an agent writes into their folders", async () => {
    prompt();
    const theirs = host.git("rev-parse", "main");
    host.commit("main", {
      ".gitmodules": '[submodule "lib"]\n\tpath = lib/one\n\turl = ../lib.git\n',
      "lib/one": { commit: theirs },
    });
    const { unit, work } = pod("ls -A lib/one | wc -l; echo lost > lib/one/lost; echo kept > kept");
    assert.equal(await work(), true, lines.join("\n"));
    assert.ok(lines.includes("0"));
    assert.deepEqual(files(branch(unit)).slice(-2), ["kept", "lib/one"]);
    assert.equal(host.git("rev-parse", `${branch(unit)}:lib/one`), theirs);
    const log = lines.join("\n");
    assert.match(log, /msg="submodules are not fetched: their folders are empty" .*folders=lib\/one/);
    assert.match(log, /msg="files in the folders of submodules were not committed" .*folders=lib\/one/);
    assert.match(await metrics.registry.metrics(), /^ralph_commit_failures_total 1$/m);
  });

  const AGENTS: [what: string, script: string, expected: Readonly<Record<string, string>>][] = [
    ["commits by itself", "echo x > x; git add x; git commit -qm own", { x: "x" }],
    [
      "works on a branch of its own",
      "git checkout -qb mine; echo x > x; git add x; git commit -qm own",
      { x: "x" },
    ],
    [
      "removes .git",
      "echo x > x; git add x; git commit -qm own; rm -rf .git; echo y > y",
      { x: "x", y: "y" },
    ],
    [
      "makes another repository",
      "rm -rf .git; git init -q; echo x > x; git add x; git commit -qm own",
      { x: "x" },
    ],
  ];
  for (const [what, script, expected] of AGENTS) {
    it(`keeps the work of an agent that ${what}`, async () => {
      prompt();
      const { unit, work } = pod(script);
      assert.equal(await work(), true, lines.join("\n"));
      for (const [file, text] of Object.entries(expected))
        assert.equal(host.git("show", `${branch(unit)}:${file}`), text);
      assert.ok(!files(branch(unit)).some((file) => file.includes(".ralph")));
    });
  }

  it("pushes a branch that the agent left aside as well", async () => {
    prompt();
    const { unit, work } = pod(
      "git checkout -qb idea/one; echo x > x; git add x; git commit -qm idea; git checkout -q -; echo y > y",
    );
    assert.equal(await work(), true);
    assert.deepEqual(host.branches(), ["main", branch(unit), `${branch(unit)}-idea_one`]);
    assert.equal(host.git("show", `${branch(unit)}-idea_one:x`), "x");
    assert.match(host.forges.requests[0]?.body ?? "", /Further branches/);
  });

  it("cannot start while the server is away, and goes on with what is here if it has been cloned", async () => {
    prompt();
    await host.cut();
    const { run } = pod("true");
    await assert.rejects(
      run(),
      (error) => error instanceof SourceError && /cannot fetch .*connect/i.test(error.message),
    );
    await host.listen();
    await pod("echo one > one").work();
    await host.cut();
    const offline = pod("echo two > two");
    assert.equal(await offline.work(), false);
    assert.match(lines.join("\n"), /msg="the repository cannot be fetched: going on with what is here"/);
    await host.listen();
    await offline.publisher.retry();
    assert.ok(files(branch(offline.unit)).includes("two"));
    assert.equal(host.forges.requests.length, 1);
  });

  it("retries the pull request with the next push, after a limit or with another token", async () => {
    prompt();
    host.forges.limited = 4102444800;
    const limited = pod("echo one > one");
    assert.equal(await limited.work(), false);
    assert.match(
      lines.join("\n"),
      /error="403 API rate limit exceeded for user ID 1\. \(again after 2100-01-01/,
    );
    host.forges.limited = undefined;
    await limited.publisher.retry();
    assert.equal(host.forges.requests.length, 1);
    host.credentials(path("git"), "expired0000");
    const refused = pod("echo two > two");
    assert.equal(await refused.work(), false);
    assert.match(lines.join("\n"), /push failed and will be retried.*the server refuses the token/);
    host.credentials(path("git"));
    await refused.publisher.retry();
    assert.ok(files(branch(refused.unit)).includes("two"));
  });

  it("shows the token to no other server than its own", async () => {
    prompt();
    const shown: (string | undefined)[] = [];
    host.refuse = ({ headers }) => {
      shown.push(headers.authorization);
      return undefined;
    };
    await assert.rejects(pod("true", { RALPH_GIT_HOST: "github.com" }).run(), /the server refuses the token/);
    assert.deepEqual(shown, [undefined]);
    assert.equal(await pod("true", { RALPH_GIT_HOST: "localhost" }).work(), true);
  });

  it("reports a protected branch, and loses nothing", async () => {
    prompt();
    const hook = join(host.repository, "hooks", "update");
    mkdirSync(join(host.repository, "hooks"), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "GH006: Protected branch update failed for $1." >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    const refused = pod("echo one > one");
    assert.equal(await refused.work(), false);
    assert.match(lines.join("\n"), /error="\[remote rejected\] \(hook declined\)"/);
    rmSync(hook);
    await refused.publisher.retry();
    assert.ok(files(branch(refused.unit)).includes("one"));
    assert.equal(host.forges.requests.length, 1);
  });

  it("needs no request for a branch without changes", async () => {
    prompt();
    assert.equal(await pod("true").work(), true);
    assert.deepEqual([host.branches(), host.forges.requests], [["main"], []]);
  });
});
