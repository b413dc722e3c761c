import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { RALPH } from "../names";
import { DELETED_AT_ONCE, KEEPS_ITS_NAME, type Scope } from "../scope";
import { applicationOf, guidesName } from "../guides-name";

/**
 * The Argo CD Application that syncs the namespace with the rendered manifests in a repository (guide, GitOps). It
 * ignores fields that the server or this program sets, which Argo CD would otherwise revert.
 */
export function argocdApplication(scope: Scope): CustomResource | undefined {
  const { name, namespace, config, metadata, elsewhere, options } = scope;
  const { argocd } = config;
  if (!argocd.enabled) return undefined;
  return new CustomResource(
    `${name}-argocd-application`,
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: {
        ...metadata(elsewhere(RALPH), undefined, DELETED_AT_ONCE),
        name: guidesName(scope, elsewhere(RALPH), applicationOf(name, argocd.namespace)),
        namespace: argocd.namespace,
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
        ],
      },
    },
    options({ ignoreChanges: KEEPS_ITS_NAME }),
  );
}
