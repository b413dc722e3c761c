/**
 * The runner's results on the real Ralph, real git and a real SSH server: they arrive; a server with an unknown
 * host key gets nothing; a new pod pushes what the old one could not; and no output contains the key. Without an
 * OpenSSH server on the machine these tests report it and are skipped.
 */
import assert from "node:assert/strict";

import { processesWith } from "../../runner/src/processes";
import { Sandbox, ralphOrSkip } from "./support/runner";
import { GitServer } from "./support/sshd";
import { until } from "./support/until";

const KEY = { CLAUDE_API_KEY: "sk-ant-0000000000" };

describe("the runner with a git remote", () => {
  let ralph: string;
  let server: GitServer;
  let box: Sandbox;

  before(async function () {
    ralph = await ralphOrSkip(this);
  });
  beforeEach(async function () {
    box = new Sandbox(ralph);
    server = await GitServer.startOrSkip(this);
  });
  afterEach(async () => {
    await box.remove();
    await server?.stop();
  });

  it("pushes a task's result, and does not show the key even if the agent prints it", async () => {
    const variables = server.variables(box.path("ssh"));
    box.agent(
      "claude",
      `cat >/dev/null; cat ${box.path("ssh", "ssh-privatekey")} | tee copy; echo LOOP_COMPLETE`,
    );
    const prompt = box.prompt("task.md", "Say it.");
    const { code, stdout, stderr } = await box.run(["--agent=claude", `--prompt=${prompt}`], {
      ...KEY,
      ...variables,
    });
    assert.equal(code, 0, stdout + stderr);
    const [branch = "", ...others] = server.branches();
    assert.deepEqual(others, []);
    assert.match(branch, /^ralph\/task-[0-9a-f]{8}$/);
    assert.match(stdout, new RegExp(`msg=pushed branch=${branch}`));
    // The key was there to be shown.
    assert.ok(server.git("show", `${branch}:copy`).includes(server.secret[1] ?? "none"));
    assert.match(stdout, /\[redacted\]/);
    for (const line of server.secret) assert.ok(!(stdout + stderr).includes(line), line);
  });

  it("a worker trusts no other server and fails no prompt because of it; a pod with the right keys pushes everything", async () => {
    box.prompt("first.md", "One.");
    box.prompt("second.md", "Two.");
    const stranger = server.variables(box.path("ssh"), { known: "stranger" });
    const old = await box.start([], { RALPH_AGENT: "smoke", ...stranger });
    const pushes = async (outcome: string): Promise<number | undefined> =>
      (await old.metric("ralph_git_pushes_total"))[`outcome="${outcome}"`];
    // Each prompt's, and with the second the first's again.
    await until("the pushes have failed", async () => (await pushes("failure")) === 3);
    assert.equal((await old.metric("ralph_prompts"))['state="completed"'], 2);
    assert.equal(await pushes("success"), 0);
    old.child.signal("SIGTERM");
    const { stdout } = await old.child.result;
    assert.match(stdout, /msg="push failed and will be retried" .*Host key verification failed/);
    assert.deepEqual(server.branches(), []);

    await box.start([], { RALPH_AGENT: "smoke", ...server.variables(box.path("other")) });
    await until("both are there", () => server.branches().length === 2);
    assert.deepEqual(
      server.branches().map((name) => name.replace(/-[0-9a-f]{8}$/, "")),
      ["ralph/first", "ralph/second"],
    );
  });

  it("a key without write access is reported, and the task ends as it would have", async () => {
    const variables = server.variables(box.path("ssh"), { key: "stranger" });
    const pod = await box.start([`--agent=smoke`, `--prompt=${box.prompt("task.md", "Say it.")}`], variables);
    await until("a push has failed", async () => {
      const failures = (await pod.metric("ralph_git_pushes_total"))['outcome="failure"'];
      return failures !== undefined && failures > 0;
    });
    pod.child.signal("SIGTERM"); // then it does not wait for the next attempt
    const { code, stdout } = await pod.child.result;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /msg="push failed and will be retried" .*Permission denied \(publickey\)/);
    assert.deepEqual(server.branches(), []);
  });

  it("a worker that is stopped pushes the partial result of the run that it interrupts", async () => {
    box.agent("claude", `cat >/dev/null; echo half > half; touch ${box.path("begun")}; sleep 600`);
    box.prompt("task.md", "Slow.");
    const pod = await box.start([], { RALPH_AGENT: "claude", ...KEY, ...server.variables(box.path("ssh")) });
    await until("it is being worked on", () => box.exists("begun"));
    pod.child.signal("SIGTERM");
    const { code, stdout } = await pod.child.result;
    assert.equal(code, 0, stdout);
    const [branch = ""] = server.branches();
    assert.equal(server.git("log", "--format=%s", branch), "Interrupted after 0 iterations");
    assert.equal(server.git("show", `${branch}:half`), "half");
    assert.deepEqual(processesWith(box.mark), []);
  });
});
