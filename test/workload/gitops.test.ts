/**
 * Proves who creates what, for every object of a configuration that has everything: by default this program; with a tool
 * that owns the workload the program creates what holds a secret, data or an identity, the rendered files have the rest, and
 * no object is in both or in neither. Before the change, the objects are marked to outlive it. What the engine
 * and an API server make of it: test/nightly/gitops.test.ts.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

import { renderFiles } from "../../operations/render/files";
import { workloadObjects } from "../../operations/render/objects";
import { publish } from "../../operations/render/publish";
import { readStackConfig } from "../../operations/render/stack-config";
import { refuseUnprepared } from "../../workload/gitops";
import { type Registered, type StackConfig, runStack, type StackRun } from "../support/stack";
import { EVERYTHING, KIND, manifest } from "../support/workload";

const REPO = "https://git.example.com/ralph/manifests";
const BASE: StackConfig = {
  ...EVERYTHING,
  smoke: {},
  argocd: {},
  login: {
    enabled: true,
    issuer: "https://login.example.com",
    clientId: "ralph",
    clientSecret: "canary-login",
    emailDomains: ["example.com"],
  },
  gateway: { enabled: true, parentRefs: [{ name: "web", namespace: "gateways" }] },
  trustedCA: { existingConfigMap: "corporate-ca" },
};
const FLUX: StackConfig = { ...BASE, gitops: { tool: "flux", owns: "workload" }, flux: { repoURL: REPO } };
const ARGO: StackConfig = {
  ...BASE,
  gitops: { tool: "argocd", owns: "workload" },
  argocd: { repoURL: REPO },
};

const named = ({ inputs: { kind, metadata } }: Registered): string => `${kind} ${metadata.name}`;
const objects = ({ resources }: StackRun): Registered[] =>
  resources.filter(({ type }) => type.startsWith("kubernetes:"));
const names = (run: StackRun): string[] => objects(run).map(named).sort();

/** What the program keeps. */
const HELD = [
  "ConfigMap prometheus-config",
  "Namespace ralph-orchestrator",
  "PersistentVolumeClaim ralph-cache",
  "PersistentVolumeClaim ralph-workspace",
  "Role ralph-role",
  "RoleBinding ralph-rolebinding",
  "Secret ralph-git",
  "Secret ralph-login",
  "Secret ralph-secrets",
  "Secret regcred",
  "ServiceAccount ralph-sa",
];

