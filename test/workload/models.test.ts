/**
 * Proves where agents find their models: the variables of each platform, which model wins, and the rules and warnings
 * between the platform, the cluster and the credentials. test/clusters/models has what each cloud creates.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { cloud } from "../../clusters";
import { statements } from "../../clusters/eks/models";
import type { ClusterTraits } from "../../clusters/types";
import { type RalphConfig, rules, schema, warnings } from "../../workload/keys";
import { modelAccess, modelVariables } from "../../workload/models";
import type { StackConfig } from "../support/base";

const ralph = (config: StackConfig) => z.object(schema).parse(config) as RalphConfig;
const traitsOf = (name: "gke" | "eks" | "aks" | "existing"): ClusterTraits => {
  const { traits, schema: form } = cloud(name);
  return traits(form.parse({}));
};
const RESOURCE =
  "/subscriptions/12345678-1234-1234-1234-123456789012/resourceGroups/ai/providers/Microsoft.CognitiveServices/accounts/acme";
const BEDROCK = { via: "bedrock", region: "eu-west-1", model: "eu.anthropic.claude-opus-4-5-v1:0" };
const VERTEX = { via: "vertex", project: "acme-models", model: "claude-opus-4-5" };
const FOUNDRY = { via: "foundry", resourceId: RESOURCE, model: "opus" };

describe("the variables of models", () => {
  const all = (model: string) => ({
    ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
  });
  const CASES: [what: string, config: StackConfig, variables: Record<string, string>][] = [
    ["are none by default", {}, {}],
    [
      "name the models of the Anthropic API, whose aliases stay",
      { models: { claude: { model: "claude-opus-4-5", smallModel: "claude-haiku-4-5" } } },
      { ANTHROPIC_MODEL: "claude-opus-4-5", ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-haiku-4-5" },
    ],
    [
      "make a platform's model that of all agents",
      { config: { model: BEDROCK.model }, models: { claude: { via: "bedrock", region: "eu-west-1" } } },
      { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "eu-west-1", ...all(BEDROCK.model) },
    ],
    [
      "have a platform's smaller model too",
      { models: { claude: { ...VERTEX, region: "europe-west1", smallModel: "claude-haiku-4-5" } } },
      {
        CLAUDE_CODE_USE_VERTEX: "1",
        CLOUD_ML_REGION: "europe-west1",
        ANTHROPIC_VERTEX_PROJECT_ID: "acme-models",
        ANTHROPIC_MODEL: "claude-opus-4-5",
        ...all("claude-opus-4-5"),
        ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-haiku-4-5",
      },
    ],
    [
      "name a Foundry resource",
      { models: { claude: { via: "foundry", resource: "acme", model: "opus" } } },
      {
        CLAUDE_CODE_USE_FOUNDRY: "1",
        ANTHROPIC_FOUNDRY_RESOURCE: "acme",
        ANTHROPIC_MODEL: "opus",
        ...all("opus"),
      },
    ],
    [
      "send Gemini to Vertex",
      { models: { gemini: { via: "vertex", project: "acme-models" } } },
      {
        GOOGLE_GENAI_USE_VERTEXAI: "true",
        GOOGLE_CLOUD_PROJECT: "acme-models",
        GOOGLE_CLOUD_LOCATION: "global",
      },
    ],
  ];
  for (const [what, config, variables] of CASES)
    it(what, () => assert.deepEqual(modelVariables(ralph(config)), variables));
});

describe("what a cloud must allow", () => {
  const account = { serviceAccount: { namespace: "team-a", name: "agents" } };
  const CASES: [
    what: string,
    on: "gke" | "eks" | "aks" | "existing",
    models: StackConfig,
    access?: object,
  ][] = [
    [
      "is both models of Bedrock",
      "eks",
      { claude: { ...BEDROCK, smallModel: "anthropic.claude-haiku-4-5-v1:0" } },
      { bedrock: { region: "eu-west-1", models: [BEDROCK.model, "anthropic.claude-haiku-4-5-v1:0"] } },
    ],
    [
      "is each project of Vertex once",
      "gke",
      { claude: VERTEX, gemini: { via: "vertex", project: "acme-models" } },
      { vertex: { projects: ["acme-models"] } },
    ],
    [
      "is the project of Gemini too",
      "gke",
      { claude: VERTEX, gemini: { via: "vertex", project: "acme-gemini" } },
      { vertex: { projects: ["acme-models", "acme-gemini"] } },
    ],
    ["is the resource of Foundry", "aks", { claude: FOUNDRY }, { foundry: { resourceId: RESOURCE } }],
    ["is nothing on another cloud", "gke", { claude: BEDROCK }],
    ["is nothing on a cluster that exists already", "existing", { claude: BEDROCK }],
    ["is nothing if the user does it", "eks", { claude: BEDROCK, grant: false }],
    ["is nothing for keys", "eks", {}],
  ];
  for (const [what, on, models, access] of CASES)
    it(`${what} (${on})`, () =>
      assert.deepEqual(
        modelAccess(ralph({ namespace: "team-a", serviceAccount: { name: "agents" }, models }), traitsOf(on)),
        access === undefined ? undefined : { ...account, ...access },
      ));
});

describe("the permissions for a model of Bedrock", () => {
  const place = { partition: "aws", region: "eu-west-1", account: "123456789012" };
  const resources = (model: string) =>
    (statements(model, place) as { Resource: string; Condition?: { StringEquals: object } }[]).map(
      ({ Resource, Condition }) => [Resource, ...Object.values(Condition?.StringEquals ?? {})],
    );
  const profile = (id: string) => `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/${id}`;
  const models = (id: string) => `arn:aws:bedrock:*::foundation-model/${id}`;
  const application = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3";
  const CASES: [model: string, resources: unknown[][]][] = [
    ["anthropic.claude-x-v1:0", [["arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-x-v1:0"]]],
    ...["eu", "us-gov", "global"].map((prefix): [string, unknown[][]] => [
      `${prefix}.anthropic.claude-x-v1:0`,
      [
        [profile(`${prefix}.anthropic.claude-x-v1:0`)],
        [models("anthropic.claude-x-v1:0"), profile(`${prefix}.anthropic.claude-x-v1:0`)],
      ],
    ]),
    [
      "eu.anthropic.claude-x[1m]",
      [[profile("eu.anthropic.claude-x")], [models("anthropic.claude-x"), profile("eu.anthropic.claude-x")]],
    ],
    [application, [[application], [models("anthropic.*"), application]]],
    [
      "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-x",
      [["arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-x"]],
    ],
  ];
  for (const [model, expected] of CASES)
    it(`are on what ${model} consists of`, () => assert.deepEqual(resources(model), expected));

  it("are on the partition of the region", () =>
    assert.match(
      JSON.stringify(statements("anthropic.claude-x", { ...place, partition: "aws-us-gov" })),
      /"arn:aws-us-gov:bedrock:eu-west-1::foundation-model\/anthropic\.claude-x"/,
    ));
});

describe("a model on the platform of another cloud", () => {
  const broken = (on: "gke" | "eks" | "aks" | "existing", config: StackConfig) =>
    rules
      .filter(({ sections }) => sections.includes("models"))
      .flatMap(({ check }) => check(ralph(config), traitsOf(on)))
      .map(({ at, rule, set }) => [at.join("."), rule, set?.at?.join("."), set?.value]);
  const from = (name: string) => ({ name, valueFrom: { secretKeyRef: { name: "models", key: "key" } } });
  const refused = (agent: string, own: string, via: string, credential: string) => [
    [
      `models.${agent}.via`,
      `must be ${own}, where this cluster's pods have an identity, unless a Secret has credentials for ${via}; it is "${via}"`,
      "apiKeys.existingSecret",
      `<Secret with ${credential}>`,
    ],
  ];

  const REFUSED: ["gke" | "eks" | "aks", StackConfig, unknown[][]][] = [
    ["gke", { claude: BEDROCK }, refused("claude", "vertex", "bedrock", "AWS_BEARER_TOKEN_BEDROCK")],
    ["eks", { claude: VERTEX }, refused("claude", "bedrock", "vertex", "GOOGLE_APPLICATION_CREDENTIALS")],
    [
      "eks",
      { claude: { via: "foundry", resource: "acme", model: "opus" } },
      refused("claude", "bedrock", "foundry", "ANTHROPIC_FOUNDRY_API_KEY"),
    ],
    [
      "aks",
      { gemini: { via: "vertex", project: "acme-models" } },
      refused("gemini", "foundry", "vertex", "GOOGLE_APPLICATION_CREDENTIALS"),
    ],
  ];
  for (const [on, models, findings] of REFUSED)
    it(`is refused without credentials: ${JSON.stringify(models)} on ${on}`, () =>
      assert.deepEqual(broken(on, { models }), findings));

  const ALLOWED: [what: string, on: "gke" | "eks" | "aks" | "existing", config: StackConfig][] = [
    ["with a Secret", "gke", { models: { claude: BEDROCK }, apiKeys: { existingSecret: "models" } }],
    ["with a variable", "gke", { models: { claude: BEDROCK }, extraEnv: [from("AWS_BEARER_TOKEN_BEDROCK")] }],
    [
      "with a file of Google's",
      "eks",
      {
        models: { claude: VERTEX },
        extraEnv: [{ name: "GOOGLE_APPLICATION_CREDENTIALS", value: "/etc/google/federation.json" }],
      },
    ],
    [
      "with a Secret's variables",
      "eks",
      { models: { claude: VERTEX }, extraEnvFrom: [{ secretRef: { name: "a" } }] },
    ],
    [
      "with an identity of another kind",
      "eks",
      { models: { claude: VERTEX }, serviceAccount: { annotations: { "a/b": "c" } } },
    ],
    [
      "behind a gateway",
      "aks",
      { models: { claude: BEDROCK }, extraEnv: [{ name: "CLAUDE_CODE_SKIP_BEDROCK_AUTH", value: "1" }] },
    ],
    ["on a cluster of which nothing is known", "existing", { models: { claude: BEDROCK } }],
  ];
  for (const [what, on, config] of ALLOWED)
    it(`is allowed ${what}`, () => assert.deepEqual(broken(on, config), []));

  it("is not confused by variables that are no credentials", () =>
    assert.equal(
      broken("gke", { models: { claude: BEDROCK }, extraEnv: [{ name: "AWS_REGION", value: "us-east-1" }] })
        .length,
      1,
    ));

  it("needs on AKS the resource's id, and a service account that the stack annotates", () => {
    const model = { via: "foundry", model: "opus" };
    assert.deepEqual(broken("aks", { models: { claude: { ...model, resource: "acme" } } }), [
      [
        "models.claude.resourceId",
        "is missing: models.grant assigns a role on it",
        undefined,
        "<resource id>",
      ],
    ]);
    const annotation = "azure.workload.identity/client-id";
    const serviceAccount = { create: false, annotations: { [annotation]: "a" } };
    assert.deepEqual(
      broken("aks", { models: { claude: FOUNDRY }, serviceAccount }).map(([at]) => at),
      ["serviceAccount.create", `serviceAccount.annotations.${annotation}`],
    );
    assert.deepEqual(broken("aks", { models: { claude: FOUNDRY, grant: false }, serviceAccount }), []);
  });
});

describe("a run with models on a platform", () => {
  it("does not warn of a key that no agent needs, but of one that none uses", () => {
    const config = {
      models: { claude: BEDROCK, gemini: { via: "vertex", project: "acme-models" } },
      config: { agent: "gemini" },
    };
    const about = (more: StackConfig) =>
      warnings(ralph({ ...config, ...more }), traitsOf("existing")).filter((text) => /key/i.test(text));
    assert.deepEqual(about({}), []);
    assert.equal(about({ models: {} }).length, 3);
    // Values are secrets, and so outputs: only whether they are set counts.
    assert.deepEqual(
      warnings({ ...ralph(config), apiKeys: { claude: "a", gemini: "b" } }, traitsOf("existing")).filter(
        (text) => /key/i.test(text),
      ),
      [
        "apiKeys.claude is not used, because models.claude.via is bedrock: pulumi config rm --path ralph:apiKeys.claude",
        "apiKeys.gemini is not used, because models.gemini.via is vertex: pulumi config rm --path ralph:apiKeys.gemini",
      ],
    );
  });
});
