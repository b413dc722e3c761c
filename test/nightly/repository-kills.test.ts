/**
 * Proves that a task on a repository may be ended at any stage, as an eviction (SIGTERM) or a lost node (SIGKILL) does: the
 * next run on its volume ends with one branch, one pull request and the whole result. By the real runner, Ralph and git over
 * HTTPS, with a script as the agent and a stand-in of GitHub.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";

import { endMarked } from "../../runner/src/processes";
import { ralphOrSkip, Sandbox } from "../engine/support/runner";
import { until } from "../engine/support/until";
import { GitHost } from "../support/git-host";

describe("a task on a repository", () => {
  let ralph: string;
  let host: GitHost;
  let box: Sandbox;

  before(async function () {
    ralph = await ralphOrSkip(this);
  });
  beforeEach(async () => {
    box = new Sandbox(ralph);
    host = await GitHost.start();
    host.commit("main", { "README.md": "one\n" });
  });
  afterEach(async () => {
    await box.remove();
    await host.stop();
  });

  /** What reaches the server first at a stage, or the file that a script waits beside. */
  const STAGES: readonly (readonly [stage: string, request: RegExp | undefined])[] = [
    ["clone", /^POST .*git-upload-pack/],
    ["setup", undefined],
    ["agent", undefined],
    ["push", /^POST .*git-receive-pack/],
    ["search for the request", /^GET \/api.*pulls/],
    ["opening of the request", /^POST \/api.*pulls/],
  ];

  for (const [stage, request] of STAGES)
    for (const signal of ["SIGTERM", "SIGKILL"] as const)
      it(`survives ${signal} at the ${stage}`, async () => {
        const waits = (name: string): string =>
          `if [ -e ${box.path(`wait-${name}`)} ]; then touch ${box.path(`at-${name}`)}; sleep 600; fi`;
        box.agent(
          "claude",
          `cat >/dev/null; echo part > part; ${waits("agent")}; echo whole > whole; echo LOOP_COMPLETE`,
        );
        const args = ["--agent=claude", `--prompt=${box.prompt("task.md", "# Fix it")}`];
        const variables = {
          ...{ CLAUDE_API_KEY: "sk-ant-0000000000", HOSTNAME: "pod" },
          ...{ RALPH_SOURCE_REPOSITORY: host.address, RALPH_GIT_SSH: host.credentials(box.path("git")) },
          ...{ RALPH_GIT_FORGE: "github", RALPH_PULL_REQUEST: "ready", RALPH_SOURCE_SETUP: waits("setup") },
        };
        const there = new Promise<void>((resolve) => {
          host.refuse = ({ method, url }) => {
            if (request?.test(`${method} ${url}`) === true) resolve();
            return undefined;
          };
        });
        writeFileSync(box.path(`wait-${stage}`), "");
        const pod = await box.start(args, variables);
        await (request === undefined ? until(`the ${stage}`, () => box.exists(`at-${stage}`)) : there);
        if (signal === "SIGTERM") pod.child.signal(signal);
        else {
          pod.child.kill();
          await endMarked(box.mark); // all of a container ends
        }
        await pod.child.result;
        rmSync(box.path(`wait-${stage}`));

        const { code, stdout, stderr } = await box.run(args, variables);
        assert.equal(code, 0, stdout + stderr);
        const [branch = "", ...others] = host.branches().filter((name) => name !== "main");
        assert.deepEqual(others, []);
        assert.deepEqual(host.git("ls-tree", "-r", "--name-only", branch).split("\n").sort(), [
          "README.md",
          "part",
          "whole",
        ]);
        assert.deepEqual(
          host.forges.requests.map(({ head, state }) => [head, state]),
          [[branch, "open"]],
        );
      });
});
