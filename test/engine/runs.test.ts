/**
 * Proves on the real engine and API server: of two concurrent runs on one stack, one does its work and the other
 * is refused, however each was started; `pulumi` and the Automation API produce the same state and the same
 * objects; and a preview needs only read permissions.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openStack } from "../../operations/engine/stack";
import { REPOSITORY } from "../../lib/repository";
import { auditEntries, auditMark, isWrite } from "./support/audit";
import { changes } from "./support/events";
import { fixture } from "./support/fixture";
import { get, kubectl } from "./support/kubectl";
import { lifecycle } from "./support/lifecycle";
import { meaning, normal, type Normal } from "./support/normal";
import { Stack, type Values } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "runs";
const READER = "runs-reader";

describe("a stack", () => {
  let stack: Stack;
  before(async () => (stack = await Stack.create({ namespace: NAMESPACE })));
  after(async () => {
    await stack.remove();
    // The engine writes the salt there for a stack that the Automation API runs, whatever file it was given.
    rmSync(join(REPOSITORY, `Pulumi.${NAMESPACE}.yaml`), { force: true });
    await kubectl("delete", "serviceaccount", READER, "-n", "default", "--ignore-not-found");
    await kubectl("delete", "clusterrolebinding", READER, "--ignore-not-found");
  });

  const locks = (): string[] => {
    const folder = join(stack.dir, "state", ".pulumi", "locks", "organization", "ralph", NAMESPACE);
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  };
  const locked = (): Promise<boolean> => until("the run has its lock", () => locks().length > 0);

  /** The content of the state, without what the server chose. */
  const state = (): Map<string, Normal> =>
    new Map(
      stack.resources.map(({ urn, type, inputs, outputs }) => [
        urn,
        normal({ type, inputs: inputs ?? {}, outputs: outputs ?? {} }, [
          /^(inputs|outputs)\.(status|spec\.(clusterIPs?|volumeName))$/,
          /^outputs\.metadata\.(uid|resourceVersion|creationTimestamp|generation|managedFields|finalizers)$/,
          /^outputs\.metadata\.annotations\.(deployment\.kubernetes\.io|(pv|volume)(\.beta)?\.kubernetes\.io)\/.*/,
          /^outputs\.spec\.selector\.matchLabels\.batch\.kubernetes\.io\/controller-uid$/,
          /^outputs\.spec\.template\.metadata\.labels\.(batch\.kubernetes\.io\/)?controller-uid$/,
          /^outputs\.spec\.finalizers$/,
          // Secrets are encrypted again in each run.
          /\.(ciphertext|__inputs|kubeconfig)$/,
          // Random for each created object.
          /\.__fieldManager$/,
        ]),
      ]),
    );

  it("is brought up by one of two concurrent runs; the other is refused and names it", async () => {
    const first = stack.begin("up", ["--yes", "--skip-preview"]);
    await locked();
    const second = await stack.up();
    assert.notEqual(second.code, 0);
    assert.match(second.stderr, /the stack is currently locked by 1 lock/);
    const { code, stdout } = await first.child.result;
    assert.equal(code, 0, stdout);
    const after = await stack.preview("--expect-no-changes");
    assert.equal(after.code, 0, after.stdout);
  });

  let byPulumi: { state: Map<string, Normal>; objects: Map<string, Normal> };

  it("is previewed by a user with read permissions only, and nothing is written", async () => {
    byPulumi = { state: state(), objects: await meaning(NAMESPACE) };
    await kubectl("create", "serviceaccount", READER, "-n", "default");
    await kubectl(
      ...["create", "clusterrolebinding", READER, "--clusterrole=view", `--serviceaccount=default:${READER}`],
    );
    const token = (await kubectl("create", "token", READER, "-n", "default")).trim();
    const config = JSON.parse(readFileSync(fixture().plane.kubeconfig, "utf8")) as { users: Values[] };
    const kubeconfig = join(stack.dir, "reader");
    writeFileSync(
      kubeconfig,
      JSON.stringify({ ...config, users: config.users.map((each) => ({ ...each, user: { token } })) }),
    );

    const cluster = { ...(stack.configured("cluster") as Values), kubeconfig };
    const mark = auditMark();
    const before = readFileSync(stack.stateFile, "utf8");
    const prompts = { "extra.md": "Extra." };
    const { code, stdout, operations } = await stack.configuredAs({ cluster, prompts }, () =>
      stack.preview(),
    );
    assert.equal(code, 0, stdout);
    assert.deepEqual(
      changes(operations)
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ op, name }) => `${op} ${name}`)
        .sort(),
      ["update ralph-prompts"],
    );
    const asked = (await auditEntries(mark)).filter(({ userAgent }) => /pulumi/.test(userAgent));
    assert.deepEqual(asked.filter(isWrite), []);
    assert.equal(readFileSync(stack.stateFile, "utf8"), before);
    // The user really has no more: a write would be refused.
    assert.equal(
      (
        await kubectl(
          "auth",
          "can-i",
          "patch",
          "configmaps",
          `--as=system:serviceaccount:default:${READER}`,
          "-n",
          NAMESPACE,
        ).catch(String)
      ).includes("no"),
      true,
    );
  });

  it("is destroyed by two concurrent `./ralphctl destroy`: the one that finds the lock is refused, and nothing is left", async () => {
    const both = await Promise.all([1, 2].map(() => lifecycle(stack, "destroy", "--yes").result));
    for (const { code, stderr } of both) {
      if (code === 0) continue;
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^error: (stack runs is locked by process \d+ of|pulumi destroy failed)/m);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
    const last = await lifecycle(stack, "destroy", "--yes").result;
    assert.equal(last.code, 0, last.stderr);
    assert.deepEqual([stack.resources, stack.pending, locks()], [[], [], []]);
    assert.equal(await get("namespace", NAMESPACE), undefined);
  });

  it("is the same by the Automation API as by pulumi, and is deleted as completely", async () => {
    const environment = Object.fromEntries(
      Object.entries(stack.env).map(([name, value]) => [name, value ?? ""] as const),
    );
    const automated = await openStack(NAMESPACE, environment);
    await automated.up({ suppressOutputs: true });
    assert.deepEqual(await meaning(NAMESPACE), byPulumi.objects);
    assert.deepEqual(state(), byPulumi.state);
    const { code, stderr } = await lifecycle(stack, "destroy", "--yes").result;
    assert.equal(code, 0, stderr);
    assert.deepEqual(stack.resources, []);
    assert.equal(await get("namespace", NAMESPACE), undefined);
  });
});
