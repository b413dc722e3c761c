/**
 * Proves what `verify` concludes of a pod's identity: its programs run here against stand-ins that answer as the agent of
 * EKS, the metadata server of GKE and the token endpoint of Entra do, by the variables that the clouds set. No credential
 * is in what they report.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { V1Deployment } from "@kubernetes/client-node";

import { podCredentials as aks } from "../../clusters/aks/operations/pod-credentials";
import { podCredentials as eks } from "../../clusters/eks/operations/pod-credentials";
import { podCredentials as gke } from "../../clusters/gke/operations/pod-credentials";
import type { PodCredentials } from "../../clusters/operations";
import type { PodIdentity } from "../../clusters/types";
import { run } from "../../lib/process";
import { type ClusterClient, Refusal } from "../../operations/cluster/client";
import { type Credentials, identity } from "../../operations/verify/checks/identity";
import { programPod } from "../../operations/verify/probe";
import { credentials } from "../../operations/verify/programs";
import type { Sandbox } from "../../operations/verify/sandbox";
import type { Context, Result } from "../../operations/verify/types";

const CANARY = "canary-credential";
const HOUR = { seconds: 3600 };

describe("verify's pod asks for credentials", () => {
  let dir: string;
  let server: Server;
  let asked: { request: IncomingMessage; body: string } | undefined;
  let answer: { status: number; body: string };
  const host = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "verify-identity-"));
    writeFileSync(join(dir, "token"), "pod-token");
    server = createServer((request, response) => {
      void text(request).then((body) => {
        asked = { request, body };
        response.writeHead(answer.status).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    server.close();
    rmSync(dir, { recursive: true });
  });

  async function ask(cloud: PodCredentials, env: NodeJS.ProcessEnv): Promise<Credentials> {
    const log = join(dir, "log");
    const program = credentials(cloud)
      .replaceAll("/dev/termination-log", log)
      .replace("attempt(60000,", "attempt(0,");
    const { code, stderr } = await run(process.execPath, ["-e", program], { env });
    assert.equal(code, 0, stderr);
    const report = readFileSync(log, "utf8");
    assert.doesNotMatch(report, /canary/);
    return JSON.parse(report) as Credentials;
  }
  const ok = (body: object): void => void (answer = { status: 200, body: JSON.stringify(body) });

  it("from the agent of EKS, with the token of its volume", async () => {
    const Expiration = new Date(Date.now() + 3600_000).toISOString();
    ok({ AccessKeyId: CANARY, SecretAccessKey: CANARY, Token: CANARY, Expiration });
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${host()}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(dir, "token"),
    };
    const { seconds } = await ask(eks, env);
    assert.ok(Math.abs((seconds ?? 0) - 3600) < 60);
    assert.deepEqual(
      [asked?.request.url, asked?.request.headers.authorization],
      ["/v1/credentials", "pod-token"],
    );

    answer = { status: 400, body: "no association\nfor this account" };
    assert.deepEqual(await ask(eks, env), { problem: "HTTP 400: no association for this account" });
    const { problem } = await ask(eks, {});
    assert.match(
      problem ?? "",
      /^the pod has no AWS_CONTAINER_CREDENTIALS_FULL_URI: .*no pod identity association/,
    );
  });

  it("from the metadata server of GKE", async () => {
    ok({ access_token: CANARY, expires_in: 3600, token_type: "Bearer" });
    assert.deepEqual(await ask(gke, { GCE_METADATA_HOST: host() }), HOUR);
    assert.equal(asked?.request.headers["metadata-flavor"], "Google");
  });

  it("from Entra, for the token of its volume", async () => {
    ok({ access_token: CANARY, expires_in: 3600, token_type: "Bearer" });
    const env = {
      AZURE_AUTHORITY_HOST: `http://${host()}/`,
      AZURE_TENANT_ID: "tenant",
      AZURE_CLIENT_ID: "client",
      AZURE_FEDERATED_TOKEN_FILE: join(dir, "token"),
    };
    assert.deepEqual(await ask(aks, env), HOUR);
    assert.equal(asked?.request.url, "/tenant/oauth2/v2.0/token");
    assert.equal(new URLSearchParams(asked?.body).get("client_assertion"), "pod-token");
  });

  it("which a closed network policy or a missing server makes a problem", async () => {
    const { problem } = await ask(gke, { GCE_METADATA_HOST: "127.0.0.1:1" });
    assert.match(problem ?? "", /ECONNREFUSED|bad port/);
  });
});

describe("verify's check of the identity", () => {
  const WORKERS: V1Deployment = {
    spec: {
      selector: {},
      template: {
        spec: { serviceAccountName: "ralph-sa", containers: [{ name: "ralph", image: "ralph:1" }] },
      },
    },
  };
  const AKS: PodIdentity = {
    ...{ platform: "foundry", egress: [], annotation: "azure.workload.identity/client-id" },
    podLabels: { "azure.workload.identity/use": "true" },
  };

  /** What it concludes, and the pods that it starts. */
  async function check(
    data: Record<string, string>,
    podIdentity: PodIdentity | undefined,
    report: Credentials = {},
  ): Promise<{ result: Result; started: Parameters<Sandbox["start"]>[0][] }> {
    const started: Parameters<Sandbox["start"]>[0][] = [];
    const context = {
      client: {
        get: (path: string) =>
          path.endsWith("/configmaps/ralph-config")
            ? Promise.resolve({ data })
            : Promise.reject(new Refusal(404, {})),
      } as unknown as ClusterClient,
      namespace: "ralph",
      place: { cloud: "aks" },
      workers: WORKERS,
      traits: { podIdentity },
      sandbox: {
        start: (probe: Parameters<Sandbox["start"]>[0]) => Promise.resolve(started.push(probe)),
        report: () => Promise.resolve(report),
      } as unknown as Sandbox,
    } as unknown as Context;
    return { result: await identity.run(context), started };
  }

  it("is skipped unless a model is on the platform of the cluster", async () => {
    for (const [data, podIdentity] of [
      [{}, AKS],
      [{ CLAUDE_CODE_USE_BEDROCK: "1" }, AKS],
      [{ CLAUDE_CODE_USE_FOUNDRY: "1" }, undefined],
    ] as [Record<string, string>, PodIdentity | undefined][]) {
      const { result, started } = await check(data, podIdentity);
      assert.deepEqual([result.outcome, started], ["skipped", []]);
    }
  });

  it("uses a pod with the account and the labels of Ralph's, and says what is missing", async () => {
    const { result, started } = await check({ CLAUDE_CODE_USE_FOUNDRY: "1" }, AKS, HOUR);
    assert.deepEqual(result, { outcome: "passed", detail: "credentials for 60 min", next: [] });
    const [probe] = started;
    assert.deepEqual(probe?.labels, { app: "ralph-orchestrator", "azure.workload.identity/use": "true" });
    assert.deepEqual(probe.pod, programPod(WORKERS, { program: credentials(aks), asRalph: true }));
    assert.deepEqual(
      [probe.pod.serviceAccountName, probe.pod.automountServiceAccountToken],
      ["ralph-sa", false],
    );

    const refused = await check({ CLAUDE_CODE_USE_FOUNDRY: "1" }, AKS, { problem: "HTTP 401: AADSTS70021" });
    assert.deepEqual([refused.result.outcome, refused.result.detail], ["failed", "HTTP 401: AADSTS70021"]);
  });
});
