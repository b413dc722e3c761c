/**
 * Proves the policy for images: the manifests, which references it allows, that every image the program deploys passes it,
 * and that pods are created once it is in force. That the server decides so is in test/engine/enforcement.test.ts.
 */
import assert from "node:assert/strict";
import { schema, type RalphConfig } from "../../workload/keys";
import { allowedImages } from "../../workload/image/allowed";
import { CERTIFICATE } from "../support/certificate";
import type { StackConfig, StackRun } from "../support/stack";
import { changed, defaults, EVERYTHING, KIND, manifest, podOf } from "../support/workload";

const POLICY = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";
const BINDING = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding";
const DIGEST = `@sha256:${"a".repeat(64)}`;

describe("ValidatingAdmissionPolicy ralph-images", () => {
  it("does not exist by default", async () => {
    const run = await defaults();
    assert.deepEqual([...run.ofType(POLICY), ...run.ofType(BINDING)], []);
  });

  it("binds the namespace, and checks what creates pods by the same rules", async () => {
    const run = await changed({ policy: { images: "warn" }, namespace: "team" });
    const metadata = `
        metadata:
          name: ralph-images-team
          annotations: { pulumi.com/patchForce: "true" }
          labels: { app: ralph-orchestrator, app.kubernetes.io/name: ralph-orchestrator }`;
    assert.deepEqual(
      run.find(BINDING, "ralph-images-team").inputs,
      manifest(`
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding${metadata}
        spec:
          policyName: ralph-images-team
          validationActions: [Warn, Audit]
          matchResources: { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: team } } }
      `),
    );
    const { spec, ...policy } = run.find(POLICY, "ralph-images-team").inputs;
    assert.deepEqual(
      policy,
      manifest(`
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy${metadata}
      `),
    );
    assert.equal(spec.failurePolicy, "Fail");
    const rule = (group: string, resources: string[]) => ({
      apiGroups: [group],
      apiVersions: ["v1"],
      operations: ["CREATE", "UPDATE"],
      resources,
    });
    assert.deepEqual(spec.matchConstraints, {
      resourceRules: [
        rule("", ["pods", "pods/ephemeralcontainers"]),
        rule("apps", ["deployments"]),
        rule("batch", ["jobs", "cronjobs"]),
      ],
    });
    assert.deepEqual(allowedOf(run), [
      "^ghcr[.]io/mikeyobrien/ralph-orchestrator(:[^/@]+)?(@sha256:[a-f0-9]{64})?$",
    ]);
  });

  const everything: StackConfig = {
    ...EVERYTHING,
    trustedCA: { certificates: CERTIFICATE },
    initContainers: [{ name: "clone", image: `git${DIGEST}` }],
    sidecars: [{ name: "proxy", image: "localhost:5000/envoy:v1" }],
    image: { registry: "mirror.example.com", digest: DIGEST.slice(1) },
    login: {
      enabled: true,
      issuer: "https://id.example.com",
      clientId: "ralph",
      clientSecret: "s",
      emailDomains: ["*"],
    },
    policy: { images: "deny" },
  };

  it("allows every image that the program deploys, and is in force before those pods", async () => {
    const began = performance.now();
    const run = await changed(everything);
    assert.ok(performance.now() - began > 1000, "the server reads policies once a second");
    const allowed = allowedOf(run).map((pattern) => new RegExp(pattern));
    const owners = [KIND.deployment, KIND.job, KIND.cronJob].flatMap(run.ofType);
    const images = owners.flatMap((owner) => {
      const { containers, initContainers = [] } = podOf(owner).spec;
      return [...containers, ...initContainers].map(({ image }: { image: string }) => image);
    });
    assert.deepEqual([...new Set(images)].sort(), [
      `git${DIGEST}`,
      "localhost:5000/envoy:v1",
      `mirror.example.com/mikeyobrien/ralph-orchestrator${DIGEST}`,
      "mirror.example.com/oauth2-proxy/oauth2-proxy:v7.15.6",
    ]);
    for (const image of images)
      assert.ok(
        allowed.some((pattern) => pattern.test(image)),
        image,
      );
    const [binding] = run.ofType(BINDING);
    for (const { name, inputs, dependencies } of owners)
      if (inputs.metadata.name !== "ralph-login") assert.ok(dependencies.includes(binding?.urn ?? ""), name);
  });

  const config = (given: object): RalphConfig =>
    Object.fromEntries(
      Object.entries(schema).map(([key, each]) => [
        key,
        each.parse((given as Record<string, unknown>)[key] ?? (key === "replicaCount" ? 1 : undefined)),
      ]),
    ) as RalphConfig;
  const RALPH = `registry.example.com/ralph${DIGEST}`;
  const policy = { allowedRegistries: ["ghcr.io/team", "registry.example.com:5000"] };
  const cases: [image: string, given: object, isAllowed: boolean][] = [
    [RALPH, {}, true],
    [`registry.example.com/ralph@sha256:${"b".repeat(64)}`, {}, true],
    ["registry.example.com/ralph:v1", {}, false],
    [`registry.example.com/ralph:v1${DIGEST}`, {}, true],
    [`registry.example.com/ralph-2${DIGEST}`, {}, false],
    [`registryXexample.com/ralph${DIGEST}`, {}, false],
    [`evil.example.com/registry.example.com/ralph${DIGEST}`, {}, false],
    [`registry.example.com/ralph${DIGEST}/more`, {}, false],
    ["registry.example.com/ralph:v1", { policy: { requireDigest: false } }, true],
    [`ghcr.io/team/a/b${DIGEST}`, {}, false],
    [`ghcr.io/team/a/b${DIGEST}`, { policy }, true],
    [`ghcr.io/team-2/a${DIGEST}`, { policy }, false],
    ["ghcr.io/team/a:v1", { policy }, false],
    ["ghcr.io/team/a:v1", { policy: { ...policy, requireDigest: false } }, true],
    [`registry.example.com:5000/a${DIGEST}`, { policy }, true],
    [`registry.example.com:6000/a${DIGEST}`, { policy }, false],
    ["envoy:v2", { sidecars: [{ name: "a", image: "envoy:v1" }] }, true],
    ["envoy", { sidecars: [{ name: "a", image: `envoy${DIGEST}` }] }, false],
    ["quay.io/jetstack/cert-manager-acmesolver:v1.21.2", {}, false],
    [
      "quay.io/jetstack/cert-manager-acmesolver:v1.21.2",
      { ingress: { certManager: { clusterIssuer: "letsencrypt" } } },
      true,
    ],
  ];
  for (const [image, given, isAllowed] of cases)
    it(`${isAllowed ? "allows" : "refuses"} ${image.replace(DIGEST, "@<digest>")} with ${JSON.stringify(given).replace(DIGEST, "@<digest>")}`, () => {
      const patterns = allowedImages(config(given), RALPH);
      assert.equal(
        patterns.some((pattern) => new RegExp(pattern).test(image)),
        isAllowed,
        patterns.join("\n"),
      );
    });

  const allowedOf = (run: StackRun): string[] => {
    const [policy] = run.ofType(POLICY);
    const variables = policy?.inputs.spec.variables as { name: string; expression: string }[];
    return JSON.parse(variables.find(({ name }) => name === "allowed")?.expression ?? "") as string[];
  };
});
