import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type * as pulumi from "@pulumi/pulumi";
import { RALPH } from "../names";
import { isToolsOwn } from "../gitops";
import { DELETED_AT_ONCE, KEEPS_ITS_NAME, type Scope } from "../scope";
import { applicationOf, guidesName } from "../guides-name";

/**
 * The Argo CD Application that syncs the namespace with the rendered manifests in a repository (guide, GitOps). It
 * ignores fields that the server or this program sets, which Argo CD would otherwise revert.
 */
export function argocdApplication(scope: Scope, dependsOn: pulumi.Resource[]): CustomResource | undefined {
  const { name, namespace, config, metadata, elsewhere, options } = scope;
  const { argocd, gitops } = config;
  const owns = gitops.tool === "argocd" && isToolsOwn(config);
  if (!argocd.enabled && !owns) return undefined;
  return new CustomResource(
    `${name}-argocd-application`,
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: {
        ...metadata(elsewhere(RALPH), undefined, DELETED_AT_ONCE),
        name: guidesName(scope, elsewhere(RALPH), applicationOf(name, argocd.namespace)),
        namespace: argocd.namespace,
        // A deletion waits until Argo CD has deleted the objects: their pods hold the claims.
        ...(owns ? { finalizers: ["resources-finalizer.argocd.argoproj.io"] } : {}),
      },
      spec: {
        project: argocd.project,
        source: { repoURL: argocd.repoURL, targetRevision: argocd.targetRevision, path: argocd.path },
        destination: { server: argocd.destinationServer, namespace },
        syncPolicy: {
          automated: { prune: true, selfHeal: true },
          syncOptions: ["ServerSideApply=true", "RespectIgnoreDifferences=true"],
        },
        ignoreDifferences: [
          { group: "apps", kind: "Deployment", jsonPointers: ["/spec/replicas"] },
          {
            group: "apps",
            kind: "Deployment",
            jqPathExpressions: ['.spec.template.metadata.annotations."checksum/secrets"'],
          },
          // A run that is over or under way is not started again, whatever changes in its Job.
          ...(owns ? [{ group: "batch", kind: "Job", jsonPointers: ["/spec"] }] : []),
        ],
      },
    },
    options({ ignoreChanges: KEEPS_ITS_NAME, dependsOn }),
  );
}
