/**
 * Proves what users of the provider from 4.29 on see and do if objects exist already, as docs/operations.md says: the
 * guide's namespace, and what kubectl or Argo CD created from the rendered manifests. An API server answers that
 * refuses to create what exists, also where the older provider of these tests would take it over.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";
import { run } from "../../lib/process";
import { diagnose } from "../../operations/doctor";
import { RALPHCTL } from "../support/ralphctl";
import { touched } from "./support/events";
import { fixture } from "./support/fixture";
import type { Front } from "./support/front";
import { everything, get, kubectl } from "./support/kubectl";
import { lifecycle } from "./support/lifecycle";
import { newerProvider } from "./support/newer-provider";
import { Stack } from "./support/stack";

const NAMESPACE = "taken";
const UPSERT = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS";
/** A task runs in a Job, whose pods change what a list shows. */
const QUIET = { tasks: [], schedules: [] };

describe("objects that exist already", () => {
  let server: Front;
  let stack: Stack;
  let asked: Stack;
  let rendered: Readonly<Record<string, string>>;

  before(async () => {
    server = await newerProvider(NAMESPACE, () => asked.env[UPSERT] === "true");
    stack = await Stack.create({ namespace: NAMESPACE, kubeconfig: server.kubeconfig, config: QUIET });
    asked = stack;
  });
  after(async () => {
    await stack.remove();
    await server.close();
  });

  /** Uids of the namespace's objects of Ralph. */
  async function uids(): Promise<Record<string, string>> {
    const ours = (await everything(NAMESPACE)).filter(
      ({ kind, metadata }) =>
        metadata.labels?.app === "ralph-orchestrator" &&
        metadata.ownerReferences === undefined &&
        kind !== "Endpoints",
    );
    return Object.fromEntries(ours.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.uid]));
  }

  async function refused(by: Stack, words: RegExp): Promise<void> {
    const { code, stdout, stderr } = await by.up();
    assert.notEqual(code, 0, stdout);
    assert.match(stdout + stderr, words);
  }

  it("the guide's namespace is refused, and nothing is created", async () => {
    await kubectl("create", "namespace", NAMESPACE);
    const { code, stdout } = await stack.preview();
    assert.equal(code, 0, stdout);
    await refused(stack, /namespaces "taken" already exists\s+The resource already exists in the cluster/);
    assert.deepEqual(await uids(), {});
  });

  it("the doctor says so, by the kubeconfig, since the stack has no outputs yet", async () => {
    const { code, stderr } = await lifecycle(stack, "doctor").result;
    assert.equal(code, 1);
    assert.match(stderr, /has no cluster.*\n.*ralphctl doctor --kubeconfig <file> --namespace <name>/);
    const { findings } = await diagnose({
      file: fixture().plane.kubeconfig,
      namespace: NAMESPACE,
      stack: NAMESPACE,
    });
    assert.deepEqual(
      findings.filter(({ check }) => check === "namespace").map(({ what, fix }) => [what, fix.at(-1)]),
      [["exists, and no stack created it", `${UPSERT}=true pulumi up --stack ${NAMESPACE}`]],
    );
  });

  it("what kubectl and Argo CD created from the rendered manifests is refused, too", async () => {
    const folder = join(stack.dir, "k8s");
    const words = ["render", "--stack", NAMESPACE, "--out", folder, "--config-file", stack.configFile];
    const { code, stderr } = await run(process.execPath, [...RALPHCTL, ...words], { cwd: REPOSITORY });
    assert.equal(code, 0, stderr);
    await kubectl("apply", "-f", folder);
    // Argo CD applies with its own field manager, by `ServerSideApply=true`.
    const argocd = ["--server-side", "--field-manager=argocd-controller", "--force-conflicts"];
    for (const file of ["01-configmap.yaml", "04-deployment.yaml", "08-hpa.yaml"])
      await kubectl("apply", ...argocd, "-f", join(folder, file));
    rendered = await uids();
    assert.ok(Object.keys(rendered).length >= 12, Object.keys(rendered).join());
    await refused(stack, /namespaces "taken" already exists/);
  });

  it("is adopted as it is, once the user says so", async () => {
    stack.env[UPSERT] = "true";
    stack.configure({ config: { maxIterations: 9 } });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    stack.env[UPSERT] = undefined;
    const adopted = await uids();
    assert.deepEqual({ ...adopted, ...rendered }, adopted);
    assert.equal((await get("configmap", "ralph-config", NAMESPACE))?.data.RALPH_MAX_ITERATIONS, "9");

    // The SDK stores the variable with the provider.
    const again = await stack.preview();
    assert.equal(again.code, 0, again.stdout);
    assert.deepEqual(touched(again.operations), ["update kubernetes kubernetes"]);
  });

  it("a namespace of another stack is refused, and cannot be adopted either", async () => {
    const before = await uids();
    const other = await Stack.create({
      namespace: `${NAMESPACE}-too`,
      kubeconfig: server.kubeconfig,
      config: { ...QUIET, monitoring: { enabled: false }, argocd: { enabled: false } },
    });
    other.configure({ namespace: NAMESPACE });
    asked = other;
    try {
      await refused(other, /namespaces "taken" already exists/);
      other.env[UPSERT] = "true";
      await refused(other, /conflict.*\.metadata\.labels\.ralph-orchestrator\/stack/s);
      assert.equal((await other.destroy()).code, 0);
      assert.deepEqual(await uids(), before);
    } finally {
      asked = stack;
      await other.remove();
    }
  });

  it("what was adopted is deleted with the stack", async () => {
    const { code, stdout } = await stack.destroy();
    assert.equal(code, 0, stdout);
    assert.equal(await get("namespace", NAMESPACE), undefined);
  });
});
