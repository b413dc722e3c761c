import { IAMMember } from "@pulumi/gcp/projects/iammember";
import type * as pulumi from "@pulumi/pulumi";
import type { Granted, ModelAccess } from "../types";
import { enableApi } from "./apis";
import { podMember } from "./pod-identity";
import type { Scope } from "./scope";

/** Allows one service account to call the models that Vertex AI has in these projects. */
export function grantModels(
  scope: Scope,
  needed: readonly pulumi.Resource[],
  { vertex, serviceAccount }: ModelAccess,
): Granted {
  const { name, options } = scope;
  const { member } = podMember(scope, needed, serviceAccount);
  const grants = (vertex?.projects ?? []).flatMap((project) => {
    const suffix = `models-${project.replace(":", "-")}`;
    const api = enableApi(scope, suffix, "aiplatform", { project, needed });
    const role = new IAMMember(
      `${name}-${suffix}`,
      { project, role: "roles/aiplatform.user", member },
      options({ dependsOn: [...needed] }),
    );
    return [api, role];
  });
  return { grants, annotations: {} };
}
