/** Proves which agent runs with which credentials, and what is said when none can. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chooseAgent, secretValues } from "../../runner/src/agents";
import { type AgentChoice, AGENTS } from "../../runner/src/contract";

describe("the choice of an agent", () => {
  let bin: string;
  before(() => {
    bin = mkdtempSync(join(tmpdir(), "agents-"));
    for (const program of ["claude", "gemini", "opencode", "copilot", "smoke-agent"]) {
      writeFileSync(join(bin, program), "");
      chmodSync(join(bin, program), 0o755);
    }
  });
  after(() => rmSync(bin, { recursive: true }));

  const KEYS = { CLAUDE_API_KEY: "claude-key", GEMINI_API_KEY: "gemini-key", Q_API_KEY: "q-key" };
  const IDENTITY = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE:
      "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
    AZURE_CLIENT_ID: "12345678-1234-1234-1234-123456789012",
    AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/azure/tokens/azure-identity-token",
  };
  const choose = (choice: AgentChoice, env: NodeJS.ProcessEnv) => chooseAgent(choice, { PATH: bin, ...env });

  const CHOSEN: [
    choice: "auto" | "claude" | "gemini" | "opencode" | "copilot" | "smoke",
    env: NodeJS.ProcessEnv,
    name: string,
    gets: object,
  ][] = [
    ["auto", KEYS, "claude", { ANTHROPIC_API_KEY: "claude-key" }],
    [
      "auto",
      { GEMINI_API_KEY: "gemini-key", Q_API_KEY: "q-key" },
      "gemini",
      { GEMINI_API_KEY: "gemini-key" },
    ],
    ["gemini", KEYS, "gemini", { GEMINI_API_KEY: "gemini-key" }],
    ["claude", { CLAUDE_API_KEY: "key\n" }, "claude", { ANTHROPIC_API_KEY: "key" }], // as `echo key | base64` makes it
    ["claude", { CLAUDE_API_KEY: "a", ANTHROPIC_API_KEY: "b" }, "claude", { ANTHROPIC_API_KEY: "a" }],
    // A subscription's token, by either name
    ["claude", { CLAUDE_API_KEY: "sk-ant-oat01-a" }, "claude", { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-a" }],
    [
      "claude",
      { ANTHROPIC_API_KEY: "sk-ant-oat01-b" },
      "claude",
      { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-b" },
    ],
    ["auto", { CLAUDE_API_KEY: " ", GEMINI_API_KEY: "g" }, "gemini", { GEMINI_API_KEY: "g" }],
    ["auto", { CLAUDE_CODE_USE_VERTEX: "1" }, "claude", { CLAUDE_CODE_USE_VERTEX: "1" }],
    [
      "claude",
      { CLAUDE_CODE_USE_BEDROCK: "1", GOOGLE_API_KEY: "g" },
      "claude",
      { CLAUDE_CODE_USE_BEDROCK: "1" },
    ],
    [
      "auto",
      { GOOGLE_GENAI_USE_VERTEXAI: "true", GOOGLE_API_KEY: "g" },
      "gemini",
      { GOOGLE_GENAI_USE_VERTEXAI: "true", GOOGLE_API_KEY: "g" },
    ],
    [
      "gemini",
      { GEMINI_API_KEY: "g", GEMINI_CLI_TRUST_WORKSPACE: "false" },
      "gemini",
      { GEMINI_API_KEY: "g", GEMINI_CLI_TRUST_WORKSPACE: "false" },
    ],
    // Keys of several vendors, but not the names by which this program has them
    [
      "opencode",
      { ...KEYS, ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "o" },
      "opencode",
      { ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "o", GEMINI_API_KEY: "gemini-key" },
    ],
    // GITHUB_TOKEN is for the prompt's own work
    [
      "copilot",
      { COPILOT_GITHUB_TOKEN: "c", GITHUB_TOKEN: "g" },
      "copilot",
      { COPILOT_GITHUB_TOKEN: "c", GITHUB_TOKEN: "g" },
    ],
    [
      "copilot",
      { COPILOT_PROVIDER_BASE_URL: "http://models" },
      "copilot",
      { COPILOT_PROVIDER_BASE_URL: "http://models" },
    ],
    ["claude", { CLAUDE_API_KEY: "a", CODEX_API_KEY: "c" }, "claude", { ANTHROPIC_API_KEY: "a" }],
    ["smoke", KEYS, "smoke", {}],
    // What a cloud gives a pod is for agents that log in by it.
    [
      "claude",
      { ...IDENTITY, CLAUDE_CODE_USE_BEDROCK: "1" },
      "claude",
      { ...IDENTITY, CLAUDE_CODE_USE_BEDROCK: "1" },
    ],
    ["smoke", { ...KEYS, ...IDENTITY }, "smoke", {}],
  ];
  for (const [choice, env, name, gets] of CHOSEN) {
    it(`${choice} of ${Object.keys(env).join(", ")} is ${name}, which gets ${Object.keys(gets).join(", ") || "none"}`, () => {
      const agent = choose(choice, { ...env, RALPH_AGENT: choice, RALPH_CONFIG: "x", KEPT: "kept" });
      assert.ok(typeof agent !== "string", String(agent));
      assert.equal(agent.name, name);
      assert.equal(agent.program, join(bin, AGENTS[agent.name].program));
      const needs = (AGENTS[agent.name] as { variables?: object }).variables;
      assert.deepEqual(agent.env, { PATH: bin, KEPT: "kept", ...needs, ...gets });
    });
  }

  const OTHERS =
    "codex has no CODEX_API_KEY, opencode has no OPENCODE_API_KEY, copilot has no COPILOT_GITHUB_TOKEN, amp has no AMP_API_KEY";
  const NONE: [choice: "auto" | "claude" | "q", env: NodeJS.ProcessEnv, says: string][] = [
    [
      "auto",
      { CLAUDE_CODE_USE_BEDROCK: "0", GOOGLE_API_KEY: "of no use without Vertex AI" },
      "No agent can run: claude has no CLAUDE_API_KEY, gemini has no GEMINI_API_KEY, q has no Q_API_KEY, " +
        `${OTHERS}. ` +
        "Set one with: pulumi config set --secret --path ralph:apiKeys.<agent>",
    ],
    [
      "claude",
      { GEMINI_API_KEY: "g" },
      "No agent can run: claude has no CLAUDE_API_KEY. Set one with: pulumi config set --secret --path ralph:apiKeys.<agent>",
    ],
    [
      "q",
      { Q_API_KEY: "q" },
      "No agent can run: q has a key, but kiro-cli is not in the image. Add it to the image with: pulumi config set --path ralph:image.agents[<n>] <agent>, or build one that has it (docs/runner.md).",
    ],
    [
      "auto",
      { Q_API_KEY: "q" }, // and never the script, which needs no key
      "No agent can run: claude has no CLAUDE_API_KEY, gemini has no GEMINI_API_KEY, q has a key, but kiro-cli is not in the image, " +
        `${OTHERS}. ` +
        "Add it to the image with: pulumi config set --path ralph:image.agents[<n>] <agent>, or build one that has it (docs/runner.md).",
    ],
  ];
  for (const [choice, env, says] of NONE) {
    it(`${choice} of ${Object.keys(env).join(", ")} is none, with the reason`, () =>
      assert.equal(choose(choice, env), says));
  }

  it("knows every credential as a secret", () => {
    const env = Object.fromEntries(
      Object.values(AGENTS)
        .flatMap((agent) => [
          ...("key" in agent ? [agent.key.variable, agent.key.passedAs] : []),
          ...agent.credentials,
        ])
        .map((name) => [name, `secret-of-${name}`]),
    );
    assert.deepEqual(new Set(secretValues(env, false)), new Set(Object.values(env)));
    assert.deepEqual(secretValues({ CLAUDE_API_KEY: "short" }, false), []); // would blacken half the log
  });

  it("takes every variable of a container for a secret that Kubernetes, the image and the workload do not set", () => {
    const env = {
      ...{
        PATH: "/usr/bin:/bin",
        HOME: "/home/ralph",
        HOSTNAME: "ralph-orchestrator-1",
        NODE_ENV: "production",
      },
      ...{ KUBERNETES_SERVICE_HOST: "10.96.0.1", RALPH_GIT_REMOTE: "git@github.com:o/r.git" },
      // Where models are, and the pod's identity at its cloud: the agent's output is full of such words.
      ...{ AWS_REGION: "eu-west-1", CLOUD_ML_REGION: "europe-west1", GOOGLE_CLOUD_PROJECT: "acme-models" },
      ...{ ANTHROPIC_MODEL: "claude-opus-4-5", ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-haiku-4-5" },
      ...{ ANTHROPIC_FOUNDRY_RESOURCE: "acme-foundry", ANTHROPIC_VERTEX_PROJECT_ID: "acme-models" },
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
      ...{ AZURE_TENANT_ID: "12345678-1234", AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/" },
      ...{ AWS_SECRET_ACCESS_KEY: "canary-aws", GITHUB_TOKEN: "canary-github-longer", Q_API_KEY: "canary-q" },
      GOOGLE_CREDENTIALS: '{\n  "private_key": "canary-google"\n}',
    };
    assert.deepEqual(secretValues(env, true), [
      '"private_key": "canary-google"',
      "canary-github-longer",
      "canary-aws",
      "canary-q",
    ]);
    assert.deepEqual(secretValues(env, false), ["canary-q"]);
  });
});
