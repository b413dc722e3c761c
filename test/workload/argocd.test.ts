/** Proves the Argo CD Application, off by default, and that leaves fields that others write alone. */
import assert from "node:assert/strict";
import { changed, defaults, everything, KIND, manifest } from "../support/workload";

describe("Argo CD Application ralph-orchestrator", () => {
  it("does not exist by default", async () => {
    assert.deepEqual((await defaults()).ofType(KIND.application), []);
  });

  it("is the guide's, and shares no field with another writer", async () => {
    assert.deepEqual(
      (await everything()).find(KIND.application, "ralph-orchestrator").inputs,
      manifest(`
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          annotations:
            pulumi.com/deletionPropagationPolicy: background
          name: ralph-orchestrator
          namespace: argocd
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          project: default
          source:
            repoURL: https://github.com/mikeyobrien/ralph-orchestrator
            targetRevision: HEAD
            path: k8s
          destination:
            server: https://kubernetes.default.svc
            namespace: ralph-orchestrator
          syncPolicy:
            automated:
              prune: true
              selfHeal: true
            syncOptions:
              - ServerSideApply=true
              - RespectIgnoreDifferences=true
          ignoreDifferences:
            - group: apps
              kind: Deployment
              jsonPointers: [/spec/replicas]
            - group: apps
              kind: Deployment
              jqPathExpressions: ['.spec.template.metadata.annotations."checksum/secrets"']
      `),
    );
  });

  it("has the configured source and destination", async () => {
    const run = await changed({
      namespace: "agents",
      argocd: {
        enabled: true,
        namespace: "gitops",
        project: "team",
        repoURL: "git@example.com:team/ralph.git",
        targetRevision: "v1",
        path: "rendered/prod",
        destinationServer: "https://other.example.com",
      },
    });
    const { metadata, spec } = run.find(KIND.application, "ralph-orchestrator-agents").inputs;
    assert.equal(metadata.namespace, "gitops");
    assert.equal(spec.project, "team");
    assert.deepEqual(spec.source, {
      repoURL: "git@example.com:team/ralph.git",
      targetRevision: "v1",
      path: "rendered/prod",
    });
    assert.deepEqual(spec.destination, { server: "https://other.example.com", namespace: "agents" });
  });
});
