/**
 * Proves the whole way on a real node: from `pulumi up`, in pods with the image of runner/Dockerfile and the real Ralph, on
 * a repository behind HTTPS, to the branch and the pull request that a stand-in of GitHub has; and that the container in
 * which the agent runs has no credential for it. The agent is `smoke`. Needs Linux, root, packages.
 */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";
import { Progress } from "../../lib/progress";
import { type ControlPlane, startControlPlane } from "../../local/control-plane";
import { nodeImages } from "../../local/node/images";
import { startNode, stopNode } from "../../local/node/node";
import { inspectMachine } from "../../local/node/requirements";
import { NODE_TOOLS } from "../../local/tools/pins";
import { ensureToolchain } from "../../local/tools/toolchain";
import { fixture } from "../engine/support/fixture";
import { Stack } from "../engine/support/stack";
import { until } from "../engine/support/until";
import { GitHost } from "../support/git-host";

const NAMESPACE = "repository";
const TOKEN = "github_pat_canary0123456789";
const SMALL = {
  requests: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "2", memory: "1Gi", "ephemeral-storage": "1Gi" },
};

describe("work on a repository, on a real node", () => {
  let host: GitHost;
  let plane: ControlPlane;
  let stack: Stack;
  let dir: string;

  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(
      fixture().toolchain.paths.kubectl,
      ["--kubeconfig", plane.kubeconfig, "-n", NAMESPACE, ...args],
      { timeout: 60_000 },
    );
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} failed (exit ${code}):\n${stdout}${stderr}`);
    return stdout;
  };

  before(async function () {
    this.timeout(20 * 60_000); // image, kubelet and Ralph may have to be built
    const machine = inspectMachine();
    // Pods have a network of their own, in which loopback is theirs.
    const [ip] = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal);
    if (!("programs" in machine) || ip === undefined) return this.skip();
    const images = await nodeImages(machine, new Progress(2));
    const { paths, provider } = fixture().toolchain;
    const toolchain = { provider, paths: { ...paths, ...(await ensureToolchain(NODE_TOOLS)).paths } };
    host = await GitHost.start(ip.address);
    host.commit("main", { "README.md": "A small repository.\n", ".github/workflows/ci.yml": "on: push\n" });
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
        prompts: { "fix.md": "# Fix it\n\nFix the code." },
        tasks: [{ name: "fix", agent: "smoke", prompt: "fix.md" }],
        schedules: [],
        source: { repository: host.address, pullRequest: { enabled: true } },
        git: { ca: host.ca, forge: "github" },
        networkPolicy: {
          allow: [{ cidr: `${ip.address}/32`, ports: [Number(new URL(host.address).port)] }],
        },
      },
    });
    await stack.setSecret("git.token", TOKEN);
  });
  after(async function () {
    this.timeout(180_000);
    await stack?.remove();
    if (dir !== undefined) await stopNode(dir);
    await plane?.stop();
    await host?.stop();
  });

  it("ends in a branch and a pull request", async function () {
    this.timeout(600_000);
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    await until(
      "the pull request is open",
      () => host.forges.requests.some(({ title }) => title === "Ralph: Fix it"),
      300_000,
    );
    const request = host.forges.requests.find(({ title }) => title === "Ralph: Fix it");
    assert.match(request?.head ?? "", /^ralph\/fix-[0-9a-f]{8}$/);
    assert.deepEqual(host.git("ls-tree", "-r", "--name-only", request?.head ?? "").split("\n"), [
      ".github/workflows/ci.yml",
      "README.md",
      "SMOKE.md",
    ]);
    await until("the task says so", async () =>
      (await kubectl("logs", "job/fix", "-c", "ralph")).includes('msg="pull request opened"'),
    );
    // The task's pod ends although its container `git` would run on.
    await kubectl("wait", "job/fix", "--for=condition=Complete", "--timeout=50s");
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
