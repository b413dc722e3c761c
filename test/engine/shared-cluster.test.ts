/**
 * Proves that several stacks live on one cluster: two with everything enabled, one of them in the guide's namespace, and a
 * third one by README's commands, as printed, which ask nothing of a cluster but a storage class. No object of one is
 * another's, also for the provider from 4.29 on, which creates nothing that exists; and the end of one leaves the others
 * as they were.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { REPOSITORY } from "../../lib/repository";
import { bare, type Line } from "../support/page";
import type { Front } from "./support/front";
import { get, kubectl, kubectlWith, list } from "./support/kubectl";
import { Newcomer } from "./support/newcomer";
import { newerProvider } from "./support/newer-provider";
import { meaning } from "./support/normal";
import { Stack } from "./support/stack";

const GUIDES = "ralph-orchestrator";
const SECOND = "team-b";
const README = "team-a";

interface Kubeconfig {
  contexts: { name: string }[];
  "current-context"?: string;
}

describe("stacks on one cluster", () => {
  let server: Front;
  let first: Stack;
  let second: Stack;
  let user: Newcomer;

  before(async () => {
    server = await newerProvider("shared", () => false);
    const { kubeconfig } = server;
    [first, second] = [
      await Stack.create({ namespace: GUIDES, kubeconfig }),
      await Stack.create({ namespace: SECOND, kubeconfig }),
    ];
    user = new Newcomer("shared-user", []);
    user.install();
    writeKubeconfig();
  });
  after(async () => {
    await first.remove();
    await second.remove();
    // Nothing, unless a test has failed.
    await kubectl("delete", "namespace", README, "--ignore-not-found");
    user.remove();
    await server.close();
  });

  /** The user's own, with the context that README names. */
  function writeKubeconfig(): void {
    const config = parse(readFileSync(server.kubeconfig, "utf8")) as Kubeconfig;
    for (const context of config.contexts) context.name = "kind-ralph";
    mkdirSync(join(user.home, ".kube"));
    writeFileSync(join(user.home, ".kube", "config"), JSON.stringify(config));
  }

  async function upAndDone(stack: Stack): Promise<void> {
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
  }

  async function run(line: Line): Promise<string> {
    const { code, stdout, stderr } = await user.run(line, /--secret/.test(line) ? "key-of-a-user" : "");
    assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
    return stdout;
  }

  it("one is refused a name that a stack of release 0.1.0 has for another namespace", async () => {
    const data = {
      "prometheus.yml":
        "scrape_configs:\n  - job_name: ralph-orchestrator\n    kubernetes_sd_configs:\n      - role: pod\n        namespaces:\n          names:\n            - team-z\n",
    };
    const metadata = { name: "prometheus-config", namespace: "monitoring" };
    await kubectlWith([{ apiVersion: "v1", kind: "ConfigMap", metadata, data }], "create");
    // Of its own, because the client of this program asks no server without TLS, as the one in front is.
    const another = await Stack.create({ namespace: "guides-name", config: { namespace: GUIDES } });
    const { code, stdout, stderr } = await another.preview();
    await kubectl("delete", "configmap", "prometheus-config", "-n", "monitoring");
    await another.remove();
    assert.notEqual(code, 0);
    assert.match(
      stdout + stderr,
      /ConfigMap prometheus-config in monitoring, which a stack of an earlier release has for namespace team-z/,
    );
  });

  it("two come up side by side, with everything that they share named after each", async () => {
    await upAndDone(first);
    await upAndDone(second);
    const named = async (kind: string, namespace: string) =>
      (await list(kind, "-n", namespace, "-l", "app=ralph-orchestrator")).map(
        ({ metadata }) => metadata.name,
      );
    assert.deepEqual(await named("configmaps", "monitoring"), [
      "prometheus-config",
      "prometheus-config-team-b",
    ]);
    assert.deepEqual(await named("applications.argoproj.io", "argocd"), [GUIDES, `${GUIDES}-team-b`]);
  });

  it("a third comes up beside them by README's commands, as printed", async () => {
    const readme = readFileSync(join(REPOSITORY, "README.md"), "utf8");
    const [, block] = /```sh\n(pulumi stack init team-a\n[^]*?)\n```/.exec(readme) ?? [];
    for (const line of block?.split("\n") ?? assert.fail("README has no such commands"))
      await run(bare(line));
    assert.equal((await get("deployment", "ralph-orchestrator", README))?.status.readyReplicas, 1);
  });

  it("the end of one leaves the others as they were", async () => {
    const others = async () => [await meaning(GUIDES), await meaning(README)];
    const before = await others();
    const { code, stdout } = await second.destroy();
    assert.equal(code, 0, stdout);
    assert.equal(await get("namespace", SECOND), undefined);
    assert.deepEqual(await others(), before);

    await run("pulumi destroy --stack team-a");
    assert.equal(await get("namespace", README), undefined);
    assert.deepEqual((await others())[0], before[0]);
    const { code: unchanged, stdout: planned } = await first.preview("--expect-no-changes", "--refresh");
    assert.equal(unchanged, 0, planned);
  });
});
