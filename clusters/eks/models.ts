import type { Granted, ModelAccess } from "../types";
import type { ControlPlane } from "./control-plane";
import { createPodAccess } from "./pod-access";
import { partition, type Scope } from "./scope";

/** Allows one service account to call these models on Bedrock, and nothing else. */
export function grantModels(
  scope: Scope,
  controlPlane: ControlPlane,
  { bedrock, serviceAccount }: ModelAccess,
): Granted {
  if (bedrock === undefined) return { grants: [], annotations: {} };
  const { region, models } = bedrock;
  const place = { partition: partition(region), region };
  const grants = createPodAccess(scope, controlPlane, "models", serviceAccount, (account) =>
    account.apply((id) => models.flatMap((model) => statements(model, { ...place, account: id }))),
  );
  return { grants, annotations: {} };
}

interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

const INVOKE = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];

/**
 * A model may be called directly, or through an inference profile, which sends calls to the model in several regions:
 * those are allowed only by way of that profile. `*` also stands for the absent region of global profiles.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
export function statements(name: string, { partition: of, region, account }: Place): object[] {
  const model = name.replace(/\[\w+\]$/, ""); // Claude Code's suffix for a larger context
  const allow = (actions: readonly string[], resource: string, more: object = {}) => ({
    Effect: "Allow",
    Action: actions,
    Resource: resource,
    ...more,
  });
  const isProfile =
    model.includes(":inference-profile/") || model.includes(":application-inference-profile/");
  if (!isProfile && model.startsWith("arn:")) return [allow(INVOKE, model)];
  if (!isProfile && model.startsWith("anthropic."))
    return [allow(INVOKE, `arn:${of}:bedrock:${region}::foundation-model/${model}`)];

  const profile = isProfile ? model : `arn:${of}:bedrock:${region}:${account}:inference-profile/${model}`;
  // The name of an application's own profile does not contain the model's.
  const behind = /\banthropic\..+$/.exec(profile)?.[0] ?? "anthropic.*";
  return [
    allow([...INVOKE, "bedrock:GetInferenceProfile"], profile),
    allow(INVOKE, `arn:${of}:bedrock:*::foundation-model/${behind}`, {
      Condition: { StringEquals: { "bedrock:InferenceProfileArn": profile } },
    }),
  ];
}
