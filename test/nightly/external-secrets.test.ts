/**
 * Proves, with the real External Secrets and moto in place of AWS Secrets Manager, that a stack's Secrets come from a store
 * before any pod exists; that a rotated key reaches the next call of a worker's agent without a restart; that a key which is
 * deleted in the store stays, and the doctor says so; and that `destroy` deletes the ExternalSecrets, finalizer included,
 * before the namespace. The engine, the API server, the runner and Ralph are real; the agent is a script, and a loop stands
 * in for the kubelet, which writes the mounted files.
 */
import assert from "node:assert/strict";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { diagnose } from "../../operations/doctor";
import { type Child, start } from "../engine/support/children";
import { fixture } from "../engine/support/fixture";
import { get, kubectl, kubectlWith, type Live } from "../engine/support/kubectl";
import { freePort } from "../engine/support/prometheus";
import { ralphOrSkip, Sandbox } from "../engine/support/runner";
import { Stack } from "../engine/support/stack";
import { until } from "../engine/support/until";
import { findExternalSecrets, findMoto } from "./external-secrets";

const NAMESPACE = "from-store";
const KEYS = "ralph-secrets-external";
const FINALIZER = "externalsecrets.external-secrets.io/externalsecret-cleanup";
const REGION = "eu-central-1";
const LIFE = 30 * 60_000;