describe("a GitOps tool", () => {
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), "gitops-"))));
  after(() => rmSync(dir, { recursive: true }));

  async function rendered(config: StackConfig): Promise<Map<string, string>> {
    const file = join(dir, "Pulumi.test.yaml");
    const values = Object.entries(config).map(([key, value]) => [`ralph:${key}`, value]);
    writeFileSync(file, stringify({ config: Object.fromEntries(values) as object }));
    return renderFiles(publish(await workloadObjects("test", readStackConfig(file))), {
      stack: "test",
      folder: "k8s",
    });
  }
  const inFiles = async (config: StackConfig): Promise<string[]> => {
    const { apiKeys, imagePullSecrets, git, ...plain } = config;
    const secret = { secure: "v1:abc:def" };
    const files = await rendered({
      ...plain,
      apiKeys: { claude: secret },
      imagePullSecrets: [{ name: "regcred", server: "ghcr.io", username: "USERNAME", password: secret }],
      git: { ...(git as object), privateKey: secret },
      login: { ...(config.login as object), clientSecret: secret },
    });
    void [apiKeys, imagePullSecrets];
    return [...files].flatMap(([path, text]) => {
      const [, kind] = /^kind: (.*)$/m.exec(text) ?? [];
      const [, name] = /^metadata:\n {2}name: (.*)$/m.exec(text) ?? [];
      return path.endsWith(".yaml") ? [`${kind} ${name}`] : [];
    });
  };

  it("is none by default, and changes nothing", async () => {
    const run = await runStack({ config: BASE });
    assert.deepEqual(
      objects(run).filter(({ retainOnDelete }) => retainOnDelete),
      [],
    );
    const [home] = run.ofType(KIND.namespace);
    assert.equal(home?.inputs.metadata.labels["ralph-orchestrator/gitops"], undefined);
    assert.deepEqual(
      names(run).filter((name) => /GitRepository|Kustomization|Application/.test(name)),
      [],
    );
  });

  for (const [tool, config, own] of [
    ["flux", FLUX, ["GitRepository ralph-orchestrator", "Kustomization ralph-orchestrator"]],
    ["argocd", ARGO, ["Application ralph-orchestrator"]],
  ] as const)
    it(`${tool} owns what the files have, and no object has two owners or none`, async () => {
      const ours = names(await runStack({ config }));
      assert.deepEqual(ours, [...HELD, ...own].sort());
      const files = await inFiles(config);
      assert.deepEqual(
        files.filter((name) => ours.includes(name)),
        [],
      );
      assert.deepEqual([...HELD, ...files].sort(), names(await runStack({ config: BASE })));
    });

  it("gets no Secret, and a README that sends no one to kubectl", async () => {
    const files = await rendered({ ...FLUX, apiKeys: {}, imagePullSecrets: [], git: {}, login: {} });
    assert.ok(![...files.values()].some((text) => text.includes("kind: Secret")));
    assert.doesNotMatch(files.get("README.md") ?? "", /kubectl/);
  });

  it("is prepared for by an update that marks what it will own, and nothing else", async () => {
    const run = await runStack({ config: { ...FLUX, gitops: { tool: "flux" } } });
    const marked = objects(run).filter(({ retainOnDelete }) => retainOnDelete);
    const others = objects(run).filter(({ retainOnDelete }) => !retainOnDelete);
    assert.deepEqual(others.map(named).sort(), HELD);
    assert.deepEqual([...marked, ...others].map(named).sort(), names(await runStack({ config: BASE })));
    const [home] = run.ofType(KIND.namespace);
    assert.equal(home?.inputs.metadata.labels["ralph-orchestrator/gitops"], "nothing");
    assert.ok(!home?.ignoreChanges?.some((path) => path.includes("gitops")));
  });

  it("does not take over a workload that the engine would delete: the state lacks the label", async () => {
    const [home] = (await runStack({ config: FLUX })).ofType(KIND.namespace);
    assert.deepEqual(home?.ignoreChanges, ["metadata.name", 'metadata.labels["ralph-orchestrator/gitops"]']);
    const config = { gitops: { tool: "flux", owns: "workload" } } as const;
    const refused = /^ralph:gitops\.owns cannot become workload yet[^]*gitops\.owns nothing && pulumi up/;
    assert.throws(() => refuseUnprepared(config, { app: "ralph-orchestrator" }), { message: refused });
    for (const label of ["nothing", "workload"])
      refuseUnprepared(config, { "ralph-orchestrator/gitops": label });
    refuseUnprepared({ gitops: { tool: "none", owns: "nothing" } }, {});
  });

  it("runs no task again when its Job changes", async () => {
    const { "07-job-ralph-task.yaml": job = "" } = Object.fromEntries(
      await rendered({ ...FLUX, apiKeys: {}, imagePullSecrets: [], git: {}, login: {} }),
    );
    assert.match(job, /\n {2}annotations:\n {4}kustomize\.toolkit\.fluxcd\.io\/ssa: IfNotPresent\n/);
    const [application] = (await runStack({ config: ARGO })).ofType(KIND.application);
    assert.deepEqual(application?.inputs.spec.ignoreDifferences.at(-1), {
      group: "batch",
      kind: "Job",
      jsonPointers: ["/spec"],
    });
  });

  it("cannot apply an image that `pulumi up` builds", async () => {
    const image = { build: true, repository: "registry.example.com/ralph" };
    await assert.rejects(
      rendered({ ...FLUX, apiKeys: {}, imagePullSecrets: [], git: {}, login: {}, image }),
      /ralph:image\.build\s+must be false if gitops\.owns is workload: no file can name an image/,
    );
  });

  it("leaves the number of workers to the autoscaler", async () => {
    const files = await rendered({ ...FLUX, apiKeys: {}, imagePullSecrets: [], git: {}, login: {} });
    assert.doesNotMatch(files.get("04-deployment.yaml") ?? "", /replicas:/);
  });
});

