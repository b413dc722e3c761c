import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { LOGIN, RALPH } from "../names";
import type { Scope } from "../scope";
import { secretChecksum } from "./deployment";
import { loginChecksum } from "./login";

/**
 * The repository with the rendered manifests, and what applies them (https://fluxcd.io/flux/components). A deletion waits
 * until Flux has deleted the objects: their pods hold the claims.
 */
export function fluxObjects(scope: Scope, dependsOn: pulumi.Resource[]): pulumi.Resource[] {
  const { name, config, metadata, elsewhere, options } = scope;
  const { tool } = config.gitops;
  const { namespace, repoURL: url, branch, path, interval, secretName } = config.flux;
  if (tool !== "flux" || config.gitops.owns !== "workload") return [];
  const own = { ...metadata(elsewhere(RALPH)), namespace };
  const repository = new CustomResource(
    `${name}-flux-source`,
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata: own,
      spec: {
        url,
        ref: { branch },
        interval,
        ...(secretName === undefined ? {} : { secretRef: { name: secretName } }),
      },
    },
    options({ dependsOn }),
  );
  const kustomization = new CustomResource(
    `${name}-flux`,
    {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: own,
      spec: {
        sourceRef: { kind: "GitRepository", name: elsewhere(RALPH) },
        path: `./${path}`,
        interval,
        prune: true,
        deletionPolicy: "WaitForTermination",
        patches: checksums(scope),
      },
    },
    options({ dependsOn: [...dependsOn, repository] }),
  );
  return [repository, kustomization];
}

/**
 * The checksums that no file has, since files have no Secrets: a changed one restarts the pods, and a workload that changes
 * hands keeps its own, so its pods are not restarted.
 */
const checksums = (scope: Scope): { target: object; patch: pulumi.Output<string> }[] =>
  [
    { name: RALPH, annotations: secretChecksum(scope) },
    ...(scope.config.login.enabled ? [{ name: LOGIN, annotations: loginChecksum(scope) }] : []),
  ]
    .filter(({ annotations }) => Object.keys(annotations).length > 0)
    .map(({ name, annotations }) => ({
      target: { kind: "Deployment", name },
      patch: pulumi.jsonStringify({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name },
        spec: { template: { metadata: { annotations } } },
      }),
    }));
