/**
 * Proves the whole way on a real node: from `pulumi up`, in pods with the image of runner/Dockerfile and the real Ralph, on
 * a repository behind HTTPS, to the branch and the pull request that a stand-in of GitHub has, with the agent `smoke` and
 * with the real Claude Code against a stand-in of its API; and that the container in which the agent runs has no
 * credential for the repository. Needs Linux, root, packages.
 */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { join } from "node:path";

import { Progress } from "../../lib/progress";
import { type ControlPlane, startControlPlane } from "../../local/control-plane";
import { nodeImages } from "../../local/node/images";
import { startNode, stopNode } from "../../local/node/node";
import { inspectMachine } from "../../local/node/requirements";
import { NODE_TOOLS } from "../../local/tools/pins";
import { ensureToolchain } from "../../local/tools/toolchain";
import { fixture } from "../engine/support/fixture";
import { kubectlIn } from "../engine/support/kubectl";
import { Stack } from "../engine/support/stack";
import { until } from "../engine/support/until";
import { ModelApi } from "../runner/support/model-api";
import type { PullRequest } from "../support/forges";
import { GitHost } from "../support/git-host";

const NAMESPACE = "repository";
const TOKEN = "github_pat_canary0123456789";
const KEY = "sk-ant-canary0123456789";
const SMALL = {
  requests: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "2", memory: "2Gi", "ephemeral-storage": "1Gi" },
};

describe("work on a repository, on a real node", () => {
  let host: GitHost;
  let api: ModelApi;
  let plane: ControlPlane;
  let stack: Stack;
  let dir: string;

  const kubectl = (...args: string[]): Promise<string> => kubectlIn(plane, NAMESPACE)(...args);

  before(async function () {
    this.timeout(20 * 60_000); // image, kubelet and Ralph may have to be built
    const machine = inspectMachine();
    // Pods have a network of their own, in which loopback is theirs.
    const [ip] = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal);
    if (!("programs" in machine) || ip === undefined) return this.skip();
    const images = await nodeImages(machine, new Progress(2), { agents: ["claude"] });
    const { paths, provider } = fixture().toolchain;
    const toolchain = { provider, paths: { ...paths, ...(await ensureToolchain(NODE_TOOLS)).paths } };
    host = await GitHost.start(ip.address);
    host.commit("main", { "README.md": "A small repository.\n", ".github/workflows/ci.yml": "on: push\n" });
    api = await ModelApi.start("tool", ip.address);
    dir = join(fixture().dir, NAMESPACE);
    plane = await startControlPlane({ dir, name: fixture().plane.name, toolchain, nodes: 0 });
    await startNode({ dir, plane, machine, toolchain, images });
    stack = await Stack.create({
      namespace: `${NAMESPACE}-stack`,
      kubeconfig: plane.kubeconfig,
      config: {
        namespace: NAMESPACE,
        config: { agent: "smoke" },
        resources: SMALL,
        prompts: {
          "fix.md": "# Fix it\n\nFix the code.",
          "make.md": "# Make it\n\nMake the file.",
        },
        tasks: [
          { name: "fix", agent: "smoke", prompt: "fix.md" },
          { name: "make", agent: "claude", prompt: "make.md" },
        ],
        extraEnv: ["ANTHROPIC_BASE_URL", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"].map((name) => ({
          name,
          value: api.variables[name],
        })),
        schedules: [],
        source: { repository: host.address, pullRequest: { enabled: true } },
        git: { ca: host.ca, forge: "github" },
        networkPolicy: {
          allow: [
            {
              cidr: `${ip.address}/32`,
              ports: [host.address, api.url].map((url) => Number(new URL(url).port)),
            },
          ],
        },
      },
    });
    await stack.setSecret("git.token", TOKEN);
    await stack.setSecret("apiKeys.claude", KEY);
  });
  after(async function () {
    this.timeout(180_000);
    await stack?.remove();
    if (dir !== undefined) await stopNode(dir);
    await plane?.stop();
    await host?.stop();
    await api?.stop();
  });

  const opened = async (title: string): Promise<PullRequest> => {
    const find = () => host.forges.requests.find((each) => each.title === title);
    await until(`the pull request ${title} is open`, () => find() !== undefined, 300_000);
    return find() as PullRequest;
  };
  const files = (branch: string): string[] => host.git("ls-tree", "-r", "--name-only", branch).split("\n");

  it("ends in a branch and a pull request", async function () {
    this.timeout(600_000);
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    const { head } = await opened("Ralph: Fix it");
    assert.match(head, /^ralph\/fix-[0-9a-f]{8}$/);
    assert.deepEqual(files(head), [".github/workflows/ci.yml", "README.md", "SMOKE.md"]);
    await until("the task says so", async () =>
      (await kubectl("logs", "job/fix", "-c", "ralph")).includes('msg="pull request opened"'),
    );
    // The task's pod ends although its container `git` would run on.
    await kubectl("wait", "job/fix", "--for=condition=Complete", "--timeout=50s");
  });

  it("has what Claude Code made with a tool, and what it cost", async function () {
    this.timeout(600_000);
    const { head, body } = await opened("Ralph: Make it");
    assert.match(head, /^ralph\/make-[0-9a-f]{8}$/);
    assert.deepEqual(files(head), [".github/workflows/ci.yml", "README.md", "made"]);
    assert.equal(host.git("show", `${head}:made`), "made");
    assert.deepEqual(body.split("\n").slice(3, 10), [
      "| Outcome | completed |",
      "| Agent | claude |",
      "| Iterations | 1 in 1 run |",
      "| Time | 1 min |",
      "| Cost | $0.01 |",
      "",
      "### Commits",
    ]);
    // The tool's call, and its result.
    assert.deepEqual(
      api.asked.map(({ headers }) => headers["x-api-key"]),
      [KEY, KEY],
    );
    for (const { headers } of api.asked) assert.match(headers["user-agent"] ?? "", /^claude-cli\//);
    assert.match(
      await kubectl("logs", "job/make", "-c", "ralph"),
      / msg=completed prompt=make iterations=1 seconds=\d+ costUsd=0\.\d+ input=2000 output=200$/m,
    );
    // A task that had a cost waits a minute for this scrape before it ends.
    const address = await kubectl("get", "pods", "--selector=job-name=make", "-o=jsonpath={..podIP}");
    assert.match(
      await (await fetch(`http://${address}:8080/metrics`)).text(),
      /^ralph_cost_usd_total.* 0\.\d+$/m,
    );
    await kubectl("wait", "job/make", "--for=condition=Complete", "--timeout=50s");
  });

  it("shows the token to the container git, and to nothing that an agent can reach", async () => {
    const shell = (container: string, command: string): Promise<string> =>
      kubectl("exec", "deployment/ralph-orchestrator", "-c", container, "--", "sh", "-c", command);
    const search =
      "find / -xdev -name 'token' -not -path '/proc/*' -not -path '/sys/*' -not -path '/app/*' 2>/dev/null; ls /etc/ralph 2>/dev/null; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep canary; grep -rls canary /workspace /tmp /home /run; true";
    assert.equal((await shell("git", "cat /etc/ralph/ssh/token")).trim(), TOKEN);
    assert.equal(await shell("ralph", search), "");
    assert.equal((await shell("ralph", "ls /run/ralph")).trim(), "git.sock");
  });
});
