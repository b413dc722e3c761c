/** Proves the Secret of the API keys: which keys it has, that it is encrypted, when it is not created, and which pods have which of its keys. */
import assert from "node:assert/strict";
import type { StackConfig } from "../support/stack";
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
          // A task's pod waits for it, since its Job would be over.
          { secretRef: { name: "from-vault", ...(kind === KIND.deployment ? { optional: true } : {}) } },
        ]);
      }
    }
  });

  const BEDROCK = {
    claude: { via: "bedrock", region: "us-east-1", model: "eu.anthropic.claude-opus-4-5-v1:0" },
  };
  const WAITING: [what: string, config: StackConfig, waits: string | undefined][] = [
    ["with auto", {}, "from-vault"],
    ["with a named agent", { config: { agent: "gemini" } }, "from-vault"],
    ["with a ConfigMap beside it", { extraEnvFrom: [{ configMapRef: { name: "more" } }] }, "from-vault"],
    ["but not an agent without a key", { config: { agent: "smoke" } }, undefined],
    ["but not with an identity", { config: { agent: "claude" }, models: BEDROCK }, undefined],
    [
      "but not with a key of another Secret",
      { extraEnv: [{ name: "CLAUDE_API_KEY", valueFrom: { secretKeyRef: { name: "a", key: "b" } } }] },
      undefined,
    ],
    ["but not with another whole Secret", { extraEnvFrom: [{ secretRef: { name: "more" } }] }, undefined],
  ];
  for (const [what, config, waits] of WAITING) {
    it(`is waited for by the workers themselves ${what}`, async () => {
      const run = await changed({ apiKeys: { existingSecret: "from-vault" }, ...config });
      const [{ env, envFrom }] = podOf(run.ofType(KIND.deployment)[0] ?? assert.fail()).spec.containers;
      const named = env.find(({ name }: { name: string }) => name === "RALPH_KEY_SECRET");
      const secret = envFrom.find((each: Source) => each.secretRef?.name === "from-vault").secretRef;
      assert.deepEqual([named?.value, secret.optional], [waits, waits === undefined ? undefined : true]);
    });
  }

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

describe("the keys as files", () => {
  const mountedIn = async (config: StackConfig, kind: string) => {
    const { spec } = podOf((await changed(config)).ofType(kind)[0] ?? assert.fail(kind));
    const find = (list: { name: string }[]) => list.find(({ name }) => name === "keys");
    assert.deepEqual(
      find(spec.containers[0].volumeMounts),
      find(spec.volumes) && { name: "keys", mountPath: "/etc/ralph/keys", readOnly: true },
    );
    const { items, ...rest } = (find(spec.volumes) as { secret?: Volume } | undefined)?.secret ?? {};
    // Not by subPath, which is never updated; a missing key is no reason not to start.
    if (items !== undefined)
      assert.deepEqual({ ...rest, secretName: "" }, { secretName: "", defaultMode: 0o440, optional: true });
    for (const { key, path } of items ?? []) assert.equal(key, path);
    return items?.map(({ key }) => `${rest.secretName}/${key}`);
  };
  const existingSecret = "from-vault";
  const CASES: [what: string, agent: string, apiKeys: object, files: string[] | undefined][] = [
    ["the agent's own", "claude", { claude: "a", gemini: "b" }, ["ralph-secrets/CLAUDE_API_KEY"]],
    ["the only one, which auto picks", "auto", { gemini: "b" }, ["ralph-secrets/GEMINI_API_KEY"]],
    [
      "none if auto picks among several: an agent could read those of the others",
      "auto",
      { claude: "a", gemini: "b" },
      undefined,
    ],
    ["none if auto picks from a Secret of unknown keys", "auto", { existingSecret }, undefined],
    ["none of an agent without a key", "smoke", { existingSecret }, undefined],
    [
      "all by which the agent logs in",
      "claude",
      { existingSecret },
      ["CLAUDE_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"].map(
        (key) => `from-vault/${key}`,
      ),
    ],
    [
      "those and a cloud's",
      "gemini",
      { existingSecret },
      ["from-vault/GEMINI_API_KEY", "from-vault/GOOGLE_API_KEY"],
    ],
  ];
  for (const [what, agent, apiKeys, files] of CASES) {
    it(`are ${what}`, async () => {
      const run = { agent, prompt: "task.md" };
      const config = {
        apiKeys,
        config: { agent },
        tasks: [{ name: "task", ...run }],
        schedules: [{ name: "schedule", schedule: "@daily", ...run }],
      };
      for (const kind of [KIND.deployment, KIND.job, KIND.cronJob])
        assert.deepEqual(await mountedIn(config, kind), files, kind);
    });
  }
});

interface Source {
  readonly secretRef?: { readonly name: string };
}
interface Volume {
  readonly secretName?: string;
  readonly items?: readonly { readonly key: string; readonly path: string }[];
}
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