describe("Secrets from a store", function () {
  this.timeout(90 * 60_000); // the controller may have to be built
  let moto: string;
  let box: Sandbox;
  let stack: Stack | undefined;
  const children: Child[] = [];

  /** A call of AWS Secrets Manager. */
  async function store(action: string, body: object): Promise<void> {
    const response = await fetch(moto, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `secretsmanager.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/secretsmanager/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}`);
  }
  const secret = async (name: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(((await get("secret", name, NAMESPACE))?.data ?? {}) as Record<string, string>).map(
        ([key, text]) => [key, Buffer.from(text, "base64").toString()],
      ),
    );
  const ready = (object: Live | undefined): { status?: string; reason?: string } =>
    (object?.status?.conditions as { type: string; status: string; reason: string }[] | undefined)?.find(
      ({ type }) => type === "Ready",
    ) ?? {};

  before(async function () {
    const found = await Promise.all([findExternalSecrets(), findMoto()]);
    const missing = found.find((each) => typeof each === "string");
    const [controller, mock] = found;
    if (missing !== undefined || typeof controller === "string" || typeof mock === "string") {
      console.log(`      skipped: ${String(missing)}`);
      return this.skip();
    }
    box = new Sandbox(await ralphOrSkip(this));
    const { plane } = fixture();
    await kubectl(
      "apply",
      "--server-side",
      "--filename",
      join(controller.module, "deploy", "crds", "bundle.yaml"),
    );
    const [port, metrics] = [await freePort(), await freePort()];
    moto = `http://127.0.0.1:${port}`;
    const options = { cwd: box.root, timeout: LIFE };
    children.push(
      start(mock.program, ["--host=127.0.0.1", `--port=${port}`], { ...options, env: process.env }),
      start(controller.program, [`--metrics-addr=127.0.0.1:${metrics}`], {
        ...options,
        env: {
          PATH: process.env.PATH,
          KUBECONFIG: plane.kubeconfig,
          ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: REGION },
          ...{ AWS_SECRETSMANAGER_ENDPOINT: moto, AWS_STS_ENDPOINT: moto },
        },
      }),
    );
    await until("moto answers", () =>
      fetch(moto).then(
        () => true,
        () => false,
      ),
    );
    await store("CreateSecret", { Name: "ralph/claude", SecretString: '{"apiKey":"sk-ant-first"}' });
    await store("CreateSecret", { Name: "ralph/ghcr", SecretString: 'a "password"' });
    await store("CreateSecret", { Name: "ralph/git", SecretString: "token-of-git" });
    await kubectlWith(
      [
        {
          apiVersion: "external-secrets.io/v1",
          kind: "ClusterSecretStore",
          metadata: { name: "moto" },
          spec: { provider: { aws: { service: "SecretsManager", region: REGION } } },
        },
      ],
      "apply",
    );
    const external = (keys: object) => ({ store: { name: "moto" }, refreshInterval: "2s", keys });
    stack = await Stack.create({
      namespace: NAMESPACE,
      config: {
        config: { agent: "claude" },
        apiKeys: { externalSecret: external({ claude: { key: "ralph/claude", property: "apiKey" } }) },
        git: {
          remote: "https://git.test/o/r.git",
          ca: undefined,
          externalSecret: external({ token: { key: "ralph/git" } }),
        },
        imagePullSecrets: [
          {
            name: "ghcr",
            server: "ghcr.io",
            username: "me",
            externalSecret: external({ password: { key: "ralph/ghcr" } }),
          },
        ],
        tasks: [],
        schedules: [],
      },
    });
  });
  after(async () => {
    await stack?.remove();
    for (const child of children) child.kill();
    await kubectl("delete", "clustersecretstore", "moto", "--ignore-not-found").catch(() => undefined);
    await box?.remove();
  });

  it("exist, with the store's values, before any pod", async () => {
    const began = performance.now();
    const { code, stdout, stderr } = (await stack?.up()) ?? assert.fail();
    console.log(`      up: ${Math.round((performance.now() - began) / 1000)} s`);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await secret(KEYS), { CLAUDE_API_KEY: "sk-ant-first" });
    assert.deepEqual(await secret("ralph-git-external"), { token: "token-of-git" });
    const file = JSON.parse((await secret("ghcr"))[".dockerconfigjson"] ?? "") as unknown;
    const auth = Buffer.from('me:a "password"').toString("base64");
    assert.deepEqual(file, { auths: { "ghcr.io": { username: "me", password: 'a "password"', auth } } });
    assert.equal((await get("secret", "ghcr", NAMESPACE))?.type, "kubernetes.io/dockerconfigjson");
    assert.equal(await get("secret", "ralph-secrets", NAMESPACE), undefined);
    const written = (await get("secret", KEYS, NAMESPACE))?.metadata.creationTimestamp ?? "none";
    const deployed =
      (await get("deployment", "ralph-orchestrator", NAMESPACE))?.metadata.creationTimestamp ?? "none";
    assert.ok(written <= deployed, `${written}, ${deployed}`);
    const again = (await stack?.up()) ?? assert.fail();
    assert.match(again.stdout, /\d+ unchanged/);
    assert.doesNotMatch(again.stdout, /\d+ (updated|created|replaced)/);
  });

  it("are rotated in the store, and the next call of a running worker's agent has the new key", async () => {
    const folder = box.path("etc", "ralph", "keys");
    mkdirSync(folder, { recursive: true });
    let over = false;
    const kubelet = (async () => {
      while (!over) {
        const { CLAUDE_API_KEY: key = "" } = await secret(KEYS);
        writeFileSync(join(folder, "..new"), key);
        renameSync(join(folder, "..new"), join(folder, "CLAUDE_API_KEY"));
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    try {
      // Two iterations of one prompt; the second begins once the key is another.
      box.agent(
        "claude",
        `cat >/dev/null; echo "$ANTHROPIC_API_KEY" >> ${box.path("calls")}; echo "my key is $ANTHROPIC_API_KEY"
         n=$(wc -l < ${box.path("calls")}); [ "$n" -ge 2 ] && { echo LOOP_COMPLETE; exit; }
         until [ -e ${box.path("rotated")} ]; do sleep 0.1; done; echo progress > file; "$RALPH_BIN" emit part.done one`,
      );
      box.prompt("task.md", "Do it.");
      await until("the first key is mounted", () => box.exists("etc/ralph/keys/CLAUDE_API_KEY"));
      const pod = await box.start([], { RALPH_AGENT: "claude", CLAUDE_API_KEY: "sk-ant-variable" });
      await until("the first call", () => box.exists("calls"));
      const began = performance.now();
      await store("PutSecretValue", { SecretId: "ralph/claude", SecretString: '{"apiKey":"sk-ant-second"}' });
      await until(
        "the file has the new key",
        () => box.read("etc/ralph/keys/CLAUDE_API_KEY") === "sk-ant-second",
      );
      console.log(
        `      rotated in the store, in the file after ${((performance.now() - began) / 1000).toFixed(1)} s`,
      );
      writeFileSync(box.path("rotated"), "");
      await until(
        "the prompt is completed",
        async () => (await pod.metric("ralph_prompts"))['state="completed"'] === 1,
        60_000,
      );
      pod.child.signal("SIGTERM");
      const { stdout } = await pod.child.result;
      assert.deepEqual(box.read("calls").trim().split("\n"), ["sk-ant-first", "sk-ant-second"]);
      assert.equal(stdout.match(/my key is \[redacted\]/g)?.length, 2, stdout);
      assert.doesNotMatch(stdout, /sk-ant-/);
    } finally {
      over = true;
      await kubelet;
    }
  });

  it("keep their last value if it is deleted in the store, and the doctor reports it", async () => {
    await store("DeleteSecret", { SecretId: "ralph/claude", ForceDeleteWithoutRecovery: true });
    const refused = await until("the store's answer", async () => {
      const object = await get("externalsecret", KEYS, NAMESPACE);
      return ready(object).status === "False" ? object : undefined;
    });
    assert.equal(ready(refused).reason, "SecretSyncedError");
    assert.deepEqual(await secret(KEYS), { CLAUDE_API_KEY: "sk-ant-second" });
    const { findings } = await diagnose({ file: fixture().plane.kubeconfig, namespace: NAMESPACE });
    const found = findings.find(({ check }) => check === "external Secrets");
    assert.equal(found?.object, `ExternalSecret ${KEYS}`);
    assert.match(found?.what ?? "", /^SecretSyncedError: /);
    assert.ok(found?.fix.includes(`kubectl -n ${NAMESPACE} describe externalsecret ${KEYS}`));
    console.log(`      doctor: ${found?.what}`);
  });

  it("are deleted before the namespace, while the operator can still remove its finalizer", async () => {
    // As the operator sets it since 1.x; this version sets none.
    const finalize = (finalizers: string[] | null): Promise<string> => {
      const patch = JSON.stringify({ metadata: { finalizers } });
      return kubectl("-n", NAMESPACE, "patch", "externalsecret", KEYS, "--type=merge", "--patch", patch);
    };
    await finalize([FINALIZER]);
    const destroyed = stack?.destroy() ?? assert.fail();
    await until(
      "it is being deleted",
      async () => (await get("externalsecret", KEYS, NAMESPACE))?.metadata.deletionTimestamp !== undefined,
      120_000,
    );
    assert.equal((await get("namespace", NAMESPACE))?.metadata.deletionTimestamp, undefined);
    await finalize(null);
    const { code, stdout, stderr } = await destroyed;
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await get("namespace", NAMESPACE), undefined);
  });
});