describe("the objects of Flux", () => {
  it("give the pods the checksums of the Secrets, as the program's own Deployments have them", async () => {
    const [kustomization] = (await runStack({ config: FLUX })).ofType(
      "kubernetes:kustomize.toolkit.fluxcd.io/v1:Kustomization",
    );
    const own = (await runStack({ config: BASE })).ofType(KIND.deployment);
    assert.deepEqual(
      (kustomization?.inputs.spec.patches as { target: object; patch: string }[]).map(
        ({ target, patch }) => ({
          target,
          patch: JSON.parse(patch) as object,
        }),
      ),
      own.map(({ inputs: { metadata, spec } }) => ({
        target: { kind: "Deployment", name: metadata.name },
        patch: {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: metadata.name },
          spec: {
            template: {
              metadata: {
                annotations: { "checksum/secrets": spec.template.metadata.annotations["checksum/secrets"] },
              },
            },
          },
        },
      })),
    );
  });

  it("may delete a task that they take over", async () => {
    const [task] = (await runStack({ config: { ...FLUX, gitops: { tool: "flux" } } })).ofType(KIND.job);
    const labels = Object.entries(task?.inputs.metadata.labels as object);
    assert.deepEqual(
      labels.filter(([key]) => key.includes("fluxcd")),
      [
        ["kustomize.toolkit.fluxcd.io/name", "ralph-orchestrator"],
        ["kustomize.toolkit.fluxcd.io/namespace", "flux-system"],
      ],
    );
  });

  it("apply one folder of the repository, after everything that it needs", async () => {
    const run = await runStack({
      config: {
        ...FLUX,
        namespace: "agents",
        flux: {
          repoURL: REPO,
          branch: "automation/render",
          path: "deploy/prod",
          interval: "1m",
          secretName: "token",
        },
      },
    });
    const [source] = run.ofType("kubernetes:source.toolkit.fluxcd.io/v1:GitRepository");
    const [kustomization] = run.ofType("kubernetes:kustomize.toolkit.fluxcd.io/v1:Kustomization");
    const metadata = `
        metadata:
          name: ralph-orchestrator-agents
          namespace: flux-system
          labels: { app: ralph-orchestrator, app.kubernetes.io/name: ralph-orchestrator }`;
    assert.deepEqual(
      source?.inputs,
      manifest(`
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: GitRepository${metadata}
        spec:
          url: ${REPO}
          ref: { branch: automation/render }
          interval: 1m
          secretRef: { name: token }
      `),
    );
    const { patches, ...spec } = kustomization?.inputs.spec as { patches: unknown };
    assert.ok(Array.isArray(patches));
    assert.deepEqual(
      { ...kustomization?.inputs, spec },
      manifest(`
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization${metadata}
        spec:
          sourceRef: { kind: GitRepository, name: ralph-orchestrator-agents }
          path: ./deploy/prod
          interval: 1m
          prune: true
          deletionPolicy: WaitForTermination
      `),
    );
    const needed = [KIND.claim, KIND.secret, KIND.serviceAccount].flatMap(run.ofType).map(({ urn }) => urn);
    assert.ok(needed.length > 5);
    for (const urn of [...needed, source?.urn ?? ""])
      assert.ok(kustomization?.dependencies.includes(urn), urn);
  });
});
