import { type Finding, findIf, forbidden, invalid, required } from "../../config/findings";
import type { Path } from "../../config/path";
import { apiKeys } from "./api-keys";
import { config } from "./config";
import { isGranted, type Models, models, onPlatforms } from "./models";
import { extraEnv, extraEnvFrom } from "./pods/variables";
import { clusterRule, rule, warning } from "./section";
import { serviceAccount } from "./service-account";

const CLAUDE: Path = ["models", "claude"];
const GEMINI: Path = ["models", "gemini"];

/** The keys under `claude` that each platform reads. */
const READS = {
  anthropic: [],
  bedrock: ["region"],
  vertex: ["region", "project"],
  foundry: ["resource", "resourceId"],
} as const satisfies Record<Models["claude"]["via"], readonly (keyof Models["claude"])[]>;
const PLACES = ["region", "project", "resource", "resourceId"] as const;

function checkPlaces({ claude, gemini }: Models): Finding[] {
  const read: readonly string[] = READS[claude.via];
  const without = (at: Path, via: string): Finding => forbidden(at, `via is ${via}, which does not use it`);
  return [
    ...PLACES.filter((key) => claude[key] !== undefined && !read.includes(key)).map((key) =>
      without([...CLAUDE, key], claude.via),
    ),
    ...(["region", "project"] as const)
      .filter((key) => gemini[key] !== undefined && gemini.via === "google")
      .map((key) => without([...GEMINI, key], gemini.via)),
    ...findIf(claude.via === "bedrock" && claude.region === undefined, () =>
      required([...CLAUDE, "region"], "<region>"),
    ),
    ...findIf(claude.via === "vertex" && claude.project === undefined, () =>
      required([...CLAUDE, "project"], "<project id>"),
    ),
    ...findIf(gemini.via === "vertex" && gemini.project === undefined, () =>
      required([...GEMINI, "project"], "<project id>"),
    ),
    ...findIf(claude.resource !== undefined && claude.resourceId !== undefined, () =>
      forbidden([...CLAUDE, "resource"], "resourceId contains it"),
    ),
  ];
}

/** A model or an inference profile: access is granted to these names, which an alias such as `opus` is not. */
const ON_BEDROCK = /^(arn:aws[a-z-]*:bedrock:.+|([a-z]+(-[a-z]+)?\.)?anthropic\.[\w.:-]+)(\[\w+\])?$/;

/** Variables by which a pod has credentials of its own for a platform, or for a gateway in front of it. */
const CREDENTIALS = {
  bedrock: /^(AWS_(?!REGION$|DEFAULT_REGION$)|CLAUDE_CODE_SKIP_BEDROCK_AUTH$)/,
  vertex: /^(GOOGLE_A|CLAUDE_CODE_SKIP_VERTEX_AUTH$)/,
  foundry: /^(AZURE_|ANTHROPIC_FOUNDRY_A|CLAUDE_CODE_SKIP_FOUNDRY_AUTH$)/,
} as const;
const A_CREDENTIAL = {
  bedrock: "AWS_BEARER_TOKEN_BEDROCK",
  vertex: "GOOGLE_APPLICATION_CREDENTIALS",
  foundry: "ANTHROPIC_FOUNDRY_API_KEY",
} as const;

export const rules = [
  rule({ models }, ({ models: given }) => checkPlaces(given)),
  rule({ models, config }, ({ models: { claude }, config: { model: ofAll } }) => {
    const chosen = claude.model ?? ofAll;
    const at: Path =
      claude.model === undefined && ofAll !== undefined ? ["config", "model"] : [...CLAUDE, "model"];
    return [
      ...findIf(claude.model !== undefined && ofAll !== undefined, () =>
        forbidden([...CLAUDE, "model"], "config.model is set, and applies to every agent"),
      ),
      ...findIf(claude.via !== "anthropic" && chosen === undefined, () =>
        required(
          at,
          "<model>",
          `on ${claude.via}, an agent has no model by default that every account can use`,
        ),
      ),
      ...(claude.via === "bedrock"
        ? [
            { key: at, value: chosen },
            { key: [...CLAUDE, "smallModel"] as Path, value: claude.smallModel },
          ].flatMap(({ key, value }) =>
            findIf(value !== undefined && !ON_BEDROCK.test(value), () =>
              invalid(
                key,
                value,
                "must be the id or ARN of a model or an inference profile of Bedrock, such as eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "<model id>",
              ),
            ),
          )
        : []),
    ];
  }),
  clusterRule({ models }, ({ models: given }, traits) => {
    const { via, resource, resourceId } = given.claude;
    if (via !== "foundry" || resourceId !== undefined) return [];
    if (isGranted(given, traits))
      return [required([...CLAUDE, "resourceId"], "<resource id>", "models.grant assigns a role on it")];
    return resource === undefined ? [required([...CLAUDE, "resource"], "<name>")] : [];
  }),
  clusterRule(
    { models, apiKeys, extraEnv, extraEnvFrom, serviceAccount },
    ({ models: given, ...pods }, { podIdentity }) => {
      if (podIdentity === undefined) return [];
      const hasCredentials = (platform: keyof typeof CREDENTIALS): boolean =>
        pods.apiKeys.existingSecret !== undefined ||
        pods.extraEnvFrom.length > 0 ||
        pods.extraEnv.some(({ name }) => CREDENTIALS[platform].test(name)) ||
        Object.keys(pods.serviceAccount.annotations).length > 0;
      return onPlatforms(given).flatMap(({ agent, via }) =>
        findIf(via !== podIdentity.platform && !hasCredentials(via), () =>
          invalid(
            ["models", agent, "via"],
            via,
            `must be ${podIdentity.platform}, where this cluster's pods have an identity, unless a Secret has credentials for ${via}`,
            { at: ["apiKeys", "existingSecret"], value: `<Secret with ${A_CREDENTIAL[via]}>` },
          ),
        ),
      );
    },
  ),
  clusterRule({ models, serviceAccount }, ({ models: given, serviceAccount: account }, traits) => {
    const annotation = traits.podIdentity?.annotation;
    if (annotation === undefined || !isGranted(given, traits)) return [];
    return [
      ...findIf(!account.create, () =>
        forbidden(
          ["serviceAccount", "create"],
          `models.grant needs the annotation ${annotation} on the service account`,
        ),
      ),
      ...findIf(annotation in account.annotations, () =>
        forbidden(["serviceAccount", "annotations", annotation], "models.grant sets it"),
      ),
    ];
  }),
];

export const warnings = [
  warning({ models, apiKeys }, ({ models: given, apiKeys: keys }) =>
    onPlatforms(given)
      .filter(({ agent }) => keys[agent] !== undefined)
      .map(
        ({ agent, via }) =>
          `apiKeys.${agent} is not used, because models.${agent}.via is ${via}: ` +
          `pulumi config rm --path ralph:apiKeys.${agent}`,
      ),
  ),
];
