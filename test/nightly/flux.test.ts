/**
 * Proves, with Flux's real source-controller and kustomize-controller on a real API server, that Flux applies the folder of
 * `./ralphctl render` from a git repository behind HTTPS and owns every field of it while Pulumi owns the rest; that it takes
 * back what kubectl changes, and changes and prunes what commits change; that a stack that is up changes hands by
 * the commands of docs/ci-cd.md without a restart of a pod; and that `pulumi destroy` and `./ralphctl destroy` leave
 * nothing, also without the controllers. The engine and git are real; nodes are simulated.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";
import { diagnose } from "../../operations/doctor";
import { CANARY } from "../engine/doctor/case";
import { auditEntries, auditMark } from "../engine/support/audit";
import { start } from "../engine/support/children";
import { fixture } from "../engine/support/fixture";
import { get, kubectl, kubectlWith, list, type Live, runCommands } from "../engine/support/kubectl";
import { lifecycle, watched } from "../engine/support/lifecycle";
import { Stack } from "../engine/support/stack";
import { until } from "../engine/support/until";
import { GitHost } from "../support/git-host";
import { bare, blocksOf } from "../support/page";
import { Flux, FLUX_NAMESPACE } from "./flux";
import { workloadIds } from "./workload-ids";

const page = (): string => readFileSync(join(REPOSITORY, "docs", "ci-cd.md"), "utf8");

const KUSTOMIZATION = "kustomizations.kustomize.toolkit.fluxcd.io";
const SOURCE = "gitrepositories.source.toolkit.fluxcd.io";
const ofFlux = (namespace: string): string => `ralph-orchestrator-${namespace}`;

/** Kinds of what Flux owns, and of what Pulumi keeps, with two objects of the local stack that the tests change. */
const WORKLOAD =
  "deployment,cronjob,job,service,configmap,networkpolicy,ingress,poddisruptionbudget,horizontalpodautoscaler," +
  "resourcequota,limitrange,servicemonitor,prometheusrule";
const KEPT = "secret,persistentvolumeclaim,serviceaccount,role,rolebinding";
const CONFIG = "ConfigMap ralph-config";
const LIMITS = "LimitRange ralph-limits";

/** Of a Kustomization. */
interface Status {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly lastAppliedRevision?: string;
}

