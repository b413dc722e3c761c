/**
 * Proves what happens when the API server cannot be reached, rejects the client, or has an untrusted certificate: a run
 * that must change something ends soon, reports the reason, and leaves state and objects as they were; the next run
 * recovers without replacing anything. A preview does not need the server: it shows the edit.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

import { changes } from "./support/events";
import { fixture } from "./support/fixture";
import { everything, get } from "./support/kubectl";
import { Proxy } from "./support/proxy";
import { type Outcome, Stack } from "./support/stack";

const NAMESPACE = "unreachable";
/** Milliseconds. The provider tries five times; the rest allows for a busy machine. */
const SOON = 120_000;

interface Kubeconfig {
  clusters: { cluster: Record<string, string> }[];
  users: { user: Record<string, string> }[];
}

interface Fault {
  readonly what: string;
  readonly inject: (proxy: Proxy) => Promise<void> | void;
  /** What the message must contain. */
  readonly cause: RegExp;
}

describe("an API server", () => {
  let stack: Stack;
  let proxy: Proxy;
  let kubeconfig: string;
  let intact: string;

  before(async () => {
    proxy = await Proxy.open();
    kubeconfig = join(fixture().dir, "kubeconfig-by-proxy");
    intact = readFileSync(fixture().plane.kubeconfig, "utf8").replace(fixture().plane.server, proxy.url);
    assert.ok(intact.includes(proxy.url));
    writeFileSync(kubeconfig, intact);
    stack = await Stack.create({ namespace: NAMESPACE, kubeconfig });
  });
  after(async () => {
    await restore();
    await stack.remove();
    await proxy.cut();
  });

  async function restore(): Promise<void> {
    writeFileSync(kubeconfig, intact);
    await proxy.restore();
  }
  function edit(change: (config: Kubeconfig) => void): void {
    const config = JSON.parse(intact) as Kubeconfig;
    change(config);
    writeFileSync(kubeconfig, JSON.stringify(config));
  }

  const FAULTS: readonly Fault[] = [
    {
      what: "that is down",
      inject: () => proxy.cut(),
      cause: /unreachable.*connection refused/,
    },
    {
      what: "that rejects the client's credentials",
      inject: () => edit(({ users }) => users.forEach((entry) => (entry.user = { token: "revoked" }))),
      cause: /unreachable.*the server has asked for the client to provide credentials/,
    },
    {
      what: "whose certificate is of another authority",
      inject: () =>
        edit(({ clusters }) =>
          clusters.forEach(({ cluster }) => {
            const [other = ""] = rootCertificates;
            cluster["certificate-authority-data"] = Buffer.from(other).toString("base64");
          }),
        ),
      cause: /unreachable.*certificate signed by unknown authority/,
    },
  ];

  async function soon(run: () => Promise<Outcome>): Promise<Outcome> {
    const began = Date.now();
    const outcome = await run();
    assert.ok(Date.now() - began < SOON, `took ${Date.now() - began} ms`);
    return outcome;
  }
  function assertFailed({ code, diagnostics, stdout }: Outcome, cause: RegExp): void {
    assert.equal(code, 1, stdout);
    const messages = diagnostics.map(({ message }) => message).join("");
    assert.match(messages, cause);
    assert.doesNotMatch(messages, /panic|\.go:\d+|\bat .*\.ts:\d+/); // a message, not a trace
  }
  const urns = (): string[] => stack.resources.map(({ urn }) => urn).sort();
  const uids = async (): Promise<string[]> =>
    (await everything(NAMESPACE))
      .filter(({ kind }) => !["Pod", "ReplicaSet"].includes(kind))
      .map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`);

  it("that is down before the first up: a preview shows all objects, an up fails at the first and is repeated later", async () => {
    await proxy.cut();
    const preview = await soon(() => stack.preview());
    assert.equal(preview.code, 0, preview.stdout);
    const up = await soon(() => stack.up());
    assertFailed(up, /unreachable.*connection refused/);
    const recorded = stack.resources.filter(({ type }) => /^kubernetes:/.test(type));
    assert.deepEqual(recorded, []);

    await proxy.restore();
    const { code, stdout, operations } = await stack.up();
    assert.equal(code, 0, stdout);
    assert.equal(
      changes(operations).length,
      changes(preview.operations).length -
        changes(up.operations).filter(({ type }) => !/^kubernetes:/.test(type)).length,
    );
    assert.deepEqual(new Set(changes(operations).map(({ op }) => op)), new Set(["create"]));
  });

  for (const { what, inject, cause } of FAULTS) {
    it(`${what}: a preview shows the edit, up and destroy report it and change nothing, the next up applies it`, async () => {
      const before = { urns: urns(), uids: await uids() };
      const prompt = `Written while there was an API server ${what}.`;
      stack.configure({ prompts: { "task.md": prompt } });
      await inject(proxy);
      const preview = await soon(() => stack.preview());
      assert.equal(preview.code, 0, preview.stdout);
      const workload = changes(preview.operations).filter(({ type }) => /^kubernetes:/.test(type));
      assert.deepEqual(workload.map(({ op, name }) => `${op} ${name}`).sort(), ["update ralph-prompts"]);

      assertFailed(await soon(() => stack.up()), cause);
      assertFailed(await soon(() => stack.destroy()), cause);
      assert.deepEqual({ urns: urns(), uids: await uids() }, before);

      await restore();
      const { code, stdout, operations } = await stack.up();
      assert.equal(code, 0, stdout);
      assert.deepEqual(new Set(changes(operations).map(({ op }) => op)), new Set(["update"]));
      assert.equal((await get("configmap", "ralph-prompts", NAMESPACE))?.data["task.md"], prompt);
      assert.deepEqual({ urns: urns(), uids: await uids() }, before);
    });
  }

  it("that accepts connections and never answers: destroy gives up and keeps everything", async () => {
    const before = urns();
    await proxy.silence();
    assertFailed(await soon(() => stack.destroy()), /unreachable.*timeout/);
    await proxy.restore();
    assert.deepEqual(urns(), before);
  });

  it("with new credentials: `pulumi destroy` tries the old ones of the state, `--run-program` the new ones", async () => {
    await FAULTS[1]?.inject(proxy);
    await stack.up(); // writes the revoked ones into the state
    await restore();
    assertFailed(await stack.destroy(), /provide credentials/);
    const { code, stdout } = await stack.destroy("--run-program");
    assert.equal(code, 0, stdout);
    assert.deepEqual(stack.resources, []);
    assert.equal(await get("namespace", NAMESPACE), undefined);
  });
});
