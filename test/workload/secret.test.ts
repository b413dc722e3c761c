/** Proves the Secret of the API keys: which keys it has, that it is encrypted, and when it is not created. */
import assert from "node:assert/strict";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

describe("Secret ralph-secrets", () => {
  it("is the guide's, encrypted as a whole", async () => {
    const { inputs, secret } = (await defaults()).find(KIND.secret, "ralph-secrets");
    assert.deepEqual(
      inputs,
      manifest(`
        apiVersion: v1
        kind: Secret
        metadata:
          name: ralph-secrets
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        type: Opaque
        stringData:
          CLAUDE_API_KEY: sk-ant-canary-claude
          GEMINI_API_KEY: AIza-canary-gemini
          Q_API_KEY: canary-q
      `),
    );
    assert.deepEqual(secret, ["stringData"]);
  });

  it("has only the keys that are set", async () => {
    const run = await changed({ apiKeys: { gemini: "AIza-1" } });
    assert.deepEqual(run.find(KIND.secret, "ralph-secrets").inputs.stringData, { GEMINI_API_KEY: "AIza-1" });
  });

  it("exists without a key, for the pods that refer to it, and without an empty map, which the server drops", async () => {
    const { inputs } = (await changed({ apiKeys: undefined })).find(KIND.secret, "ralph-secrets");
    assert.equal("stringData" in inputs, false);
  });

  it("is not created if an existing one is named, which the pods then use", async () => {
    const run = await changed({ apiKeys: { existingSecret: "from-vault" } });
    assert.deepEqual(run.ofType(KIND.secret), []);
    for (const kind of [KIND.deployment, KIND.job, KIND.cronJob]) {
      for (const owner of run.ofType(kind)) {
        assert.deepEqual(podOf(owner).spec.containers[0].envFrom, [
          { configMapRef: { name: "ralph-config" } },
          { secretRef: { name: "from-vault" } },
        ]);
      }
    }
  });

  const AGENTS: [agent: string, sources: string[]][] = [
    ["auto", ["ralph-secrets"]],
    ["claude", ["ralph-secrets/CLAUDE_API_KEY"]],
    ["gemini", ["ralph-secrets/GEMINI_API_KEY"]],
    ["q", ["ralph-secrets/Q_API_KEY"]],
    ["codex", ["ralph-secrets/CODEX_API_KEY"]],
    ["opencode", ["ralph-secrets/OPENCODE_API_KEY"]],
    ["copilot", ["ralph-secrets/COPILOT_GITHUB_TOKEN"]],
    ["amp", ["ralph-secrets/AMP_API_KEY"]],
    ["smoke", []],
  ];
  for (const [agent, sources] of AGENTS) {
    it(`is in the pods of agent ${agent} as far as that agent needs it`, async () => {
      const run = await changed({
        config: { agent },
        tasks: [{ name: "task", agent, prompt: "task.md" }],
        schedules: [{ name: "schedule", schedule: "@daily", agent, prompt: "daily-task.md" }],
      });
      for (const kind of [KIND.deployment, KIND.job, KIND.cronJob]) {
        const [container] = podOf(run.ofType(kind)[0] ?? assert.fail(kind)).spec.containers;
        assert.deepEqual(secretsOf(container), sources, kind);
      }
    });
  }
});

interface Container {
  readonly env: readonly { readonly name: string; readonly valueFrom?: { readonly secretKeyRef: Key } }[];
  readonly envFrom: readonly { readonly secretRef?: { readonly name: string } }[];
}
interface Key {
  readonly name: string;
  readonly key: string;
}

/** Where a container's secret variables come from: a whole Secret, or one key of it as the variable of that name. */
const secretsOf = ({ env, envFrom }: Container): string[] => [
  ...envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
  ...env.flatMap(({ name, valueFrom }) => {
    if (valueFrom === undefined) return [];
    assert.equal(valueFrom.secretKeyRef.key, name);
    return `${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`;
  }),
];
