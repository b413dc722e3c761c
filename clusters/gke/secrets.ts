import { getProjectOutput } from "@pulumi/gcp/organizations/getProject";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { Service } from "@pulumi/gcp/projects/service";
import * as pulumi from "@pulumi/pulumi";
import type { SecretAccess, SecretSource } from "../types";
import type { Scope } from "./scope";

/** Allows one service account to read the secrets of Secret Manager whose names have a prefix. */
export function grantSecrets(
  { name, project, options }: Scope,
  needed: readonly pulumi.Resource[],
  { reader, prefix }: SecretAccess,
): SecretSource {
  const { number } = getProjectOutput({ projectId: project }, { dependsOn: [...needed] });
  const api = new Service(
    `${name}-secrets-api`,
    // It stays enabled: other stacks and users share the project.
    { project, service: "secretmanager.googleapis.com", disableOnDestroy: false },
    options({ dependsOn: [...needed] }),
  );
  const role = new IAMMember(
    `${name}-secrets`,
    {
      project,
      role: "roles/secretmanager.secretAccessor",
      member: pulumi.interpolate`principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${project}.svc.id.goog/subject/ns/${reader.namespace}/sa/${reader.name}`,
      // The name of a version begins with that of its secret, which has the project's number:
      // https://cloud.google.com/iam/docs/conditions-resource-attributes#resource-name
      condition: {
        title: `secrets ${prefix}*`,
        expression: pulumi.interpolate`resource.name.startsWith("projects/${number}/secrets/${prefix}")`,
      },
    },
    options({ dependsOn: [...needed] }),
  );
  return {
    grants: [api, role],
    annotations: {},
    provider: {
      gcpsm: { projectID: project, auth: { workloadIdentity: { serviceAccountRef: { name: reader.name } } } },
    },
  };
}