describe("Flux", function () {
  this.timeout("600s");
  let host: GitHost;
  let flux: Flux | undefined;

  before(async function () {
    flux = await Flux.startOrSkip(this);
    host = await GitHost.start();
    const data = { username: "git", password: [...host.tokens][0], "ca.crt": host.ca };
    const metadata = { name: "repository", namespace: FLUX_NAMESPACE };
    await kubectlWith([{ apiVersion: "v1", kind: "Secret", metadata, stringData: data }], "create");
  });
  after(async () => {
    await flux?.stop();
    await host?.stop();
  });

  /** Whatever a failed test has left. The removal of a stack ends every child of the run. */
  async function remove(stack: Stack | undefined): Promise<void> {
    if (stack === undefined) return;
    await flux?.stop();
    for (const kind of [KUSTOMIZATION, SOURCE])
      if ((await get(kind, ofFlux(stack.namespace), FLUX_NAMESPACE)) !== undefined)
        await kubectl(
          ...["patch", kind, ofFlux(stack.namespace), "-n", FLUX_NAMESPACE, "--type=merge"],
          ...["-p", '{"metadata":{"finalizers":null}}'],
        );
    await kubectl("delete", "deployment,cronjob,job", "--all", "-n", stack.namespace); // their pods hold the claims
    try {
      await stack.remove();
    } finally {
      await flux?.start();
    }
  }

  /** Of a folder of its own in the repository. */
  const settings = (namespace: string): object => ({
    repoURL: host.address,
    path: namespace,
    interval: "2s",
    secretName: "repository",
  });
  const folderOf = (stack: Stack): string => join(stack.dir, "k8s");

  async function render(stack: Stack): Promise<void> {
    const words = ["--out", folderOf(stack), "--config-file", stack.configFile];
    const { code, stderr } = await lifecycle(stack, "render", ...words).result;
    assert.equal(code, 0, stderr);
  }
  /** @returns the commit */
  function commit({ namespace }: Stack, folder: string): string {
    const files = readdirSync(folder).map(
      (name) => [name, readFileSync(join(folder, name), "utf8")] as const,
    );
    const before = host.branches().includes("main") ? host.git("ls-tree", "-r", "--name-only", "main") : "";
    const gone = before.split("\n").filter((path) => path.startsWith(`${namespace}/`));
    return host.commit("main", {
      ...Object.fromEntries(gone.map((path) => [path, undefined])),
      ...Object.fromEntries(files.map(([name, text]) => [`${namespace}/${name}`, text])),
    });
  }
  async function applied({ namespace }: Stack, revision: string): Promise<void> {
    let last: unknown;
    const done = async (): Promise<boolean> => {
      const found = await get(KUSTOMIZATION, ofFlux(namespace), FLUX_NAMESPACE);
      const status = found?.status as Status | undefined;
      last = status;
      const ready = status?.conditions?.find(({ type }) => type === "Ready");
      return ready?.status === "True" && status?.lastAppliedRevision?.endsWith(revision) === true;
    };
    await until(`Flux has applied ${revision}`, done, 60_000).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(last)}`);
    });
  }
  /** Who has set a field, other than of the status, of each of the objects. */
  async function managers(kinds: string, namespace: string): Promise<Map<string, string[]>> {
    const found = (
      await list(kinds, "-n", namespace, "-l", "app=ralph-orchestrator", "--show-managed-fields")
    ).filter(({ metadata: { ownerReferences } }) => ownerReferences === undefined);
    return new Map(
      found.map((object: Live) => [
        `${object.kind} ${object.metadata.name}`,
        ((object.metadata as Record<string, unknown>).managedFields as Managed[])
          .filter(({ operation, subresource }) => operation === "Apply" && subresource === undefined)
          .map(({ manager }) => manager.replace(/^pulumi-.*/, "pulumi")),
      ]),
    );
  }
  interface Managed {
    readonly manager: string;
    readonly operation: string;
    readonly subresource?: string;
  }

  /** Every object of the workload is Flux's alone, and every other one Pulumi's. @param others what has changed hands as it was */
  async function assertOwners(namespace: string, others: readonly string[] = []): Promise<void> {
    const owned = await managers(WORKLOAD, namespace);
    assert.ok(owned.size >= 12, [...owned.keys()].join());
    assert.deepEqual(
      [...owned].flatMap(([name, names]) => (names.join() === "kustomize-controller" ? [] : [name])),
      others,
    );
    const kept = await managers(KEPT, namespace);
    assert.ok(kept.size >= 6, [...kept.keys()].join());
    assert.deepEqual(
      [...kept].filter(([, names]) => names.join() !== "pulumi"),
      [],
    );
  }
  const config = async (namespace: string): Promise<Record<string, string> | undefined> =>
    (await get("configmap", "ralph-config", namespace))?.data as Record<string, string> | undefined;
  const pods = async (namespace: string): Promise<string[]> =>
    (await list("pods,replicasets", "-n", namespace, "-l", "app=ralph-orchestrator"))
      .map(({ kind, metadata: { name, uid } }) => `${kind} ${name} ${uid}`)
      .sort();

  async function assertGone(namespace: string): Promise<void> {
    assert.equal(await get("namespace", namespace), undefined);
    assert.equal(await get(KUSTOMIZATION, ofFlux(namespace), FLUX_NAMESPACE), undefined);
    assert.equal(await get(SOURCE, ofFlux(namespace), FLUX_NAMESPACE), undefined);
  }

  describe("that owns a stack's workload from the start", () => {
    const NAMESPACE = "applied";
    let stack: Stack;

    before(async () => {
      stack = await Stack.create({
        namespace: NAMESPACE,
        config: {
          argocd: undefined,
          gitops: { tool: "flux", owns: "workload" },
          flux: settings(NAMESPACE),
        },
      });
      for (const agent of ["claude", "gemini", "q"]) await stack.setSecret(`apiKeys.${agent}`, CANARY);
      await render(stack);
      const revision = commit(stack, folderOf(stack));
      const { code, stdout, stderr } = await stack.up();
      assert.equal(code, 0, stdout + stderr);
      await applied(stack, revision);
    });
    after(() => remove(stack));

    it("applies the folder and owns it, while Pulumi owns the rest", async () => {
      const files = readdirSync(folderOf(stack)).filter((name) => name.endsWith(".yaml"));
      const found = [...(await managers(WORKLOAD, NAMESPACE)).keys()];
      assert.equal(found.length, files.length, `${files.join()}\n${found.join()}`);
      await assertOwners(NAMESPACE);
      await kubectl("rollout", "status", "deployment/ralph-orchestrator", "-n", NAMESPACE, "--timeout=60s");
    });

    it("is left alone by the next update, the nightly comparison and the doctor", async () => {
      const again = await stack.up("--expect-no-changes");
      assert.equal(again.code, 0, again.stdout);
      const drift = await stack.preview("--refresh", "--expect-no-changes", "--diff");
      assert.equal(drift.code, 0, drift.stdout);
      await until("the task is done", async () =>
        (await list("jobs", "-n", NAMESPACE)).every(({ status }) => status.succeeded === 1),
      );
      const { findings } = await diagnose({
        file: fixture().plane.kubeconfig,
        namespace: NAMESPACE,
        stack: NAMESPACE,
      });
      assert.deepEqual(
        findings.map(({ check }) => check),
        ["autoscaling", "network policy", "name resolution"], // what the simulation lacks, as in doctor.test.ts
      );
    });

    it("takes back what kubectl changes and deletes", async () => {
      const before = await config(NAMESPACE);
      const patch = JSON.stringify({ data: { RALPH_MAX_ITERATIONS: "1" } });
      await kubectl("patch", "configmap", "ralph-config", "-n", NAMESPACE, "-p", patch);
      await kubectl("delete", "service", "ralph-metrics", "-n", NAMESPACE);
      await until("Flux has changed it back", async () => {
        const { RALPH_MAX_ITERATIONS } = (await config(NAMESPACE)) ?? {};
        return RALPH_MAX_ITERATIONS === before?.RALPH_MAX_ITERATIONS;
      });
      await until("Flux has created it again", () => get("service", "ralph-metrics", NAMESPACE));
      assert.deepEqual(await config(NAMESPACE), before);
    });

    it("changes what a commit changes, and prunes what it removes; Pulumi has no part in it", async () => {
      const before = await workloadIds(NAMESPACE);
      stack.configure({ config: { maxIterations: 9 }, limitRange: { enabled: false } });
      await render(stack);
      await applied(stack, commit(stack, folderOf(stack)));
      assert.equal((await config(NAMESPACE))?.RALPH_MAX_ITERATIONS, "9");
      const after = await workloadIds(NAMESPACE);
      assert.ok(before.delete(LIMITS));
      assert.deepEqual([...after].sort(), [...before].sort());
      assert.ok(after.has(CONFIG));
      const { code, stdout } = await stack.up("--expect-no-changes");
      assert.equal(code, 0, stdout);
    });

    it("restarts the workers if a Secret changes", async () => {
      const before = await pods(NAMESPACE);
      await stack.setSecret("apiKeys.claude", `${CANARY}-2`);
      const { code, stdout, stderr } = await stack.up();
      assert.equal(code, 0, stdout + stderr);
      await until("there are other workers", async () =>
        (await pods(NAMESPACE)).some((pod) => pod.startsWith("ReplicaSet") && !before.includes(pod)),
      );
    });

    it("gives the workload back as the page says, and takes it again", async () => {
      const [command = ""] = /pulumi destroy --target '[^']*flux'/.exec(page()) ?? [];
      const [, target = ""] = /'(.*)'/.exec(command) ?? [];
      const targeted = await stack.destroy("--target", target);
      assert.equal(targeted.code, 0, targeted.stdout + targeted.stderr);
      const left = [...(await workloadIds(NAMESPACE)).keys()].map((name) => name.split(" ")[0] ?? "");
      assert.deepEqual(
        left.filter((kind) => !KEPT.includes(kind.toLowerCase())),
        [],
      );
      const volumes = async (): Promise<string[]> =>
        (await list("persistentvolumeclaims", "-n", NAMESPACE)).map(({ metadata: { uid } }) => uid);
      const before = await volumes();
      assert.equal(before.length, 2);
      for (const owns of ["nothing", "workload"]) {
        stack.configure({ gitops: { tool: "flux", owns } });
        const { code, stdout, stderr } = await stack.up();
        assert.equal(code, 0, stdout + stderr);
        assert.ok(await get("deployment", "ralph-orchestrator", NAMESPACE));
      }
      assert.deepEqual(await volumes(), before);
      await applied(stack, host.git("rev-parse", "main"));
    });

    it("deletes the workload before `./ralphctl destroy` deletes the rest", async () => {
      const mark = auditMark();
      const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
      assert.equal(code, 0, stdout + stderr);
      await assertGone(NAMESPACE);
      const deletions = (await auditEntries(mark)).filter(({ verb }) => verb === "delete");
      const first = (resource: string): number =>
        deletions.findIndex(({ objectRef }) => objectRef?.resource === resource);
      const order = ["kustomizations", "deployments", "persistentvolumeclaims", "namespaces"].map(first);
      assert.deepEqual(
        order,
        [...order].sort((a, b) => a - b),
      );
      assert.ok(order[0] !== -1);
      assert.match(deletions[first("deployments")]?.userAgent ?? "", /kustomize-controller/);
    });
  });

  describe("that takes over a stack that is up", () => {
    const NAMESPACE = "taken-over";
    let stack: Stack;
    let ids: Map<string, string>;
    let running: string[];

    before(async () => {
      stack = await Stack.create({ namespace: NAMESPACE, config: { argocd: undefined } });
      const { code, stdout, stderr } = await stack.up();
      assert.equal(code, 0, stdout + stderr);
      const { repoURL, ...others } = settings(NAMESPACE) as { repoURL: string };
      assert.equal(repoURL, host.address);
      stack.configure({ flux: others });
      await kubectl("rollout", "status", "deployment/ralph-orchestrator", "-n", NAMESPACE, "--timeout=60s");
      ids = await workloadIds(NAMESPACE);
      running = await pods(NAMESPACE);
    });
    after(() => remove(stack));

    it("does so by the commands of docs/ci-cd.md, and no pod restarts", async () => {
      const [block = assert.fail("the page has no such block")] = blocksOf("docs/ci-cd.md").filter((lines) =>
        lines.some((line) => line.includes("ralph:gitops.owns")),
      );
      let revision = "";
      for (const line of block) {
        const command = bare(line)
          .replace("https://github.com/<owner>/<repository>", host.address)
          .replaceAll("<namespace>", NAMESPACE)
          .replace("<stack>", NAMESPACE)
          .replace(",limitrange", "$&,servicemonitor,prometheusrule") // as the page says
          .replace("--out k8s", `--out ${folderOf(stack)} --config-file ${stack.configFile}`);
        const { code, stdout, stderr } = await start("/bin/bash", ["-e", "-o", "pipefail", "-c", command], {
          cwd: REPOSITORY,
          env: {
            ...stack.env,
            KUBECONFIG: fixture().plane.kubeconfig,
            PULUMI_SKIP_CONFIRMATIONS: "true",
          },
        }).result;
        assert.equal(code, 0, `${command}\n${stdout}${stderr}`);
        if (command.startsWith("./ralphctl render")) revision = commit(stack, folderOf(stack));
      }
      await applied(stack, revision);
      assert.deepEqual(await workloadIds(NAMESPACE), ids);
      assert.deepEqual(await pods(NAMESPACE), running);
      await assertOwners(NAMESPACE, ["Job ralph-task"]);
      const { code, stdout } = await stack.up("--expect-no-changes");
      assert.equal(code, 0, stdout);
    });

    it("then removes the fields that leave the folder", async () => {
      const path = join(folderOf(stack), "01-configmap.yaml");
      const text = readFileSync(path, "utf8").replace(/^ {2}RALPH_MAX_ITERATIONS: .*\n/m, "");
      assert.ok("RALPH_MAX_ITERATIONS" in ((await config(NAMESPACE)) ?? {}));
      const revision = host.commit("main", { [`${NAMESPACE}/01-configmap.yaml`]: text });
      await applied(stack, revision);
      assert.ok(!("RALPH_MAX_ITERATIONS" in ((await config(NAMESPACE)) ?? {})));
      assert.deepEqual(await pods(NAMESPACE), running);
    });

    it("goes with `pulumi destroy`", async () => {
      const { code, stdout, stderr } = await stack.destroy();
      assert.equal(code, 0, stdout + stderr);
      await assertGone(NAMESPACE);
    });
  });

  describe("that runs no longer", () => {
    const NAMESPACE = "left-alone";
    let stack: Stack;
    after(() => remove(stack));

    it("holds `./ralphctl destroy` until the user runs the commands that it prints", async () => {
      stack = await Stack.create({
        namespace: NAMESPACE,
        config: {
          argocd: undefined,
          gitops: { tool: "flux", owns: "workload" },
          flux: settings(NAMESPACE),
        },
      });
      await render(stack);
      const revision = commit(stack, folderOf(stack));
      const up = await stack.up();
      assert.equal(up.code, 0, up.stdout + up.stderr);
      await applied(stack, revision);
      await flux?.stop();
      let printed = "";
      const { result } = watched(stack, ["destroy", "--yes"], (text) => (printed += text));
      const commands = await until("it prints the commands", () => {
        const found = printed.match(/^ *kubectl patch .*$/gm);
        return found?.length === 2 && found;
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${printed}`);
      });
      await until("the Kustomization waits for Flux", async () => {
        const found = await get(KUSTOMIZATION, ofFlux(NAMESPACE), FLUX_NAMESPACE);
        return found?.metadata.deletionTimestamp !== undefined;
      });
      const { kubeconfig } = fixture().plane;
      await runCommands(commands.map((command) => `KUBECONFIG=${kubeconfig} ${command.trim()}`));
      const { code, stdout, stderr } = await result;
      assert.equal(code, 0, stdout + stderr);
      await assertGone(NAMESPACE);
    });
  });
});
