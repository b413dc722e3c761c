import { getProjectOutput } from "@pulumi/gcp/organizations/getProject";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { Service } from "@pulumi/gcp/projects/service";
import * as pulumi from "@pulumi/pulumi";
import type { Granted, ModelAccess } from "../types";
import type { Scope } from "./scope";

/** Allows one service account to call the models that Vertex AI has in these projects. */
export function grantModels(
  { name, project, options }: Scope,
  needed: readonly pulumi.Resource[],
  { vertex, serviceAccount }: ModelAccess,
): Granted {
  const { number } = getProjectOutput({ projectId: project }, { dependsOn: [...needed] });
  // https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
  const member = pulumi.interpolate`principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${project}.svc.id.goog/subject/ns/${serviceAccount.namespace}/sa/${serviceAccount.name}`;
  const grants = (vertex?.projects ?? []).flatMap((each) => {
    const suffix = `models-${each.replace(":", "-")}`;
    const api = new Service(
      `${name}-${suffix}-api`,
      // It stays enabled: other stacks and users share the project.
      { project: each, service: "aiplatform.googleapis.com", disableOnDestroy: false },
      options({ dependsOn: [...needed] }),
    );
    const role = new IAMMember(
      `${name}-${suffix}`,
      { project: each, role: "roles/aiplatform.user", member },
      options({ dependsOn: [...needed] }),
    );
    return [api, role];
  });
  return { grants, annotations: {} };
}
