/**
 * Proves with the real engine and a real API server that a stack that is up hands its workload to a GitOps tool without
 * losing an object: refused unless it was prepared, and then forgotten, not deleted; and that the next update changes
 * nothing. Argo CD itself does not run here, only its kind exists: what it would apply and delete, this test does, by the name
 * under which Argo CD applies.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { fixture } from "../engine/support/fixture";
import { get, kubectl, kubectlWith, runCommands } from "../engine/support/kubectl";
import { lifecycle } from "../engine/support/lifecycle";
import { Stack } from "../engine/support/stack";
import { blocksOf, filled } from "../support/page";
import { workloadIds } from "./workload-ids";

const NAMESPACE = "handed-over";
const REPO = "https://git.example.com/ralph/manifests";
const APPLICATION = `ralph-orchestrator-${NAMESPACE}`;

const ids = (): Promise<Map<string, string>> => workloadIds(NAMESPACE);

describe("a workload that changes hands", function () {
  this.timeout("900s");
  let stack: Stack;
  let before: Map<string, string>;
  const argocd = { repoURL: REPO };

  it("is first that of `pulumi up`", async () => {
    stack = await Stack.create({ namespace: NAMESPACE, config: { argocd } });
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    before = await ids();
    assert.ok(before.has("Deployment ralph-orchestrator"));
  });
  after(() => stack?.remove());

  it("is refused to the tool while the engine would delete it", async () => {
    stack.configure({ gitops: { tool: "argocd", owns: "workload" } });
    for (const command of ["preview", "up"] as const) {
      const { code, stdout, stderr } = await stack[command]();
      assert.notEqual(code, 0, stdout);
      assert.match(stdout + stderr, /gitops\.owns cannot become workload yet/);
    }
    assert.deepEqual(await ids(), before);
  });

  it("is prepared by an update that changes the namespace's label alone", async () => {
    stack.configure({ gitops: { tool: "argocd" } });
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.deepEqual(await ids(), before);
  });

  it("gets a new owner of its fields by the page's command", async () => {
    const command = blocksOf("docs/ci-cd.md")
      .flat()
      .find((line) => line.includes("--show-managed-fields"));
    const ofArgo = filled(command ?? "", { namespace: NAMESPACE }).replace(
      "kustomize-controller",
      "argocd-controller",
    );
    await runCommands([`export KUBECONFIG=${fixture().plane.kubeconfig}; ${ofArgo}`]);
    assert.deepEqual(await ids(), before);
  });

  it("is then forgotten by the engine, and every object stays", async () => {
    stack.configure({ gitops: { tool: "argocd", owns: "workload" } });
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.deepEqual(await ids(), before);
    const application = await get("applications.argoproj.io", APPLICATION, "argocd");
    assert.deepEqual(application?.metadata.finalizers, ["resources-finalizer.argocd.argoproj.io"]);
  });

  it("loses a field that the tool no longer applies", async () => {
    const folder = join(stack.dir, "k8s");
    const words = ["--out", folder, "--config-file", stack.configFile];
    const { code, stderr } = await lifecycle(stack, "render", ...words).result;
    assert.equal(code, 0, stderr);
    const config = parse(readFileSync(join(folder, "01-configmap.yaml"), "utf8")) as {
      data: Record<string, string>;
    };
    const { RALPH_MAX_ITERATIONS, ...data } = config.data;
    assert.ok(RALPH_MAX_ITERATIONS);
    const asArgo = ["--server-side", "--force-conflicts", "--field-manager=argocd-controller"];
    await kubectlWith([{ ...config, data }], "apply", ...asArgo);
    assert.deepEqual((await get("configmap", "ralph-config", NAMESPACE))?.data, data);
  });

  it("is not touched by the next update", async () => {
    const { code, stdout } = await stack.up("--expect-no-changes");
    assert.equal(code, 0, stdout);
    assert.deepEqual(await ids(), before);
  });

  it("goes with the stack, once the tool has deleted it: its pods hold the claims", async () => {
    await kubectl("delete", "deployment,cronjob,job", "--all", "-n", NAMESPACE);
    await kubectl(
      ...["patch", "applications.argoproj.io", APPLICATION, "-n", "argocd", "--type=merge"],
      ...["-p", '{"metadata":{"finalizers":null}}'],
    );
    const { code, stdout } = await stack.destroy();
    assert.equal(code, 0, stdout);
    assert.equal(await get("namespace", NAMESPACE), undefined);
  });
});
