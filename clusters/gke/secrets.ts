import { IAMMember } from "@pulumi/gcp/projects/iammember";
import * as pulumi from "@pulumi/pulumi";
import type { SecretAccess, SecretSource } from "../types";
import { enableApi } from "./apis";
import { podMember } from "./pod-identity";
import type { Scope } from "./scope";

/** Allows one service account to read the secrets of Secret Manager whose names have a prefix. */
export function grantSecrets(
  scope: Scope,
  needed: readonly pulumi.Resource[],
  { reader, prefix }: SecretAccess,
): SecretSource {
  const { name, project, options } = scope;
  const { member, number } = podMember(scope, needed, reader);
  const api = enableApi(scope, "secrets", "secretmanager", { needed });
  const role = new IAMMember(
    `${name}-secrets`,
    {
      project,
      role: "roles/secretmanager.secretAccessor",
      member,
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
