/**
 * Proves, with the real Claude Code and the real Gemini CLI, that what the workload sets and what GKE and AKS give a pod
 * is enough to call a model without a key: on Vertex with the token of the metadata server, on Foundry with one that
 * Entra issues for the token of the pod; and that they reach no host for it but those of docs/models.md. The endpoints
 * are stand-ins under their own names. (Bedrock: test/engine/model-identity.test.ts and pod-identity.test.ts.)
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";

import { chooseAgent } from "../../runner/src/agents";
import { AGENTS } from "../../runner/src/contract";
import { type RalphConfig, schema } from "../../workload/keys";
import { configData } from "../../workload/resources/configmap";
import { agentsOrSkip } from "../engine/support/agents";
import { CloudHosts } from "../runner/support/cloud-hosts";
import { ModelApi } from "../runner/support/model-api";

const CLIENT = "12345678-1234-1234-1234-123456789012";
const TENANT = "87654321-4321-4321-4321-210987654321";

describe("an agent with its pod's identity", function () {
  this.timeout("120s"); // Gemini CLI takes long to start on a busy machine
  let programs: string;
  let folder: string;
  let api: ModelApi;
  let hosts: CloudHosts;
  before(async function () {
    programs = await agentsOrSkip(this, "claude", "gemini");
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "model-clouds-"));
    api = await ModelApi.start();
    hosts = await CloudHosts.start(
      folder,
      {
        "aiplatform.googleapis.com": "google",
        "europe-west1-aiplatform.googleapis.com": "google",
        "acme.services.ai.azure.com": "azure",
      },
      api,
    );
  });
  afterEach(async () => {
    await hosts.stop();
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the agent prints to a small call, with what the stack sets and what the cloud adds. */
  async function ask(name: "claude" | "gemini", models: object, added: NodeJS.ProcessEnv): Promise<string> {
    const home = join(folder, "home");
    mkdirSync(home);
    const agent = chooseAgent(name, {
      PATH: `${programs}:${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: home,
      ...configData(z.object(schema).parse({ models }) as RalphConfig),
      ...hosts.variables,
      ...added,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      CLAUDE_CODE_MAX_RETRIES: "0",
      GEMINI_TELEMETRY_ENABLED: "false",
      IS_SANDBOX: "1", // Claude Code's guard against root, as which this test may run
    });
    assert.ok(typeof agent !== "string", String(agent));
    const { args, input } = AGENTS[name].probe as { args: readonly string[]; input?: string };
    const child = spawn(agent.program, args, { cwd: home, env: agent.env });
    child.stdin.end(input);
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return output + errors;
  }
  const paths = (): string[] => [...new Set(api.asked.map(({ path }) => path))];
  const metadata = () => ({ GCE_METADATA_HOST: hosts.address });

  it("calls Claude on Vertex with the token of the metadata server", async () => {
    const model = "claude-sonnet-4-5@20250929";
    // Claude Code asks for others too, at each start and with one token, which this project has not enabled.
    hosts.enabled = new RegExp(`/models/${model}:`);
    const output = await ask(
      "claude",
      { claude: { via: "vertex", project: "acme-models", region: "europe-west1", model } },
      metadata(),
    );
    assert.match(output, /"result":"All done\.\\nLOOP_COMPLETE"/, output);
    assert.deepEqual(
      [...new Set(paths().map((path) => path.replace(/:(r|streamR)awPredict$/, "")))],
      [`/v1/projects/acme-models/locations/europe-west1/publishers/anthropic/models/${model}`],
    );
    assert.deepEqual([...new Set(hosts.connected)], ["europe-west1-aiplatform.googleapis.com"]);
    assert.notDeepEqual(hosts.logins, []);
  });

  it("calls Gemini on Vertex with the token of the metadata server", async () => {
    const output = await ask("gemini", { gemini: { via: "vertex", project: "acme-models" } }, metadata());
    assert.match(output, /All done\.\nLOOP_COMPLETE/, output);
    for (const path of paths())
      assert.match(
        path,
        /^\/v1beta1\/projects\/acme-models\/locations\/global\/publishers\/google\/models\/gemini-[^:]+:/,
      );
    assert.ok(api.asked.length > 0);
    assert.deepEqual(
      api.asked.filter(({ headers }) => headers.host !== "aiplatform.googleapis.com"),
      [],
    );
    assert.notDeepEqual(hosts.logins, []);
  });

  it("calls Claude on Foundry with the token that Entra issues for the pod's", async () => {
    const token = join(folder, "azure-identity-token");
    writeFileSync(token, "token-of-the-pod");
    const output = await ask(
      "claude",
      { claude: { via: "foundry", resource: "acme", model: "claude-sonnet" } },
      // https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
      {
        AZURE_CLIENT_ID: CLIENT,
        AZURE_TENANT_ID: TENANT,
        AZURE_FEDERATED_TOKEN_FILE: token,
        AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
      },
    );
    assert.match(output, /"result":"All done\.\\nLOOP_COMPLETE"/, output);
    assert.deepEqual(paths(), ["/anthropic/v1/messages?beta=true"]);
    assert.deepEqual([...new Set(hosts.connected)].sort(), [
      "acme.services.ai.azure.com",
      "login.microsoftonline.com",
    ]);
    const [login] = hosts.logins;
    assert.deepEqual(
      [login?.tenant, login?.client_id, login?.client_assertion, login?.scope?.split(" ")[0]],
      [TENANT, CLIENT, "token-of-the-pod", "https://cognitiveservices.azure.com/.default"],
    );
  });
});
