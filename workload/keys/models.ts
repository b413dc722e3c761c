import { z } from "zod";
import type { ClusterTraits, ModelPlatform } from "../../clusters/types";
import { matching } from "../../config/formats";
import { VARIABLES } from "../../runner/src/contract";
import { section } from "./section";

const region = matching(
  /^[a-z]+(-[a-z0-9]+)*$/,
  "must be the name of a region, such as eu-west-1, or `global`",
).optional();
const project = matching(
  /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  "must be the id of a Google Cloud project",
).optional();
const model = matching(VARIABLES.RALPH_MODEL.pattern, "must be the name of a model").optional();

/** Vertex AI routes calls to this "region" wherever there is capacity. */
export const ANY_REGION = "global";

export const models = section({
  claude: section({
    via: z.enum(["anthropic", "bedrock", "vertex", "foundry"]).default("anthropic").meta({
      description:
        "Who serves Claude: Anthropic, Amazon Bedrock, Google's Vertex AI or Microsoft Foundry. All but the first need no key: pods log in by the identity that their cloud gives them.",
    }),
    region: region.meta({
      description: `Region of the models, on Bedrock and Vertex. On Vertex \`${ANY_REGION}\` by default.`,
    }),
    project: project.meta({ description: "Google Cloud project of the models, on Vertex." }),
    resource: matching(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}[A-Za-z0-9]$/, "must be the name of a Foundry resource")
      .optional()
      .meta({ description: "Name of the Foundry resource; `resourceId` contains it already." }),
    resourceId: matching(
      /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[\w.()-]+\/providers\/Microsoft\.CognitiveServices\/accounts\/[A-Za-z0-9][A-Za-z0-9-]{0,62}[A-Za-z0-9]$/i,
      "must be the Azure resource id of a Foundry resource: /subscriptions/.../Microsoft.CognitiveServices/accounts/<name>",
    )
      .optional()
      .meta({ description: "Azure resource id of the Foundry resource, on which `grant` assigns a role." }),
    model: model.meta({
      description:
        "Model, as the platform names it: an id or inference profile of Bedrock, a model of Vertex, a deployment of Foundry. Takes the place of `config.model`.",
    }),
    smallModel: model.meta({
      description: "Smaller model for side tasks. By default, on a cloud's platform, `model`.",
    }),
  })
    .prefault({})
    .meta({ description: "Claude's models." }),
  gemini: section({
    via: z.enum(["google", "vertex"]).default("google").meta({
      description: "Who serves Gemini: the Gemini API, or Vertex AI, by the identity of the pods.",
    }),
    region: region.meta({
      description: `Region of the models, on Vertex; by default \`${ANY_REGION}\`.`,
    }),
    project: project.meta({ description: "Google Cloud project of the models, on Vertex." }),
  })
    .prefault({})
    .meta({ description: "Gemini's models." }),
  grant: z.boolean().default(true).meta({
    description:
      "Whether the stack allows the pods' service account to use these models, if they are on the cloud of the stack's own cluster. If false, you do.",
  }),
})
  .prefault({})
  .meta({ description: "Where the agents' models are (docs/models.md)." });

export type Models = z.output<typeof models>;

/** The agents whose models are on a cloud's platform, with that platform. */
export const onPlatforms = ({ claude, gemini }: Pick<Models, "claude" | "gemini">): readonly OnPlatform[] => [
  ...(claude.via === "anthropic" ? [] : [{ agent: "claude" as const, via: claude.via }]),
  ...(gemini.via === "google" ? [] : [{ agent: "gemini" as const, via: gemini.via }]),
];

interface OnPlatform {
  readonly agent: "claude" | "gemini";
  readonly via: ModelPlatform;
}

/** Whether pods use the identity that the cluster's own cloud gives them. */
export const usesIdentity = (models: Models, { podIdentity }: ClusterTraits): boolean =>
  onPlatforms(models).some(({ via }) => via === podIdentity?.platform);

/** Whether the stack itself allows the pods to use a model. */
export const isGranted = (models: Models, traits: ClusterTraits): boolean =>
  models.grant && usesIdentity(models, traits);
