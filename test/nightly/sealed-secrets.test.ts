/**
 * Proves sealed Secrets with the real controller and kubeseal on a real API server: what kubeseal printed and the stack's
 * file has becomes the Secret that the pods use, `pulumi up` waits for it, a new value replaces it, one that was sealed for
 * another name is not opened, and a destroyed stack leaves neither.
 */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../lib/process";
import { type Child, start } from "../engine/support/children";
import { fixture } from "../engine/support/fixture";
import { kubectl, kubectlWith } from "../engine/support/kubectl";
import { Stack } from "../engine/support/stack";
import { until } from "../engine/support/until";
import { programsOrSkip } from "./go-programs";

const NAMESPACE = "sealed";
const NAME = "sealed-keys";
/** Where the controller and its keys are. */
const HOME = "sealed-secrets";
const ACCOUNT = "/run/secrets/kubernetes.io/serviceaccount";
/** The controller knows no kubeconfig: it gets a pod's files, in a mount namespace that ends with it. */
const AS_A_POD = `mount -t tmpfs none /run; mkdir -p ${ACCOUNT}; cp "$1"/* ${ACCOUNT}; shift; exec "$@"`;

describe("sealed Secrets, by the real controller", function () {
  this.timeout(300_000);
  let folder: string;
  let programs: string;
  let controller: Child | undefined;
  let stack: Stack | undefined;

  before(async function () {
    if (process.getuid?.() !== 0) {
      console.log("      skipped: only root can give the controller a pod's files");
      return this.skip();
    }
    const built = await programsOrSkip(this, "sealed-secrets", "0.40.0", [
      "github.com/bitnami/sealed-secrets/cmd/controller",
      "github.com/bitnami/sealed-secrets/cmd/kubeseal",
    ]);
    programs = built.folder;
    const { dir, plane } = fixture();
    folder = join(dir, "sealed-secrets");
    const account = join(folder, "account");
    mkdirSync(account, { recursive: true });

    const module = await built.dependency("github.com/bitnami/sealed-secrets");
    await kubectl("apply", "-f", join(module, "helm/sealed-secrets/crds/bitnami.com_sealedsecrets.yaml"));
    await kubectl("create", "namespace", HOME);
    await kubectl("create", "serviceaccount", "controller", "-n", HOME);
    const subject = `--serviceaccount=${HOME}:controller`;
    await kubectl("create", "clusterrolebinding", HOME, "--clusterrole=cluster-admin", subject);
    writeFileSync(join(account, "token"), await kubectl("create", "token", "controller", "-n", HOME));
    copyFileSync(plane.certificateAuthority, join(account, "ca.crt"));

    const server = /https:\/\/([\d.]+):(\d+)/.exec(readFileSync(plane.kubeconfig, "utf8")) ?? [];
    controller = start(
      "unshare",
      ["--mount", "sh", "-ec", AS_A_POD, "--", account, join(programs, "controller")],
      {
        cwd: folder,
        env: {
          ...process.env,
          ...{ KUBERNETES_SERVICE_HOST: server[1], KUBERNETES_SERVICE_PORT: server[2], POD_NAMESPACE: HOME },
        },
        timeout: 280_000,
      },
    );
    await until("the controller has a key", async () => {
      const label = "sealedsecrets.bitnami.com/sealed-secrets-key=active";
      const keys = await kubectl("get", "secrets", "-n", HOME, "-l", label, "-o", "json");
      const [key] = (JSON.parse(keys) as { items: { data: Record<string, string> }[] }).items;
      if (key === undefined) return false;
      writeFileSync(join(folder, "cert.pem"), Buffer.from(key.data["tls.crt"] ?? "", "base64"));
      return true;
    });
  });
  after(async () => {
    await stack?.remove();
    controller?.kill();
    await controller?.result;
    if (controller === undefined) return;
    await kubectl("delete", "clusterrolebinding", HOME);
    await kubectl("delete", "namespace", HOME, "--wait=false");
    await kubectl("delete", "crd", "sealedsecrets.bitnami.com");
  });

  /** As docs/secrets.md has it. */
  async function seal(value: string): Promise<string> {
    const file = join(folder, "key");
    writeFileSync(file, value);
    const { code, stdout, stderr } = await run(
      join(programs, "kubeseal"),
      [
        ...["--raw", "--namespace", NAMESPACE, "--name", NAME, "--from-file", file],
        ...["--cert", join(folder, "cert.pem")],
      ],
      { timeout: 30_000 },
    );
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  const sealedWith = async (value: string) => ({
    apiKeys: { existingSecret: NAME },
    sealedSecrets: [{ name: NAME, encryptedData: { CLAUDE_API_KEY: await seal(value) } }],
  });

  async function opened(): Promise<string> {
    const encoded = await kubectl(
      ...["get", "secret", NAME, "-n", NAMESPACE, "-o", "jsonpath={.data.CLAUDE_API_KEY}"],
    );
    return Buffer.from(encoded, "base64").toString();
  }

  it("are opened for the pods before `pulumi up` ends", async () => {
    stack = await Stack.create({ namespace: NAMESPACE, config: await sealedWith("sk-ant-first") });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await opened(), "sk-ant-first");
    assert.doesNotMatch(stdout + stderr + readFileSync(stack.configFile, "utf8"), /sk-ant-first/);
  });

  it("change with the value", async () => {
    assert.ok(stack);
    stack.configure(await sealedWith("sk-ant-second"));
    const { code, stdout } = await stack.up();
    assert.equal(code, 0, stdout);
    await until("the new value is there", async () => (await opened()) === "sk-ant-second");
  });

  it("are not opened under another name", async () => {
    const other = {
      apiVersion: "bitnami.com/v1alpha1",
      kind: "SealedSecret",
      metadata: { name: "another", namespace: NAMESPACE },
      spec: { encryptedData: { CLAUDE_API_KEY: await seal("sk-ant-third") } },
    };
    await kubectlWith([other], "apply");
    await until("it is refused", async () =>
      /no key could decrypt secret/.test(
        await kubectl(
          "get",
          "sealedsecret",
          "another",
          "-n",
          NAMESPACE,
          "-o",
          "jsonpath={.status.conditions}",
        ),
      ),
    );
    await kubectl("delete", "sealedsecret", "another", "-n", NAMESPACE);
  });

  it("go with the stack, and the Secret too", async () => {
    const { code, stdout } = (await stack?.destroy()) ?? assert.fail("no stack");
    assert.equal(code, 0, stdout);
    await until("the namespace is gone", async () => !(await kubectl("get", "ns")).includes(`${NAMESPACE} `));
  });
});
