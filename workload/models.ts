import type { ClusterTraits, ModelAccess } from "../clusters/types";
import type { RalphConfig } from "./keys";
import { ANY_REGION, isGranted, usesIdentity } from "./keys/models";

/** The model of Claude Code: its own key, or that of all agents. */
const modelOf = ({ models, config }: RalphConfig): string | undefined => models.claude.model ?? config.model;

const nameIn = (resourceId: string): string => resourceId.split("/").at(-1) ?? "";

/** How Claude Code finds each platform: https://code.claude.com/docs/en/third-party-integrations */
const CLAUDE = {
  anthropic: () => ({}),
  bedrock: ({ region }) => ({ CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: region }),
  vertex: ({ region, project }) => ({
    CLAUDE_CODE_USE_VERTEX: "1",
    CLOUD_ML_REGION: region ?? ANY_REGION,
    ANTHROPIC_VERTEX_PROJECT_ID: project,
  }),
  foundry: ({ resource, resourceId }) => ({
    CLAUDE_CODE_USE_FOUNDRY: "1",
    ANTHROPIC_FOUNDRY_RESOURCE: resource ?? nameIn(resourceId ?? ""),
  }),
} satisfies Record<
  RalphConfig["models"]["claude"]["via"],
  (claude: RalphConfig["models"]["claude"]) => Record<string, string | undefined>
>;

/**
 * The variables by which agents find their models. On a platform, every alias of Claude Code is the one model that is
 * named: others need not exist there, and no access is granted to them.
 */
export function modelVariables(ralph: RalphConfig): Record<string, string> {
  const { claude, gemini } = ralph.models;
  const onPlatform = claude.via === "anthropic" ? undefined : modelOf(ralph);
  const variables: Record<string, string | undefined> = {
    ...CLAUDE[claude.via](claude),
    ANTHROPIC_MODEL: claude.model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: onPlatform,
    ANTHROPIC_DEFAULT_SONNET_MODEL: onPlatform,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: claude.smallModel ?? onPlatform,
    // https://geminicli.com/docs/get-started/authentication
    ...(gemini.via === "google"
      ? {}
      : {
          GOOGLE_GENAI_USE_VERTEXAI: "true",
          GOOGLE_CLOUD_PROJECT: gemini.project,
          GOOGLE_CLOUD_LOCATION: gemini.region ?? ANY_REGION,
        }),
  };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The identity that the cloud gives the pods, if their models need it. */
export const identityOf = ({ models }: RalphConfig, traits: ClusterTraits): ClusterTraits["podIdentity"] =>
  usesIdentity(models, traits) ? traits.podIdentity : undefined;

/** What the cloud must allow the pods; undefined if nothing, or if that is the user's to do. */
export function modelAccess(ralph: RalphConfig, traits: ClusterTraits): ModelAccess | undefined {
  const { models, namespace, serviceAccount } = ralph;
  if (!isGranted(models, traits)) return undefined;
  const { claude, gemini } = models;
  const account = { serviceAccount: { namespace, name: serviceAccount.name } };
  switch (traits.podIdentity?.platform) {
    case "bedrock":
      return {
        ...account,
        bedrock: {
          region: claude.region ?? "",
          models: [...new Set([modelOf(ralph), claude.smallModel])].filter((each) => each !== undefined),
        },
      };
    case "vertex": {
      const projects = [claude.project, gemini.project].filter((each) => each !== undefined);
      return { ...account, vertex: { projects: [...new Set(projects)] } };
    }
    case "foundry":
      return { ...account, foundry: { resourceId: claude.resourceId ?? "" } };
    default:
      return undefined;
  }
}
