/**
 * Proves, on a real API server, that `pulumi up` and ralphctl find and use a kubeconfig as kubectl does: several files
 * in $KUBECONFIG, `proxy-url`, `tls-server-name`, a login program with a path, a token in a file, and the service
 * account of a pod.
 */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { delimiter, join } from "node:path";

import { findContext } from "../../clusters/kubeconfig-files";
import { run } from "../../lib/process";
import { type ClusterAccess, openCluster } from "../../operations/cluster/client";
import { environment } from "../support/environment";
import { fixture } from "./support/fixture";
import { get, kubectl } from "./support/kubectl";
import { Stack } from "./support/stack";

const NAMESPACE = "kubeconfig";

describe("the kubeconfig of a user", () => {
  const restore = environment();
  let dir: string;
  let proxy: Server;
  /** What the proxy was asked to connect to. */
  let connected: string[];

  before(async () => {
    connected = [];
    const { plane } = fixture();
    dir = join(fixture().dir, "kube");
    proxy = createServer().on("connect", ({ url = "" }, client) => {
      connected.push(url);
      const upstream = connect(Number(new URL(plane.server).port), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        client.pipe(upstream).pipe(client);
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const)
        one.on("error", () => undefined).on("close", () => other.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));

    mkdirSync(join(dir, "a/bin"), { recursive: true });
    mkdirSync(join(dir, "b"));
    copyFileSync(plane.certificateAuthority, join(dir, "b/ca.crt"));
    await kubectl("create", "serviceaccount", NAMESPACE, "-n", "default");
    await kubectl(
      "create",
      "clusterrolebinding",
      NAMESPACE,
      "--clusterrole=cluster-admin",
      `--serviceaccount=default:${NAMESPACE}`,
    );
    writeFileSync(join(dir, "b/token"), await kubectl("create", "token", NAMESPACE, "-n", "default"));
    const status = {
      clientCertificateData: readFileSync(plane.clientCertificate, "utf8"),
      clientKeyData: readFileSync(plane.clientKey, "utf8"),
    };
    const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
    writeFileSync(join(dir, "a/credential.json"), JSON.stringify(credential));
    writeFileSync(join(dir, "a/bin/login"), `#!/bin/sh\ncat ${join(dir, "a/credential.json")}\n`, {
      mode: 0o755,
    });

    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "./bin/login",
      interactiveMode: "Never",
    };
    writeFileSync(
      join(dir, "a/config"),
      JSON.stringify({
        "current-context": "program",
        contexts: [
          { name: "program", context: { cluster: "proxied", user: "program", namespace: "of-the-first" } },
          { name: "token", context: { cluster: "proxied", user: "token" } },
        ],
        users: [{ name: "program", user: { exec } }],
      }),
    );
    writeFileSync(
      join(dir, "b/config"),
      JSON.stringify({
        "current-context": "token",
        contexts: [{ name: "program", context: { cluster: "none", user: "none" } }],
        clusters: [
          {
            name: "proxied",
            cluster: {
              // No such name exists: only the proxy resolves it, and the certificate is for another one.
              server: "https://ralph.invalid:6443",
              "certificate-authority": "ca.crt",
              "tls-server-name": "kubernetes.default.svc",
              "proxy-url": `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
            },
          },
        ],
        users: [{ name: "token", user: { tokenFile: "token" } }],
      }),
    );
  });
  beforeEach(() => {
    process.env.KUBECONFIG = [join(dir, "missing"), join(dir, "a/config"), join(dir, "b/config")].join(
      delimiter,
    );
  });
  afterEach(restore);
  after(async () => {
    proxy.close();
    await kubectl("delete", "clusterrolebinding", NAMESPACE);
    await kubectl("delete", "serviceaccount", NAMESPACE, "-n", "default");
  });

  /** The user as which the server sees a request. */
  async function whoAmI(access: ClusterAccess): Promise<string> {
    const client = await openCluster(access);
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const { status } = await client.create<Review>(
      "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      review,
    );
    return status.userInfo.username;
  }
  interface Review {
    readonly status: { readonly userInfo: { readonly username: string } };
  }

  for (const context of [undefined, "token"]) {
    it(`is read as kubectl reads it: ${context ?? "the current context"}`, async () => {
      const options = context === undefined ? [] : ["--context", context];
      const { stdout, stderr } = await run(
        fixture().toolchain.paths.kubectl,
        ["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", ...options],
        { env: process.env },
      );
      assert.notEqual(stdout, "", stderr);
      connected.length = 0;
      assert.equal(await whoAmI(context === undefined ? {} : { context }), stdout);
      assert.deepEqual([...new Set(connected)], ["ralph.invalid:6443"]);
    });
  }

  it("is the service account of the pod in which ralphctl runs", async () => {
    const account = join(dir, "b");
    writeFileSync(join(account, "namespace"), "default");
    Object.assign(process.env, {
      KUBECONFIG: join(dir, "missing"),
      KUBERNETES_SERVICE_HOST: "127.0.0.1",
      KUBERNETES_SERVICE_PORT: new URL(fixture().plane.server).port,
    });
    const { kubeconfig } = findContext({}, account);
    assert.equal(await whoAmI({ kubeconfig }), `system:serviceaccount:default:${NAMESPACE}`);
  });

  it("is what `pulumi up` works with", async () => {
    const stack = await Stack.create({
      namespace: NAMESPACE,
      config: {
        cluster: { storageClass: { rwo: "standard", rwx: "standard-rwx" }, metricsApi: false },
        argocd: undefined,
        ingress: undefined,
        monitoring: { enabled: false },
      },
    });
    try {
      stack.env.KUBECONFIG = process.env.KUBECONFIG;
      connected.length = 0;
      const { code, stdout, stderr } = await stack.up();
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual([...new Set(connected)], ["ralph.invalid:6443"]);
      assert.equal(await stack.pulumi(["stack", "output", "clusterName"]), "program\n");
      assert.equal((await get("deployment", "ralph-orchestrator", NAMESPACE))?.kind, "Deployment");
    } finally {
      await stack.remove();
    }
  });
});
