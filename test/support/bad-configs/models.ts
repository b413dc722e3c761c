import { BASE } from "../base";
import { type BadConfig, rm, setPath } from "./case";

const missing = (key: string, value: string, rule = /^is missing/) => ({
  key: `ralph:models.${key}`,
  rule,
  fix: setPath(`ralph:models.${key}`, value),
});
const unused = (key: string, via: string) => ({
  key: `ralph:models.${key}`,
  rule: new RegExp(`^must not be set: via is ${via}, which does not use it$`),
  fix: rm(`--path ralph:models.${key}`),
});

/** Models on platforms that do not have what they need, or have what another platform needs. */
export const MODELS: readonly BadConfig[] = [
  {
    name: "models on Bedrock and Vertex, without a place or a name",
    config: { ...BASE, models: { claude: { via: "bedrock" }, gemini: { via: "vertex" } } },
    expected: [
      missing("claude.region", "<region>"),
      missing("claude.model", "<model>", /^is missing: on bedrock, an agent has no model by default/),
      missing("gemini.project", "<project id>"),
    ],
  },
  {
    name: "models on Vertex with keys of other platforms",
    config: {
      ...BASE,
      models: {
        claude: { via: "vertex", model: "claude", resource: "acme", region: "global" },
        gemini: { region: "global", project: "acme-models" },
      },
    },
    expected: [
      missing("claude.project", "<project id>"),
      unused("claude.resource", "vertex"),
      unused("gemini.region", "google"),
      unused("gemini.project", "google"),
    ],
  },
  {
    name: "a model with two names, neither of which Bedrock knows",
    config: {
      ...BASE,
      config: { model: "opus" },
      models: { claude: { via: "bedrock", region: "eu-west-1", model: "sonnet", smallModel: "haiku" } },
    },
    expected: [
      {
        key: "ralph:models.claude.model",
        rule: /^must not be set: config\.model is set, and applies to every agent$/,
        fix: rm("--path ralph:models.claude.model"),
      },
      ...["model", "smallModel"].map((key) => ({
        key: `ralph:models.claude.${key}`,
        rule: /^must be the id or ARN of a model or an inference profile of Bedrock/,
        fix: setPath(`ralph:models.claude.${key}`, "<model id>"),
      })),
    ],
  },
  {
    name: "an alias as the model of all agents, on Bedrock",
    config: {
      ...BASE,
      config: { model: "opus" },
      models: { claude: { via: "bedrock", region: "eu-west-1" } },
    },
    expected: [
      {
        key: "ralph:config.model",
        rule: /^must be the id or ARN of a model .* it is "opus"$/,
        fix: setPath("ralph:config.model", "<model id>"),
      },
    ],
  },
  {
    name: "a Foundry resource that is missing",
    config: { ...BASE, models: { claude: { via: "foundry", model: "claude" } } },
    expected: [missing("claude.resource", "<name>")],
  },
  {
    name: "a Foundry resource that is named twice",
    config: {
      ...BASE,
      models: {
        claude: {
          via: "foundry",
          model: "claude",
          resource: "acme",
          resourceId:
            "/subscriptions/12345678-1234-1234-1234-123456789012/resourceGroups/ai/providers/Microsoft.CognitiveServices/accounts/acme",
        },
      },
    },
    expected: [
      {
        key: "ralph:models.claude.resource",
        rule: /^must not be set: resourceId contains it$/,
        fix: rm("--path ralph:models.claude.resource"),
      },
    ],
  },
  {
    name: "models in places that do not exist",
    config: {
      ...BASE,
      models: {
        claude: {
          via: "openai",
          region: "Frankfurt",
          project: "A",
          resource: "a_b",
          resourceId: "/x",
          model: "-x",
        },
      },
    },
    expected: ["via", "region", "project", "resource", "resourceId", "model"].map((key) => ({
      key: `ralph:models.claude.${key}`,
      rule: /^must /,
      fix: /^pulumi config set --path ralph:models\.claude\./,
    })),
  },
];
